// What starts uploads: the buttons, and files that are dropped or pasted.

import { addFolderAction } from "./actions.js";
import { say } from "./dialogs.js";
import { startDropLayer } from "./drop_layer.js";
import { find, folder } from "./folder.js";
import { openMenu } from "./menus.js";
import { makeFolder } from "./new_folder.js";
import { request } from "./requests.js";
import { useStyle } from "./styles.js";
import { UploadBar } from "./upload_bar.js";
import { targetOf } from "./upload_paths.js";
import { Uploads } from "./uploads.js";
import { words } from "./words.js";

/** @typedef {import("./dropped_files.js").All} All */

/** Connects them; where nothing may be uploaded, it only guards the page. */
export function startUploads() {
  if (!folder.mayWrite) return startDropLayer(() => {});
  useStyle("uploads.css");
  const uploads = new Uploads({
    maxSize: folder.maxSize,
    onDone: ({ target, file }) => showUploaded(target, file),
  });
  new UploadBar(find("#uploads"), uploads);

  /** @param {All} all @param {string} [path] */
  const add = ({ files, folders }, path = folder.path) => {
    for (const { file, path: name } of files) {
      uploads.add(file, targetOf(path, name));
    }
    for (const name of folders) makeEmpty(targetOf(path, name));
  };
  startDropLayer(add);
  startButtons(add);
}

/** @param {(all: All) => void} add */
function startButtons(add) {
  for (const id of ["#pick", "#pick-folder"]) {
    /** @type {HTMLInputElement} */
    const input = find(`${id}-input`);
    input.addEventListener("change", () => {
      const files = [...input.files ?? []].map((file) => ({
        file,
        path: file.webkitRelativePath || file.name,
      }));
      add({ files, folders: [] });
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
}

/** Makes a folder with nothing in it. @param {string} target */
async function makeEmpty(target) {
  try {
    await request("PUT", `${target}/`);
    showUploaded(`${target}/`);
  } catch (error) {
    say(/** @type {Error} */ (error).message);
  }
}

/**
 * @param {string} target
 * @param {File} [file] none for a folder
 */
function showUploaded(target, file) {
  const [name, ...below] = target.slice(folder.path.length)
    .split("/").map(decodeURIComponent);
  if (below.length > 0 || !file) {
    // A folder that is there keeps what is known of it.
    if (!folder.list.get(name)) folder.list.put({ name, type: "directory" });
  } else {
    folder.list.put({
      name,
      type: "file",
      size: file.size,
      modified: new Date().toISOString(),
    });
  }
}
