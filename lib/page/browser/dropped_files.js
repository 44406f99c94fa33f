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
  if (entry instanceof FileSystemFileEntry) {
    const file = await new Promise((resolve, reject) =>
      entry.file(resolve, reject)
    );
    dropped.push({ file, path });
  } else if (entry instanceof FileSystemDirectoryEntry) {
    const reader = entry.createReader();
    for (;;) {
      /** @type {FileSystemEntry[]} */
      const some = await new Promise((resolve, reject) =>
        reader.readEntries(resolve, reject)
      );
      if (some.length === 0) break;
      for (const each of some) await collect(each, `${path}/`, dropped);
    }
  }
}
