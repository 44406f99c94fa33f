// Keeps the list as the disk is: it asks when the page is looked at again, and
// every few seconds while it is. The server says by an entity tag that nothing
// has changed. A page that is not looked at asks nothing.

import { folder } from "./folder.js";

/** Milliseconds between two questions. */
const PAUSE = 4000;
/** The same for a list that is long. */
const LONG_PAUSE = 15_000;
/** Of more entries, only the names are asked about. */
const MOST_WHOLE = 250;
/** Of more entries, only a new name makes all of them come again. */
const MOST_RELOADED = 5000;

const json = "application/json";
const names = "text/plain";

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** The tag of what is known, for each form of the list. */
/** @type {Map<string, string>} */
const tags = new Map();
let isAsking = false;

/**
 * Asks for the tag of a long list, before all of it comes: what changes later
 * shows in another tag.
 */
export async function primeFreshness() {
  if (folder.list.total <= MOST_WHOLE) return;
  await get(names, "HEAD").catch(() => {});
}

/** Begins to ask; the list has come whole. */
export function startFreshness() {
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) ask(folder.list.total <= MOST_RELOADED);
  });
  addEventListener("pageshow", (event) => {
    // A page from the browser's cache shows what was there.
    if (event.persisted) ask(true);
  });
  plan();
}

function plan() {
  clearTimeout(timer);
  if (document.hidden) return;
  const isLong = folder.list.total > MOST_RELOADED;
  timer = setTimeout(() => ask(false), isLong ? LONG_PAUSE : PAUSE);
}

/** @param {boolean} isWhole whether sizes and times are asked for in any case */
async function ask(isWhole) {
  if (isAsking) return;
  isAsking = true;
  try {
    const form = isWhole || folder.list.total <= MOST_WHOLE ? json : names;
    const changes = folder.list.changes;
    const response = await get(form);
    if (response?.ok) {
      const known = await entriesOf(response, form);
      // What was done here meanwhile is newer.
      if (changes === folder.list.changes) folder.list.replaceAll(known);
      else tags.clear();
    }
  } catch {
    // The next one may succeed.
  } finally {
    isAsking = false;
    plan();
  }
}

/**
 * @param {string} form
 * @param {"GET" | "HEAD"} [method]
 */
async function get(form, method = "GET") {
  const tag = tags.get(form);
  const query = form === json ? "?limit=999999999" : "";
  const response = await fetch(`${folder.path}${query}`, {
    method,
    cache: "no-store",
    headers: { accept: form, ...tag && { "if-none-match": tag } },
  });
  if (response.status !== 304) {
    const tag = response.ok ? response.headers.get("etag") : null;
    if (tag) tags.set(form, tag);
    else tags.delete(form);
  }
  return response;
}

/**
 * @param {Response} response
 * @param {string} form
 * @returns {Promise<import("./format.js").ShownEntry[]>}
 */
async function entriesOf(response, form) {
  if (form === json) return await response.json();
  // The names have changed, or are asked for the first time.
  await response.body?.cancel();
  return await (await get(json)).json();
}
