// What is dropped on a page: files, and folders with all that is in them.

/** @typedef {{ file: File, path: string }} Dropped the path has `/` between its names */

/**
 * @param {DataTransfer} transfer
 * @returns {Promise<Dropped[]>}
 */
export async function droppedFiles(transfer) {
  // They are gone after the first wait.
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
    // A few at a time; none when there are no more.
    const some = /** @type {FileSystemEntry[]} */ (await promise);
    if (some.length === 0) break;
    for (const each of some) await collect(each, `${path}/`, dropped);
  }
}
