// Searches the names below this folder, and shows what is found as it comes.
// What is searched for stands in the fragment of the URL, so that a way back
// leads to it.

import { element } from "./dialogs.js";
import { find, folder } from "./folder.js";
import { formatSize, kindOf, timeFormat } from "./format.js";
import { request } from "./requests.js";
import { words } from "./words.js";

const w = words.search;
const PREFIX = "#search=";
const formatTime = timeFormat();
/** How many are asked for. */
const MOST = 1000;

/**
 * A line of the answer: what is found, or how it ended.
 *
 * @typedef {{ path: string, type: "file" | "directory", size?: number, modified?: string, done?: undefined }} Hit
 * @typedef {{ done: true, found: number, looked: number, cut?: string }} Summary
 */

/** Ends the search that runs. */
let running = new AbortController();

export function startSearch() {
  /** @type {HTMLInputElement} */
  const filter = find("#filter");
  find("#search-below").addEventListener("click", () => {
    if (filter.value === "") return filter.focus();
    location.hash = PREFIX + encodeURIComponent(filter.value);
  });
  filter.addEventListener("input", () => {
    if (isSearch()) leave();
  });
  addEventListener("hashchange", follow);
  if (isSearch()) follow();
}

function isSearch() {
  return location.hash.startsWith(PREFIX);
}

/** Back to the list, without a step in the history. */
function leave() {
  const { pathname, search } = location;
  history.replaceState(history.state, "", pathname + search);
  follow();
}

/** Shows what the URL says: a search, or the list. */
function follow() {
  running.abort();
  running = new AbortController();
  const place = find("#found");
  const isShown = isSearch();
  place.hidden = !isShown;
  find("#entries").hidden = isShown;
  document.body.classList.toggle("searching", isShown);
  folder.selection.clear();
  if (!isShown) return place.replaceChildren();
  const text = decodeURIComponent(location.hash.slice(PREFIX.length));
  /** @type {HTMLInputElement} */
  const filter = find("#filter");
  filter.value = text;
  folder.list.filter(text);
  search(place, text, running.signal);
}

/**
 * @param {HTMLElement} place
 * @param {string} text
 * @param {AbortSignal} signal
 */
async function search(place, text, signal) {
  const state = element("p", { role: "status", class: "muted" }, w.running);
  const back = element("button", { type: "button" }, w.back);
  back.addEventListener("click", leave);
  const rows = element("ul", { class: "hits" });
  place.replaceChildren(
    element(
      "div",
      { class: "found-head" },
      element("h2", {}, w.title(text)),
      state,
      back,
    ),
    rows,
  );
  const query = new URLSearchParams({ search: text, limit: `${MOST}` });
  try {
    const response = await request("GET", `${folder.path}?${query}`, {
      signal,
      headers: { accept: "application/x-ndjson" },
    });
    for await (const line of linesOf(response)) {
      /** @type {Hit | Summary} */
      const hit = JSON.parse(line);
      if (hit.done) {
        state.textContent = hit.found === 0
          ? w.nothing(text)
          : w.found(hit.found, hit.cut);
      } else {
        rows.append(rowOf(hit));
        state.textContent = w.soFar(rows.childElementCount);
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    state.textContent = /** @type {Error} */ (error).message;
  }
}

/** @param {Response} response */
async function* linesOf({ body }) {
  if (body === null) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const lines = (text + value).split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
}

/** @param {Hit} hit */
function rowOf({ path, type, size, modified }) {
  const names = path.split("/");
  const name = names[names.length - 1];
  const above = names.slice(0, -1);
  const end = type === "directory" ? "/" : "";
  const href = folder.path + names.map(encodeURIComponent).join("/") + end;
  const aboveHref = folder.path +
    above.map((each) => `${encodeURIComponent(each)}/`).join("");
  return element(
    "li",
    {},
    element(
      "a",
      { href, class: `icon ${kindOf({ name, type })}`, title: path },
      name,
    ),
    element(
      "span",
      { class: "muted hit-facts" },
      element("a", { href: aboveHref }, above.join("/") || w.here),
      element("span", {}, formatSize(size)),
      element("time", { datetime: modified }, formatTime(modified)),
    ),
  );
}
