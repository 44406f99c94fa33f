// What starts uploads: the buttons, and files dropped on the window.

import { addFolderAction } from "./actions.js";
import { say } from "./dialogs.js";
import { droppedFiles } from "./dropped_files.js";
import { find, folder } from "./folder.js";
import { openMenu } from "./menus.js";
import { makeFolder } from "./new_folder.js";
import { Uploads } from "./uploads.js";
import { words } from "./words.js";

/** Connects them; only where files may be uploaded. */
export function startUploads() {
  const uploads = new Uploads(find("#uploads"), {
    maxSize: folder.maxSize,
    onDone: ({ target, file }) => showUploaded(target, file),
  });

  /** @param {Iterable<{ file: File, path: string }>} files */
  const add = (files) => {
    for (const { file, path } of files) {
      uploads.add(
        file,
        folder.path + path.split("/").map(encodeURIComponent).join("/"),
      );
    }
  };

  for (const id of ["#pick", "#pick-folder"]) {
    /** @type {HTMLInputElement} */
    const input = find(`${id}-input`);
    input.addEventListener("change", () => {
      add([...input.files ?? []].map((file) => ({
        file,
        path: file.webkitRelativePath || file.name,
      })));
      // So that the same file can be chosen again.
      input.value = "";
    });
  }
  const pick = () => find("#pick-input").click();
  const pickFolder = () => find("#pick-folder-input").click();
  find("#pick").addEventListener("click", pick);
  const menu = find("#upload-menu");
  menu.addEventListener("click", () =>
    openMenu(menu, [
      { label: words.upload.files, icon: "upload", run: pick },
      { label: words.upload.folder, icon: "directory", run: pickFolder },
      {
        label: words.actions.newFolder,
        icon: "new-folder",
        startsGroup: true,
        run: makeFolder,
      },
    ], { label: words.upload.upload }));
  addFolderAction({
    id: "new-folder",
    label: words.actions.newFolder,
    run: makeFolder,
  });
  addEventListener("drop", async (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    try {
      add(await droppedFiles(event.dataTransfer));
    } catch {
      say(words.upload.cannotReadDropped);
    }
  });
}

/**
 * @param {string} target
 * @param {File} file
 */
function showUploaded(target, file) {
  const [name, ...below] = target.slice(folder.path.length)
    .split("/").map(decodeURIComponent);
  if (below.length > 0) {
    folder.list.put({ name, type: "directory" });
  } else {
    folder.list.put({
      name,
      type: "file",
      size: file.size,
      modified: new Date().toISOString(),
    });
  }
}

/** A file dropped anywhere must not replace the page. */
export function guardDrops() {
  /** @param {DragEvent} event */
  const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer) {
      event.dataTransfer.dropEffect = folder.mayWrite ? "copy" : "none";
    }
    document.body.classList.toggle("dropping", folder.mayWrite);
  });
  for (const type of /** @type {const} */ (["dragleave", "drop"])) {
    addEventListener(type, (event) => {
      if (hasFiles(event)) event.preventDefault();
      document.body.classList.remove("dropping");
    });
  }
}
