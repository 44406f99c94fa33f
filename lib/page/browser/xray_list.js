// The live list of exchanges.

import { element, problemOf, say, wantsProblem } from "./dialogs.js";
import { visibleLatin1 } from "./octet_text.js";
import { showExchange } from "./xray_details.js";
import { find, isNarrow } from "./xray_page_parts.js";
import { words as all } from "./words.js";

const words = all.xray;

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

/** How many exchanges the list shows. */
const MOST_SHOWN = 200;

/** @type {Map<number, { summary: Summary, row: HTMLLIElement }>} */
const rows = new Map();
/**
 * Exchanges that arrived while the list was paused. @type {Map<number,
 * Summary>}
 */
const waiting = new Map();
let chosen = 0;
let isPaused = false;

const list = find("#exchanges");
/** @type {HTMLInputElement} */
const filter = find("#filter");
/** @type {HTMLButtonElement} */
const pause = find("#pause");

/** @param {{ onClear: () => void }} callbacks */
export function listenForExchanges({ onClear }) {
  const events = new EventSource("/xray/events");
  events.addEventListener("exchange", ({ data }) => {
    /** @type {Summary} */
    const summary = JSON.parse(data);
    if (isPaused) waiting.set(summary.id, summary);
    else show(summary);
  });
  // The stream starts with all kept exchanges each time it opens. After a
  // restart of the server, the same numbers mean other exchanges.
  events.addEventListener("open", empty);
  events.addEventListener("error", () => say(words.list.lost));

  filter.addEventListener("input", () => {
    for (const { summary, row } of rows.values()) {
      row.hidden = !isWanted(summary);
    }
  });
  pause.addEventListener("click", () => {
    isPaused = !isPaused;
    pause.setAttribute("aria-pressed", `${isPaused}`);
    pause.textContent = isPaused ? words.list.resume : words.list.pause;
    for (const summary of waiting.values()) show(summary);
    waiting.clear();
  });
  find("#clear").addEventListener("click", async () => {
    await fetch("/xray/exchanges", { method: "DELETE" });
    empty();
    onClear();
  });
  list.addEventListener("keydown", moveByKey);
}

function empty() {
  for (const id of rows.keys()) drop(id);
  waiting.clear();
  chosen = 0;
  find("#none").hidden = false;
}

/** @param {KeyboardEvent} event */
function moveByKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...list.querySelectorAll("button")].filter((button) =>
    !button.closest("[hidden]")
  );
  const at = buttons.findIndex((button) => button === document.activeElement);
  buttons[at + step]?.focus();
}

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
      visibleLatin1(`${summary.method} ${summary.target}`),
    ),
    element("span", { class: "muted" }, words.ms(summary.duration)),
  );
  button.title = `${summary.client}, ${summary.started}`;
  row.hidden = !isWanted(summary);
  if (!known) list.prepend(row);
  if (rows.size > MOST_SHOWN) drop(Math.min(...rows.keys()));
  find("#none").hidden = rows.size > 0;
  press(summary.id);
  if (summary.isOver && summary.id === chosen) choose(summary.id);
}

/**
 * @param {number} id
 * @param {HTMLLIElement} row
 */
function rowButton(id, row) {
  const button = element("button", { type: "button", "aria-pressed": "false" });
  button.addEventListener("click", async () => {
    await choose(id);
    if (isNarrow()) find("#details").scrollIntoView();
  });
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

/** @param {number} id */
function press(id) {
  rows.get(id)?.row.querySelector("button")
    ?.setAttribute("aria-pressed", `${id === chosen}`);
}

/**
 * Shows all that is kept of an exchange.
 *
 * @param {number} id
 */
export async function choose(id) {
  const response = await fetch(`/xray/exchanges/${id}`, {
    headers: wantsProblem,
  });
  if (!response.ok) {
    return say(problemOf(await response.text(), response.status));
  }
  const before = chosen;
  chosen = id;
  press(before);
  press(id);
  showExchange(await response.json());
}
