// The whole window takes files that are dropped or pasted, and says where they
// go: into this folder, or into the one below the pointer.

import { element, say } from "./dialogs.js";
import { droppedFiles, pastedFiles } from "./dropped_files.js";
import { find, folder } from "./folder.js";
import { hrefOf } from "./format.js";
import { shownPath } from "./upload_paths.js";
import { words } from "./words.js";

/**
 * @param {(all: import("./dropped_files.js").All, path: string) => void} add
 * takes what was dropped, and the folder that it was dropped on, percent-encoded
 */
export function startDropLayer(add) {
  const layer = find("#drop-layer");
  /** @type {HTMLElement | undefined} */
  let row;
  /** @param {DragEvent} [event] none when nothing is dragged any more */
  const show = (event) => {
    layer.hidden = !event;
    document.body.classList.toggle("dropping", Boolean(event));
    const below = event && folderRow(event.target);
    if (below !== row) {
      row?.classList.remove("drop-target");
      below?.classList.add("drop-target");
      row = below;
    }
    const text = words.upload.dropTo(shownPath(pathOf(below)));
    if (event && layer.textContent !== text) {
      layer.replaceChildren(element("p", {}, text));
    }
  };
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    const mayDrop = folder.mayWrite && !document.querySelector("dialog[open]");
    if (event.dataTransfer) {
      event.dataTransfer.dropEffect = mayDrop ? "copy" : "none";
    }
    if (mayDrop) show(event);
  });
  addEventListener("dragleave", ({ relatedTarget }) => {
    // It is told of each element that is left; only the window's matters.
    if (!relatedTarget) show();
  });
  addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    // Otherwise the browser would open the file in the place of the page.
    event.preventDefault();
    const path = pathOf(folderRow(event.target));
    show();
    if (!folder.mayWrite || document.querySelector("dialog[open]")) return;
    try {
      add(
        await droppedFiles(/** @type {DataTransfer} */ (event.dataTransfer)),
        path,
      );
    } catch {
      say(words.upload.cannotReadDropped);
    }
  });
  addEventListener("paste", async (event) => {
    const { target, clipboardData } = event;
    const isText = target instanceof Element &&
      target.closest("input, textarea, dialog");
    if (!folder.mayWrite || isText || !clipboardData?.files.length) return;
    event.preventDefault();
    add(await pastedFiles(clipboardData), folder.path);
  });
}

/** Whether files of the system are dragged, and not a row of the list. */
/** @param {DragEvent} event */
function hasFiles({ dataTransfer }) {
  return Boolean(dataTransfer?.types.includes("Files"));
}

/** @param {EventTarget | null} target */
function folderRow(target) {
  const entry = folder.list.entryOf(target);
  if (entry?.type !== "directory" || !(target instanceof Element)) return;
  return /** @type {HTMLElement} */ (target.closest("[data-name]"));
}

/** @param {HTMLElement | undefined} row */
function pathOf(row) {
  const entry = row && folder.list.entryOf(row);
  if (!entry) return folder.path;
  return new URL(hrefOf(entry), document.baseURI).pathname;
}
