// Shows the README of a folder below its list.

import { element } from "./dialogs.js";
import { find, folder } from "./folder.js";
import { isMarkdown, readText } from "./previewed.js";
import { words } from "./words.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

/** Octets of the longest that is shown. */
const MOST = 256 * 1024;
/** Pixels above which it is collapsed. */
const COLLAPSED = 480;

/** Shows it now, and again when it has changed. */
export function showReadme() {
  const place = find("#readme");
  place.setAttribute("aria-labelledby", "readme-title");
  place.className = "panel";
  /** @type {string | undefined} */
  let shown;
  const follow = () => {
    const entry = folder.list.shown.find(isReadme);
    const version = entry && `${entry.name}/${entry.size}/${entry.modified}`;
    // A filter that hides it in the list leaves it here.
    if (version === shown || !entry && isFiltered()) return;
    shown = version;
    place.hidden ||= !entry;
    if (!entry) return;
    fill(place, entry, () => shown === version).catch(() => {
      // The list has it anyway.
    });
  };
  folder.list.addEventListener("arranged", follow);
  follow();
}

/** @param {ShownEntry} entry */
function isReadme(entry) {
  return entry.type === "file" &&
    /^readme(?:\.(?:md|markdown|txt))?$/i.test(entry.name) &&
    (entry.size ?? 0) <= MOST && entry.size !== 0;
}

function isFiltered() {
  /** @type {HTMLInputElement | null} */
  const filter = document.querySelector("#filter");
  return Boolean(filter?.value);
}

/**
 * @param {HTMLElement} place
 * @param {ShownEntry} entry
 * @param {() => boolean} isWanted
 */
async function fill(place, entry, isWanted) {
  const { text } = await readText(entry);
  const content = await contentOf(entry, text);
  if (!isWanted()) return;
  const wasOpen = !place.hidden && !place.classList.contains("collapsed");
  place.replaceChildren(
    element("h2", { id: "readme-title", dir: "auto" }, entry.name),
    content,
  );
  place.hidden = false;
  place.classList.remove("collapsed");
  if (wasOpen || content.scrollHeight <= COLLAPSED) return;
  const more = element("button", {
    type: "button",
    "aria-expanded": "false",
  }, words.preview.showAll);
  more.addEventListener("click", () => {
    const isCollapsed = place.classList.toggle("collapsed");
    more.setAttribute("aria-expanded", `${!isCollapsed}`);
    more.textContent = isCollapsed
      ? words.preview.showAll
      : words.preview.showLess;
  });
  place.classList.add("collapsed");
  place.append(more);
}

/** @param {ShownEntry} entry @param {string} text */
async function contentOf(entry, text) {
  if (isMarkdown(entry)) {
    const { renderMarkdown } = await import("./markdown.js");
    const made = await renderMarkdown(text, document.baseURI).catch(() => {});
    if (made) return made;
  }
  return element("pre", { tabindex: "0", "aria-label": entry.name }, text);
}
