// X-ray: a live list of exchanges, and the octets of the selected one.

import { element, problemOf, say, wantsProblem } from "./dialogs.js";
import { explain, linkOf } from "./explanations.js";
import { typedOctets } from "./typed_octets.js";
import { linksOf, offerComposer, tellTyped } from "./xray_hooks.js";

/**
 * @typedef {object} Summary
 * @property {number} id
 * @property {number} connection
 * @property {string} client
 * @property {string} started
 * @property {boolean} isOver
 * @property {string} method
 * @property {string} target
 * @property {number} [status]
 * @property {number} duration
 */
/** @typedef {{ from: number, to: number, kind: string, note?: string, section?: string }} Part */
/** @typedef {{ side: string, length: number, octets: string, parts: Part[] }} Message */
/** @typedef {Summary & { stages: { name: string, from: number, to: number }[], messages: Message[] }} Details */

/** How many exchanges the list shows. */
const MOST_SHOWN = 200;

/**
 * @template {HTMLElement} T
 * @param {string} selector
 * @returns {T}
 */
const find = (selector) => /** @type {T} */ (document.querySelector(selector));

const list = find("#exchanges");
const details = find("#details");
/** @type {HTMLInputElement} */
const filter = find("#filter");
/** @type {HTMLButtonElement} */
const pause = find("#pause");

/** @type {Map<number, { summary: Summary, row: HTMLLIElement }>} */
const rows = new Map();
/**
 * Exchanges that arrived while the list was paused. @type {Map<number,
 * Summary>}
 */
const waiting = new Map();
let chosen = 0;
let isPaused = false;
/** The client whose exchange to open when it arrives. */
let awaited = "";

// The list.

const events = new EventSource("/xray/events");
events.addEventListener("exchange", ({ data }) => {
  /** @type {Summary} */
  const summary = JSON.parse(data);
  if (isPaused && summary.client !== awaited) waiting.set(summary.id, summary);
  else show(summary);
});
// The stream starts with all kept exchanges each time it opens. After a restart
// of the server, the same numbers mean other exchanges.
events.addEventListener("open", () => {
  for (const id of rows.keys()) drop(id);
  waiting.clear();
  chosen = 0;
  find("#none").hidden = false;
});
events.addEventListener(
  "error",
  () => say("Cannot reach the server, retrying"),
);

/** @param {Summary} summary */
function show(summary) {
  const known = rows.get(summary.id);
  const row = known?.row ?? element("li");
  rows.set(summary.id, { summary, row });
  const button = row.querySelector("button") ?? rowButton(summary.id, row);
  const status = summary.status === undefined ? "…" : `${summary.status}`;
  button.replaceChildren(
    element(
      "span",
      { class: "exchange-status", "data-class": status[0] },
      status,
    ),
    element(
      "span",
      { class: "exchange-line" },
      `${summary.method} ${summary.target}`,
    ),
    element("span", { class: "muted" }, `${summary.duration.toFixed(1)} ms`),
  );
  button.title = `${summary.client}, ${summary.started}`;
  row.hidden = !isWanted(summary);
  if (!known) list.prepend(row);
  if (rows.size > MOST_SHOWN) drop(Math.min(...rows.keys()));
  find("#none").hidden = rows.size > 0;
  if (summary.isOver && (summary.id === chosen || summary.client === awaited)) {
    awaited = "";
    choose(summary.id);
  }
}

/**
 * @param {number} id
 * @param {HTMLLIElement} row
 */
function rowButton(id, row) {
  const button = element("button", { type: "button", "aria-pressed": "false" });
  button.addEventListener("click", () => choose(id, true));
  row.append(button);
  return button;
}

/** @param {number} id */
function drop(id) {
  rows.get(id)?.row.remove();
  rows.delete(id);
}

/** @param {Summary} summary */
function isWanted({ method, target, status, client }) {
  return `${status} ${method} ${target} ${client}`.toLowerCase()
    .includes(filter.value.toLowerCase());
}

filter.addEventListener("input", () => {
  for (const { summary, row } of rows.values()) row.hidden = !isWanted(summary);
});

pause.addEventListener("click", () => {
  isPaused = !isPaused;
  pause.setAttribute("aria-pressed", `${isPaused}`);
  pause.textContent = isPaused ? "Resume" : "Pause";
  for (const summary of waiting.values()) show(summary);
  waiting.clear();
});

