/**
 * Keeps small files that were read recently, and returns them as long as they
 * are unchanged. A check takes one system call; finding, opening, verifying and
 * reading take nine.
 *
 * A kept file was proven to be inside when it was read. Each check follows
 * links: any change of the path or its target shows in the inode, the size or
 * one of the times. A file that changed a moment ago may change again within
 * one clock tick, and Deno reports one of the times in seconds, so it is not
 * kept yet.
 *
 * @module
 */

/** How long (ms) a file must be unchanged before it is kept. */
const SETTLED = 2000;
/** The most octets of all kept files together. */
const MOST_OCTETS = 16 * 2 ** 20;

/** A file and its content. */
export interface CachedFile {
  /** The path it was opened by, before links were followed. */
  place: string;
  /** Its metadata before it was read. */
  info: Deno.FileInfo;
  content: Uint8Array<ArrayBuffer>;
}

/** Small files, by the key that they are requested by. */
export class FileCache<File extends CachedFile> {
  #files = new Map<string, File>();
  #octets = 0;

  /** Returns a file if it is kept and unchanged. */
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

/** Includes an allowance for everything beside the content. */
function sizeOf(key: string, { content }: CachedFile): number {
  return key.length + content.length + 1024;
}

/** Whether a file or directory has not changed between two looks. */
export function isSame(one: Deno.FileInfo, other: Deno.FileInfo): boolean {
  return one.ino === other.ino && one.dev === other.dev &&
    one.size === other.size &&
    one.mtime?.getTime() === other.mtime?.getTime() &&
    one.ctime?.getTime() === other.ctime?.getTime();
}

/**
 * Whether the last change of a file or directory is so old that no later one
 * can hide within the same clock tick.
 */
export function isSettled({ mtime, ctime, ino }: Deno.FileInfo): boolean {
  const settled = Date.now() - SETTLED;
  return ino !== null && mtime !== null && ctime !== null &&
    mtime.getTime() < settled && ctime.getTime() < settled;
}

function isUnchanged({ place, info }: CachedFile): boolean {
  try {
    return isSame(Deno.statSync(place), info);
  } catch { // The ordinary path reports the error.
    return false;
  }
}
