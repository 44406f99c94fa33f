// Files dropped or pasted on a page, and folders with all their contents.

/**
 * @typedef {{ file: File, path: string }} Dropped the names in the path are
 * separated by `/`
 * @typedef {{ files: Dropped[], folders: string[] }} All the folders that have
 * nothing in them are listed by their paths
 */

/**
 * @param {DataTransfer} transfer
 * @returns {Promise<All>}
 */
export async function droppedFiles(transfer) {
  // The items are gone after the first await.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  /** @type {All} */
  const all = { files: [], folders: [] };
  for (const entry of entries) if (entry) await collect(entry, "", all);
  return all;
}

/**
 * Files of the clipboard. A picture that no file is of gets the name of its
 * moment, so that one does not replace another.
 *
 * @param {DataTransfer} transfer
 * @returns {Promise<All>}
 */
export async function pastedFiles(transfer) {
  const files = [...transfer.files];
  const [only] = files;
  if (files.length === 1 && /^image\.\w+$/.test(only.name)) {
    const moment = new Date().toLocaleString("sv-SE").replaceAll(":", ".");
    const name = only.name.replace("image", `Pasted ${moment}`);
    const { type, lastModified } = only;
    const file = new File([only], name, { type, lastModified });
    return { files: [{ file, path: name }], folders: [] };
  }
  const all = await droppedFiles(transfer);
  if (all.files.length + all.folders.length > 0) return all;
  return {
    files: files.map((file) => ({ file, path: file.name })),
    folders: [],
  };
}

/**
 * @param {FileSystemEntry} entry
 * @param {string} above
 * @param {All} all
 */
async function collect(entry, above, all) {
  const path = above + entry.name;
  if (entry.isFile) {
    const { promise, resolve, reject } = Promise.withResolvers();
    /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject);
    all.files.push({ file: await promise, path });
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  for (let isEmpty = true;; isEmpty = false) {
    const { promise, resolve, reject } = Promise.withResolvers();
    reader.readEntries(resolve, reject);
    // It returns a few at a time, and none at the end.
    const some = /** @type {FileSystemEntry[]} */ (await promise);
    if (some.length === 0) {
      if (isEmpty) all.folders.push(path);
      break;
    }
    for (const each of some) await collect(each, `${path}/`, all);
  }
}