find("#clear").addEventListener("click", async () => {
  await fetch("/xray/exchanges", { method: "DELETE" });
  for (const id of rows.keys()) drop(id);
  waiting.clear();
  find("#none").hidden = false;
  details.replaceChildren(
    element("p", { class: "muted" }, "Choose an exchange to see its octets."),
  );
});

list.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...list.querySelectorAll("button")].filter((button) =>
    !button.closest("[hidden]")
  );
  const at = buttons.findIndex((button) => button === document.activeElement);
  buttons[at + step]?.focus();
});

// One exchange.

/**
 * @param {number} id
 * @param {boolean} [isByHand] whether to move the focus to it
 */
async function choose(id, isByHand = false) {
  const response = await fetch(`/xray/exchanges/${id}`, {
    headers: wantsProblem,
  });
  if (!response.ok) {
    return say(problemOf(await response.text(), response.status));
  }
  for (const [each, { row }] of rows) {
    row.querySelector("button")?.setAttribute("aria-pressed", `${each === id}`);
  }
  chosen = id;
  /** @type {Details} */
  const exchange = await response.json();
  const hint = element("div", {
    id: "explanation",
    class: "panel",
    role: "status",
  }, "Point at a part, or move to it with Tab, to see what it is.");
  details.replaceChildren(
    element(
      "p",
      { class: "muted" },
      `From ${exchange.client}, on connection ${exchange.connection}, at ${exchange.started}`,
    ),
    hint,
    ...exchange.messages.flatMap((message) => sectionOf(message)),
    waterfall(exchange),
  );
  if (isByHand && matchMedia("(width < 60rem)").matches) {
    details.scrollIntoView();
  }
}

/** @param {Message} message */
function sectionOf(message) {
  const { side, length, parts } = message;
  const bytes = bytesOf(message);
  const title = side === "request" ? "Request" : "Response";
  const kept = length > bytes.length
    ? `, first ${bytes.length.toLocaleString("en")} shown`
    : "";
  const text = element("pre", {
    class: "octets",
    "aria-label": `${title}, octet by octet`,
  });
  text.append(
    ...parts.map((part) => spanOf(part, bytes.subarray(part.from, part.to))),
  );
  return [
    element(
      "h3",
      {},
      title,
      element(
        "span",
        { class: "muted" },
        ` ${length.toLocaleString("en")} octets${kept}`,
      ),
    ),
    length > 0 ? text : element("p", { class: "muted" }, "Nothing."),
  ];
}

/**
 * @param {Part} part
 * @param {Uint8Array} octets
 */
function spanOf(part, octets) {
  const { name, text, section } = explain(part, visible(octets));
  const span = element(
    "span",
    {
      class: `part ${part.kind}`,
      tabindex: "0",
      role: "button",
      "aria-label": `${name}: ${visible(octets)}`,
    },
    visible(octets),
  );
  const tell = () => {
    document.querySelector(".part.told")?.classList.remove("told");
    span.classList.add("told");
    const link = element("a", {
      href: linkOf(section),
      rel: "noreferrer",
      target: "_blank",
    }, section);
    const size = octets.length === 1
      ? "1 octet"
      : `${octets.length.toLocaleString("en")} octets`;
    document.querySelector("#explanation")?.replaceChildren(
      element("strong", {}, name),
      ` (${size}). ${text} `,
      link,
      ...linksOf(part, visible(octets)),
    );
  };
  span.addEventListener("pointerenter", tell);
  span.addEventListener("focus", tell);
  return span;
}

/** Signs for octets that are not printable. @type {Record<number, string>} */
const signs = { 0: "\\0", 9: "\\t", 10: "\\n\n", 13: "\\r" };

/** @param {Uint8Array} octets */
function visible(octets) {
  let text = "";
  for (const octet of octets) {
    text += signs[octet] ??
      (octet < 32 || octet > 126
        ? `\\x${octet.toString(16).padStart(2, "0")}`
        : String.fromCharCode(octet));
  }
  return text;
}

/** What happens in each stage. @type {Record<string, string>} */
const stageNames = {
  "accept": "Accept: the server waits for the first octet",
  "reading head": "Head: octets arrive and are parsed",
  "handling": "Handler: it prepares the response",
  "content": "Content: octets arrive",
  "responding": "Response: it is encoded and sent",
  "draining": "Drain: the rest of the content is read",
};

