// Previews a file without leaving its directory.

import { element, problemOf, showDialog, wantsProblem } from "./dialogs.js";
import { formatSize, hrefOf, kindOf } from "./format.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

/** How many octets of a text are shown. */
const MOST_TEXT = 64 * 1024;

/**
 * Shows a file; the arrow keys lead to its neighbors.
 *
 * @param {ShownEntry} entry
 * @param {(entry: ShownEntry, step: number) => ShownEntry | undefined} beside
 * @returns {Promise<ShownEntry>} the one that was shown last
 */
export async function preview(entry, beside) {
  const title = element("h2", { id: "dialog-title" });
  const place = element("div", { class: "previewed" });
  const open = element("a", { class: "button" }, "Open");
  const download = element(
    "a",
    { class: "button", download: true },
    "Download",
  );
  const previous = element("button", { type: "button" }, "Previous");
  const next = element("button", { type: "button" }, "Next");
  const { dialog, closed } = showDialog("", [
    place,
    element(
      "form",
      { method: "dialog", class: "row" },
      previous,
      next,
      open,
      download,
      element("button", { autofocus: true }, "Close"),
    ),
  ], { className: "wide" });
  dialog.querySelector("h2")?.replaceWith(title);

  let shown = entry;
  /** @param {ShownEntry | undefined} wanted */
  const show = (wanted) => {
    if (!wanted) return;
    shown = wanted;
    title.textContent = wanted.name;
    open.href = hrefOf(wanted);
    download.href = `${open.href}?download`;
    previous.disabled = !beside(wanted, -1);
    next.disabled = !beside(wanted, 1);
    place.replaceChildren(contentOf(wanted));
  };
  show(entry);
  previous.addEventListener("click", () => show(beside(shown, -1)));
  next.addEventListener("click", () => show(beside(shown, 1)));
  dialog.addEventListener("keydown", (event) => {
    // There the keys seek in a video or move in a text.
    if (event.target instanceof HTMLMediaElement) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) show(beside(shown, step));
  });
  await closed;
  // A video that is no longer shown stops loading.
  place.replaceChildren();
  return shown;
}

/**
 * @param {ShownEntry} entry
 * @returns {HTMLElement}
 */
function contentOf(entry) {
  const src = hrefOf(entry);
  const kind = kindOf(entry);
  if (kind === "image") return element("img", { src, alt: entry.name });
  if (kind === "audio" || kind === "video") {
    return element(kind, { src, controls: true, preload: "metadata" });
  }
  if (kind === "archive" || kind === "document") return told(entry);
  if (entry.size === 0) return told(entry, "The file is empty.");
  const text = element("pre", { tabindex: "0", "aria-label": entry.name }, "…");
  showText(entry, text).catch((error) =>
    text.replaceWith(told(entry, `${error.message}`))
  );
  return text;
}

/**
 * @param {ShownEntry} entry
 * @param {string} [why]
 */
function told({ size }, why = "There is no preview of this kind of file.") {
  return element("p", {}, `${why} ${formatSize(size)}`);
}

/**
 * @param {ShownEntry} entry
 * @param {HTMLElement} place
 */
async function showText(entry, place) {
  const response = await fetch(hrefOf(entry), {
    headers: { range: `bytes=0-${MOST_TEXT - 1}`, ...wantsProblem },
  });
  if (!response.ok) {
    throw new Error(problemOf(await response.text(), response.status));
  }
  const octets = new Uint8Array(await response.arrayBuffer());
  if (octets.includes(0)) throw new Error("This is not a text file.");
  const text = new TextDecoder().decode(octets.subarray(0, MOST_TEXT));
  const isCut = octets.length >= MOST_TEXT && (entry.size ?? 0) > MOST_TEXT;
  place.textContent = text + (isCut ? "\n…" : "");
}
