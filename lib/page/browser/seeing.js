// Previews, the editor, the grid and the README: connects them to the list.

import { addAction } from "./actions.js";
import { folder } from "./folder.js";
import { hrefOf } from "./format.js";
import { isPdf, mayEdit } from "./previewed.js";
import { showReadme } from "./readme.js";
import { focusEntry, startViewSwitch } from "./view_switch.js";
import { words } from "./words.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

/** Adds what is seen of files; the list starts after it. */
export function startSeeing() {
  addAction({
    id: "edit",
    label: words.preview.edit,
    key: "e",
    appliesTo: ([entry, other]) => !other && mayEdit(entry, folder),
    run: ([entry]) => show(entry, { isEdited: true }),
  }, { before: "download" });
  startViewSwitch(show);
  showReadme();
}

/**
 * Shows a file, and then others of the list; a PDF in a tab of its own.
 *
 * @param {ShownEntry} entry
 * @param {{ isEdited?: boolean }} [options]
 */
export async function show(entry, options) {
  if (isPdf(entry)) {
    open(hrefOf(entry), "_blank", "noopener");
    return;
  }
  const { preview } = await import("./preview.js");
  const last = await preview(entry, beside, options);
  focusEntry(last.name);
}

/** @param {ShownEntry} from @param {number} step */
function beside(from, step) {
  const files = folder.list.shown.filter(({ type }) => type === "file");
  const at = files.findIndex(({ name }) => name === from.name);
  return at < 0 ? undefined : files[at + step];
}