/** @param {Details} exchange */
function waterfall({ stages }) {
  const begin = Math.min(...stages.map(({ from }) => from));
  const length = Math.max(...stages.map(({ to }) => to)) - begin || 1;
  const body = element("tbody");
  for (const { name, from, to } of stages) {
    const bar = element("span", { class: "bar" });
    bar.style.insetInlineStart = `${(from - begin) / length * 100}%`;
    bar.style.width = `max(2px, ${(to - from) / length * 100}%)`;
    body.append(element(
      "tr",
      {},
      element("th", { scope: "row" }, stageNames[name] ?? name),
      element("td", { class: "bar-place" }, bar),
      element("td", { class: "time" }, `${(to - from).toFixed(3)} ms`),
    ));
  }
  const caption = element("caption", {}, "Where the time went");
  return element("table", { class: "waterfall" }, caption, body);
}

// Requests by hand.

/** Sample requests, valid and invalid. @type {Record<string, string>} */
const samples = {
  "A plain request": "GET /echo/hello HTTP/1.1\nHost: localhost\n\n",
  "Two at once":
    "GET /echo/one HTTP/1.1\nHost: localhost\n\nGET /echo/two HTTP/1.1\nHost: localhost\n\n",
  "Content in chunks":
    "POST /echo/hello HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n",
  "No Host": "GET / HTTP/1.1\n\n",
  "A space before the colon": "GET / HTTP/1.1\nHost : localhost\n\n",
  "Two lengths":
    "POST /echo/hello HTTP/1.1\nHost: localhost\nContent-Length: 3\nContent-Length: 5\n\nabcde",
  "A length and chunks":
    "POST /echo/hello HTTP/1.1\nHost: localhost\nContent-Length: 4\nTransfer-Encoding: chunked\n\n0\n\n",
  "A chunk of no size":
    "POST /echo/hello HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\nxyz\n",
  "HTTP/1.0": "GET /echo/hello HTTP/1.0\n\n",
  "Not HTTP": "hello\n",
};

/** @type {HTMLTextAreaElement} */
const octets = find("#octets");
/** @type {HTMLSelectElement} */
const lineEnd = find("#line-end");
/** @type {HTMLSelectElement} */
const sample = find("#sample");

for (const name of Object.keys(samples)) {
  sample.append(element("option", {}, name));
}
sample.addEventListener("change", () => {
  octets.value = samples[sample.value];
  lineEnd.value = "crlf";
});

find("#send").addEventListener("submit", async (event) => {
  event.preventDefault();
  const sent = typedOctets(octets.value, lineEnd.value);
  const response = await fetch(`/xray/send?wait=${sent.waits}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream", ...wantsProblem },
    body: sent.octets,
  });
  const text = await response.text();
  if (!response.ok) return say(problemOf(text, response.status));
  const { client, exchanges } = JSON.parse(text);
  const [found] = [...rows.values()].map(({ summary }) => summary)
    .filter((summary) => summary.client === client && summary.isOver);
  if (found) choose(found.id, true);
  else awaited = client;
  tellTyped({
    client,
    octets: await sent.octets.bytes(),
    exchanges: await Promise.all(exchanges.map(exchangeOf)),
  });
});

offerComposer((draft) => {
  octets.value = draft.text;
  lineEnd.value = draft.lineEnd ?? "crlf";
  /** @type {HTMLDetailsElement} */ (find("#typed")).open = true;
  octets.focus();
});

/**
 * An exchange, as lessons see it.
 *
 * @param {number} id
 */
async function exchangeOf(id) {
  const { messages, ...details } = await (await fetch(`/xray/exchanges/${id}`))
    .json();
  const [request, response] = messages.map((
    /** @type {Message} */ message,
  ) => ({
    ...message,
    bytes: bytesOf(message),
  }));
  const statuses = response.parts
    .filter((/** @type {Part} */ { kind }) => kind === "status")
    .map((/** @type {Part} */ { from, to }) =>
      Number(new TextDecoder().decode(response.bytes.subarray(from, to)))
    );
  return { ...details, request, response, statuses };
}

/** @param {Message} message */
function bytesOf({ octets }) {
  return Uint8Array.from(atob(octets), (character) => character.charCodeAt(0));
}

if (document.querySelector("#lessons")) import("./lessons.js");
