/**
 * Keeps small files that were read recently. They are given out as long as they
 * are unchanged: checking takes one system call; finding, opening, verifying
 * and reading takes nine.
 *
 * What is kept was proven to lie inside when it was read. The place is looked
 * at again, links and all: any change of it, or of what it leads to, shows in
 * the inode, the size or one of the times. A file that changed a moment ago may
 * do so again within the same tick of a clock, which Deno tells in seconds for
 * one of them, so it is not kept yet.
 *
 * @module
 */

/** How long (ms) what is to be remembered must have been left alone. */
const SETTLED = 2000;
/** Octets that are kept, of all of them. */
const MOST_OCTETS = 16 * 2 ** 20;

/** A file that was read. */
export interface CachedFile {
  /** Where it was asked for, before links were followed. */
  place: string;
  /** What it said of itself before it was read. */
  info: Deno.FileInfo;
  content: Uint8Array<ArrayBuffer>;
}

/** Small files by a key, which is whatever they are asked for by. */
export class FileCache<File extends CachedFile> {
  #files = new Map<string, File>();
  #octets = 0;

  /** A file, if it is kept and has not changed. */
  get(key: string): File | undefined {
    const file = this.#files.get(key);
    if (file === undefined || isUnchanged(file)) return file;
    this.#drop(key, file);
    return undefined;
  }

  /** Keeps a file, unless it has changed too recently. */
  keep(key: string, file: File): void {
    if (!isSettled(file.info) || this.#files.has(key)) return;
    this.#files.set(key, file);
    this.#octets += sizeOf(key, file);
    for (const [oldest, file] of this.#files) {
      if (this.#octets <= MOST_OCTETS) break;
      this.#drop(oldest, file);
    }
  }

  #drop(key: string, file: File): void {
    this.#files.delete(key);
    this.#octets -= sizeOf(key, file);
  }
}

/** With something for what is kept of it beside the content. */
function sizeOf(key: string, { content }: CachedFile): number {
  return key.length + content.length + 1024;
}

/** Whether a file or directory has not changed from one look to another. */
export function isSame(one: Deno.FileInfo, other: Deno.FileInfo): boolean {
  return one.ino === other.ino && one.dev === other.dev &&
    one.size === other.size &&
    one.mtime?.getTime() === other.mtime?.getTime() &&
    one.ctime?.getTime() === other.ctime?.getTime();
}

/**
 * Whether a file or directory has been left alone for so long that no change
 * hides within a tick of its clock.
 */
export function isSettled({ mtime, ctime, ino }: Deno.FileInfo): boolean {
  const settled = Date.now() - SETTLED;
  return ino !== null && mtime !== null && ctime !== null &&
    mtime.getTime() < settled && ctime.getTime() < settled;
}

function isUnchanged({ place, info }: CachedFile): boolean {
  try {
    return isSame(Deno.statSync(place), info);
  } catch { // The plain way will say what is wrong.
    return false;
  }
}
