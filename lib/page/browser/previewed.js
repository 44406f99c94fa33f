// What is seen of a file in its preview: a picture, a text, a sound, a film; or
// the reason why there is nothing to see.

import { element, problemOf, wantsProblem } from "./dialogs.js";
import { formatSize, hrefOf, kindOf } from "./format.js";
import { words } from "./words.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

/** How many octets of a text are shown. */
const MOST_TEXT = 256 * 1024;
/** How many octets a text may have that is edited. */
const MOST_EDITED = 1024 * 1024;

/** @param {ShownEntry} entry */
export function isPdf({ name }) {
  return /\.pdf$/i.test(name);
}

/** @param {ShownEntry} entry */
export function isMarkdown({ name }) {
  return /\.(?:md|markdown)$/i.test(name);
}

/**
 * Whether a file may be a text that can be edited, judged by its name.
 *
 * @param {ShownEntry} entry
 * @param {{ mayWrite: boolean }} rights
 */
export function mayEdit(entry, { mayWrite }) {
  return mayWrite && entry.type === "file" &&
    ["text", "code", "file"].includes(kindOf(entry)) &&
    (entry.size ?? 0) <= MOST_EDITED;
}

/**
 * @param {ShownEntry} entry
 * @returns {HTMLElement}
 */
export function previewed(entry) {
  const src = hrefOf(entry);
  const kind = kindOf(entry);
  if (kind === "image") return picture(entry, src);
  if (kind === "audio" || kind === "video") return medium(entry, kind, src);
  if (isPdf(entry)) return pdf(entry);
  if (kind === "archive" || kind === "document") return told(entry);
  if (entry.size === 0) return told(entry, words.preview.empty);
  const place = element("div", { class: "text-place" });
  showText(entry, place).catch((error) =>
    place.replaceWith(told(entry, `${error.message}`))
  );
  return place;
}

/** @param {ShownEntry} entry @param {string} src */
function picture(entry, src) {
  const image = element("img", { src, alt: entry.name, decoding: "async" });
  image.addEventListener(
    "error",
    () => image.replaceWith(told(entry, words.preview.brokenImage)),
  );
  return image;
}

/**
 * @param {ShownEntry} entry
 * @param {"audio" | "video"} kind
 * @param {string} src
 */
function medium(entry, kind, src) {
  const made = element(kind, {
    src,
    controls: true,
    preload: "metadata",
    "aria-label": entry.name,
  });
  made.addEventListener(
    "error",
    () => made.replaceWith(told(entry, words.preview.brokenMedia)),
  );
  return made;
}

/**
 * Chromium shows no PDF in a frame of a page with such a policy; in a tab of
 * its own, it does.
 *
 * @param {ShownEntry} entry
 */
function pdf(entry) {
  const open = element("a", {
    class: "button main",
    href: hrefOf(entry),
    target: "_blank",
    rel: "noopener",
  }, words.preview.openPdf);
  return element("div", { class: "told" }, icon(entry), open);
}

/**
 * @param {ShownEntry} entry
 * @param {string} [why]
 */
function told(entry, why = words.preview.none) {
  return element(
    "div",
    { class: "told" },
    icon(entry),
    element("p", {}, why),
    element("p", { class: "muted" }, formatSize(entry.size)),
  );
}

/** @param {ShownEntry} entry */
function icon(entry) {
  return element("span", {
    class: `large icon ${kindOf(entry)}`,
    "aria-hidden": "true",
  });
}

/**
 * @param {ShownEntry} entry
 * @param {HTMLElement} place
 */
async function showText(entry, place) {
  const { text, isCut } = await readText(entry);
  const plain = element(
    "pre",
    { tabindex: "0", "aria-label": entry.name },
    text,
  );
  const cut = isCut
    ? [
      element(
        "p",
        { class: "muted" },
        words.preview.cut(formatSize(MOST_TEXT)),
      ),
    ]
    : [];
  if (!isMarkdown(entry) || isCut) return place.replaceChildren(plain, ...cut);
  const { renderMarkdown } = await import("./markdown.js");
  const base = new URL(hrefOf(entry), document.baseURI).href;
  const article = await renderMarkdown(text, base).catch(() => undefined);
  if (!article) return place.replaceChildren(plain);
  article.setAttribute("tabindex", "0");
  article.setAttribute("aria-label", entry.name);
  const source = element(
    "button",
    { type: "button", "aria-pressed": "false" },
    words.preview.source,
  );
  source.addEventListener("click", () => {
    const isSource = !plain.isConnected;
    source.setAttribute("aria-pressed", `${isSource}`);
    if (isSource) article.replaceWith(plain);
    else plain.replaceWith(article);
  });
  place.replaceChildren(
    element("div", { class: "text-tools" }, source),
    article,
  );
}

/**
 * The beginning of a text. Rejected with a message for the user if it is none.
 *
 * @param {ShownEntry} entry
 * @returns {Promise<{ text: string, isCut: boolean }>}
 */
export async function readText(entry) {
  const response = await fetch(hrefOf(entry), {
    headers: { range: `bytes=0-${MOST_TEXT - 1}`, ...wantsProblem },
  }).catch(() => {
    throw new Error(words.common.cannotReach);
  });
  // A file that has become empty has no range.
  if (response.status === 416) return { text: "", isCut: false };
  if (!response.ok) {
    throw new Error(problemOf(await response.text(), response.status));
  }
  const octets = new Uint8Array(await response.arrayBuffer());
  if (octets.includes(0)) throw new Error(words.preview.notText);
  const text = new TextDecoder().decode(octets.subarray(0, MOST_TEXT));
  return { text, isCut: (entry.size ?? 0) > MOST_TEXT };
}
