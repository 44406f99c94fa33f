// A connection from its beginning to its end: what arrived, what was sent, and
// which states it went through.

import { element, problemOf, wantsProblem } from "./dialogs.js";
import { visibleLatin1 } from "./octet_text.js";
import { words as all } from "./words.js";

const words = all.xray;

/** @typedef {{ what: string, at: number, to: number, octets?: number, exchange?: number }} ConnectionEvent */
/** @typedef {{ id: number, method: string, target: string, status?: number }} Summary */
/** @typedef {{ connection: number, client: string, opened: string, events: ConnectionEvent[], dropped: number, droppedAt: number, exchanges: Summary[] }} Connection */

/** Milliseconds from which on a pause between two events is told. */
const LONG_PAUSE = 20;

/** @param {number} id of an exchange on it */
export async function connectionOf(id) {
  const response = await fetch(`/xray/exchanges/${id}/connection`, {
    headers: wantsProblem,
  });
  if (!response.ok) {
    throw new Error(problemOf(await response.text(), response.status));
  }
  /** @type {Connection} */
  const connection = await response.json();
  return [
    element("h3", {}, words.connection.title(connection.connection)),
    element(
      "ul",
      { class: "connection-facts" },
      ...factsOf(connection).map((fact) => element("li", {}, fact)),
    ),
    timeline(connection),
  ];
}

/** @param {Connection} connection */
function factsOf({ events }) {
  const { facts } = words.connection;
  const whats = events.map(({ what }) => what);
  const count = whats.filter((what) => what === "reading head").length;
  const last = whats.at(-1);
  const ended = whats.indexOf("ended");
  return [
    count > 1 ? facts.several(count) : facts.one,
    ...isPipelined(events) ? [facts.pipelined] : [],
    ...whats.includes("upgraded") ? [facts.upgraded] : [],
    ...ended >= 0 && !/lingering|closed/.test(`${whats.slice(0, ended)}`)
      ? [facts.halfClosed]
      : [],
    ...last === "closed" ? [] : [facts.open],
  ];
}

/**
 * Whether a request began with octets that had come before the last answer was
 * sent.
 *
 * @param {ConnectionEvent[]} events
 */
function isPipelined(events) {
  let hasArrived = false;
  for (const [at, { what }] of events.entries()) {
    if (what === "received") hasArrived = true;
    if (what !== "reading head") continue;
    if (!hasArrived && at > 0) return true;
    hasArrived = false;
  }
  return false;
}

/** @param {Connection} connection */
function timeline(connection) {
  const { events, dropped, droppedAt } = connection;
  const list = element("ol", {
    class: "timeline",
    tabindex: "0",
    "aria-label": words.connection.events,
  });
  list.append(
    element(
      "li",
      { class: "lanes", "aria-hidden": "true" },
      element("span", {}, words.connection.from),
      element("span", {}, words.connection.to),
    ),
    row(0, "state", words.connection.opened),
  );
  let before = 0;
  for (const [number, event] of events.entries()) {
    if (dropped > 0 && number === droppedAt) {
      list.append(
        element("li", { class: "pause" }, words.connection.dropped(dropped)),
      );
    }
    if (event.at - before >= LONG_PAUSE) {
      const pause = words.connection.pause(words.ms(event.at - before));
      list.append(element("li", { class: "pause" }, pause));
    }
    before = event.to;
    list.append(rowOf(event, connection));
  }
  return list;
}

/**
 * @param {ConnectionEvent} event
 * @param {Connection} connection
 */
function rowOf({ what, at, octets = 0, exchange }, { exchanges }) {
  const { received, sent, ended, states } = words.connection;
  if (what === "received") return row(at, "to-server", received(octets));
  if (what === "sent") return row(at, "to-client", sent(octets));
  if (what === "ended") return row(at, "to-server end", ended);
  const text = states[what] ?? what;
  if (what !== "reading head") return row(at, "state", text);
  const own = exchanges.find(({ id }) => id === exchange);
  const name = own
    ? visibleLatin1(`${own.method} ${own.target}`)
    : words.connection.unknown;
  return row(at, "state begins", `${text}: `, element("strong", {}, name));
}

/**
 * @param {number} at
 * @param {string} kind
 * @param {(Node | string)[]} text
 */
function row(at, kind, ...text) {
  return element(
    "li",
    { class: kind },
    element("span", { class: "time" }, words.ms(at)),
    element("span", { class: "event" }, ...text),
  );
}
