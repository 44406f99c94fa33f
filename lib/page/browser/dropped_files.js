// Files dropped on a page, and folders with all their contents.

/**
 * @typedef {{ file: File, path: string }} Dropped the names in the path are
 * separated by `/`
 */

/**
 * @param {DataTransfer} transfer
 * @returns {Promise<Dropped[]>}
 */
export async function droppedFiles(transfer) {
  // The items are gone after the first await.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  /** @type {Dropped[]} */
  const dropped = [];
  for (const entry of entries) if (entry) await collect(entry, "", dropped);
  return dropped;
}

/**
 * @param {FileSystemEntry} entry
 * @param {string} above
 * @param {Dropped[]} dropped
 */
async function collect(entry, above, dropped) {
  const path = above + entry.name;
  if (entry.isFile) {
    const { promise, resolve, reject } = Promise.withResolvers();
    /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject);
    dropped.push({ file: await promise, path });
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  for (;;) {
    const { promise, resolve, reject } = Promise.withResolvers();
    reader.readEntries(resolve, reject);
    // It returns a few at a time, and none at the end.
    const some = /** @type {FileSystemEntry[]} */ (await promise);
    if (some.length === 0) break;
    for (const each of some) await collect(each, `${path}/`, dropped);
  }
}
