// Asks what to do with a file whose name is in use: shows both.

import { element, showDialog } from "./dialogs.js";
import { formatSize, timeFormat } from "./format.js";
import { shownPath } from "./upload_paths.js";
import { words } from "./words.js";

const formatTime = timeFormat();

/**
 * @param {import("./upload.js").Upload} upload
 * @param {import("./upload_refusals.js").Existing | undefined} existing
 * @param {{ others: number }} options how many more uploads there are
 * @returns {Promise<{ value: import("./upload.js").Answer["value"], isForAll: boolean }>}
 */
export async function askAboutConflict(
  { name, target, file },
  existing,
  { others },
) {
  const w = words.upload;
  const box = element("input", { type: "checkbox" });
  const mine = {
    size: file.size,
    modified: new Date(file.lastModified).toISOString(),
  };
  const form = element(
    "form",
    { method: "dialog" },
    element(
      "p",
      { dir: "auto" },
      w.conflict(name, shownPath(target, { isFile: true })),
    ),
    element(
      "div",
      { class: "compared" },
      version(w.existing, existing, mine),
      version(w.yours, mine, existing),
    ),
    ...(others > 0
      ? [
        element(
          "p",
          {},
          element("label", { class: "for-all" }, box, w.forAll(others)),
        ),
      ]
      : []),
    element(
      "div",
      { class: "row" },
      element("button", { value: "replace" }, w.replace),
      element("button", { value: "both" }, w.keepBoth),
      element(
        "button",
        { value: "skip", class: "main", autofocus: true },
        w.skip,
      ),
    ),
  );
  const { closed } = showDialog(w.conflictTitle, [form], {
    className: "conflict",
  });
  const value = await closed;
  return {
    value: value === "replace" || value === "both" ? value : "skip",
    isForAll: box.checked,
  };
}

/**
 * @typedef {{ size?: number, modified?: string }} Version
 * @param {string} title
 * @param {Version | undefined} one
 * @param {Version | undefined} other
 */
function version(title, one, other) {
  const isNewer = one?.modified && other?.modified &&
    Date.parse(one.modified) > Date.parse(other.modified);
  return element(
    "div",
    {},
    element("strong", {}, title),
    element("span", {}, formatSize(one?.size)),
    element("span", {}, formatTime(one?.modified)),
    element("span", { class: "muted" }, isNewer ? words.upload.newer : ""),
  );
}
