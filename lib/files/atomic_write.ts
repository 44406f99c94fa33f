/**
 * Replaces files in one step. Octets go to a temporary file, a *part*, which
 * then replaces the target; until then readers see the old content, even if the
 * process is killed. Of two writers that replace the same version, one is
 * refused. It does not know what is written, nor what readers may see.
 *
 * @module
 */

import { lstatOf } from "./containment.ts";
import { join } from "./file_path.ts";

/** An open, empty, locked file; its creator renames or removes it. */
export interface PartFile {
  path: string;
  file: Deno.FsFile;
}

/** The name of a part. */
export const partName = /^\.sluice-[\da-f-]{36}\.part$/;

/** How often a part is created that another process removes at once. */
const ATTEMPTS = 10;

/**
 * The most directories whose paths are remembered: clients can make and remove
 * any number of them.
 */
const MOST_TIDIED = 1000;

/**
 * Parts below one directory; each subdirectory is tidied before its first part.
 */
export class Parts {
  /** The removal of stale parts, by directory. */
  readonly #tidied = new Map<string, Promise<void>>();

  /**
   * Creates a part in a directory.
   *
   * @param mode The mode of the file it will replace, so that it is never more
   * readable than that file. Default: the mode of any new file.
   */
  async create(directory: string, mode?: number): Promise<PartFile> {
    await this.tidy(directory);
    for (let attempt = 1;; attempt++) {
      const path = join(directory, `.sluice-${crypto.randomUUID()}.part`);
      const options = { write: true, createNew: true, mode };
      const file = await Deno.open(path, options);
      // Without locks on a file system, no process removes it as stale either.
      await file.lock(true).catch(() => {});
      // An instance that starts may have taken it for stale before it was locked.
      if (lstatOf(path) || attempt === ATTEMPTS) return { path, file };
      file.close();
    }
  }

  /**
   * Removes the parts that dead writers left in a directory: once, or again
   * after many other directories.
   */
  tidy(directory: string): Promise<void> {
    let tidied = this.#tidied.get(directory);
    if (tidied === undefined) {
      if (this.#tidied.size === MOST_TIDIED) this.#tidied.clear();
      tidied = removeStaleParts(directory).catch(() => {});
      this.#tidied.set(directory, tidied);
    }
    return tidied;
  }
}

/**
 * A lock dies with its process, so a part that can be locked is stale. Its age
 * tells nothing: uploads may take days.
 */
async function removeStaleParts(directory: string): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(directory)) {
    if (!isFile || !partName.test(name)) continue;
    await removeIfStale(join(directory, name)).catch(() => {});
  }
}

async function removeIfStale(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true });
  if (await file.tryLock(true)) await Deno.remove(path);
}

/**
 * Removes a part. If its directory was moved meanwhile, nobody knows where it
 * is: then it takes up no more space, until it is removed as stale.
 */
export async function discard({ file, path }: PartFile): Promise<void> {
  try {
    await Deno.remove(path);
  } catch {
    await file.truncate().catch(() => {});
  }
}

/**
 * Moves a part to its place in one step, with the directory locked; it stays
 * open.
 *
 * @returns The file's metadata.
 */
export async function putInPlace(
  { file, path }: PartFile,
  place: string,
  { there, current, mustBeNew }: {
    /** The file or link in its place, looked at before `current` was. */
    there: Deno.FileInfo | undefined;
    /** The file that a reader found there. */
    current: Deno.FileInfo | undefined;
    /** Whether a file that another program puts there must stay. */
    mustBeNew: boolean;
  },
): Promise<Deno.FileInfo> {
  if (there?.isFile && there.mode !== null) {
    await Deno.chmod(path, there.mode & 0o777);
  }
  const time = new Date(nextTime(there, current));
  await file.utime(time, time);
  if (mustBeNew && !there) await linkNew({ file, path }, place);
  else await Deno.rename(path, place);
  return file.statSync();
}

/**
 * Makes a file newer than the one that it will replace, because a client may
 * ask whether there is a newer one (RFC 9110 §13.1.3).
 */
export async function makeNewer(
  path: string,
  info: Deno.FileInfo,
  current: Deno.FileInfo | undefined,
): Promise<void> {
  if (timeOf(info) > timeOf(current)) return;
  using file = await Deno.open(path);
  const time = new Date(nextTime(info, current));
  // Only its owner may set a time.
  await file.utime(time, time).catch(() => {});
}

/**
 * The mode for a part that will replace a file; undefined if there is no file,
 * or a link. The owner can always read and write the part.
 */
export function modeOf(there: Deno.FileInfo | undefined): number | undefined {
  if (!there?.isFile || there.mode === null) return undefined;
  return there.mode & 0o777 | 0o600;
}

let lastTime = 0;

/**
 * Returns a time that no version has. If size and inode are equal, only the
 * time tells two versions apart, and files that arrive quickly would share a
 * millisecond.
 */
function nextTime(...versions: (Deno.FileInfo | undefined)[]): number {
  const times = versions.map(timeOf);
  lastTime = Math.max(Date.now(), lastTime + 1, ...times.map((it) => it + 1));
  return lastTime;
}

function timeOf(version: Deno.FileInfo | undefined): number {
  return version?.mtime?.getTime() ?? 0;
}

/**
 * Creates a hard link, which fails if the name is in use; a rename would
 * replace the file.
 */
async function linkNew({ file, path }: PartFile, place: string): Promise<void> {
  try {
    await Deno.link(path, place);
  } catch (error) {
    if (isUnsupported(error)) return await Deno.rename(path, place);
    // An NFS server whose first answer was lost says that the link exists.
    if (file.statSync().nlink !== 2) throw error;
  }
  await Deno.remove(path);
}

/** Some file systems have no hard links. */
function isUnsupported(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]
    .includes(String(code));
}

/** Flushes a rename to the disk; not every platform can. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    using directory = await Deno.open(path);
    await directory.sync();
  } catch { /* The file has its name; only a power cut could take it back. */ }
}
