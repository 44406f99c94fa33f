/**
 * Octets are written to a temporary file, a *part*, which then replaces the
 * target in one step: until then readers see what was there, even if the
 * process is killed. Of two that replace the same version, one finds that it is
 * too late. It does not know what is written, nor what readers may see.
 *
 * @module
 */

import { lstatOf } from "./containment.ts";
import { join } from "./file_path.ts";

/** An open, empty, locked file; whoever makes one renames or removes it. */
export interface PartFile {
  path: string;
  file: Deno.FsFile;
}

const partName = /^\.sluice-[\da-f-]{36}\.part$/;

/** Parts in the directories of one place, each tidied before it gets the first. */
export class Parts {
  /** The removal of stale parts, by directory. */
  readonly #tidied = new Map<string, Promise<void>>();

  /**
   * Makes a part in a directory.
   *
   * @param mode That of the file which it is to replace, so that nobody reads of
   * it what they could not read there. Default: that of any new file.
   */
  async create(directory: string, mode?: number): Promise<PartFile> {
    await this.tidy(directory);
    const path = join(directory, `.sluice-${crypto.randomUUID()}.part`);
    const file = await Deno.open(path, { write: true, createNew: true, mode });
    // On a file system without locks nobody takes it for a stale one either.
    await file.lock(true).catch(() => {});
    return { path, file };
  }

  /** Removes what writers that died have left in a directory, once. */
  tidy(directory: string): Promise<void> {
    let tidied = this.#tidied.get(directory);
    if (tidied === undefined) {
      tidied = removeStaleParts(directory).catch(() => {});
      this.#tidied.set(directory, tidied);
    }
    return tidied;
  }
}

/**
 * A lock dies with its process, so what can be locked is stale; its age tells
 * nothing, uploads may take days.
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
 * Puts a part in a place, in one step; it stays open. The directory of the place
 * is locked meanwhile.
 *
 * @returns What the file says of itself.
 */
export async function putInPlace(
  { file, path }: PartFile,
  place: string,
  { current, mustBeNew }: {
    /** What a reader found there. */
    current: Deno.FileInfo | undefined;
    /** Whether something that another program puts there must stay. */
    mustBeNew: boolean;
  },
): Promise<Deno.FileInfo> {
  const there = lstatOf(place);
  if (there?.isFile && there.mode !== null) {
    await Deno.chmod(path, there.mode & 0o777);
  }
  const time = new Date(nextTime(there, current));
  await file.utime(time, time);
  if (mustBeNew && !there) await linkNew(path, place);
  else await Deno.rename(path, place);
  return file.statSync();
}

/**
 * The mode for what is to replace a file, from its first octet on; undefined where
 * there is none, or a link. It can always be gone on with by its owner.
 */
export function modeOf(there: Deno.FileInfo | undefined): number | undefined {
  if (!there?.isFile || there.mode === null) return undefined;
  return there.mode & 0o777 | 0o600;
}

let lastTime = 0;

/**
 * Of two versions with one size, in one inode, the time alone makes two entity
 * tags; and files that come quickly would share a millisecond.
 */
function nextTime(...versions: (Deno.FileInfo | undefined)[]): number {
  const times = versions.map((version) => version?.mtime?.getTime() ?? 0);
  lastTime = Math.max(Date.now(), lastTime + 1, ...times.map((it) => it + 1));
  return lastTime;
}

/** A link is made only where nothing is; a rename replaces what is there. */
async function linkNew(part: string, place: string): Promise<void> {
  try {
    await Deno.link(part, place);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    return await Deno.rename(part, place);
  }
  await Deno.remove(part);
}

/** Some file systems have no hard links. */
function isUnsupported(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]
    .includes(String(code));
}

/** For each directory the end of the last change that was begun. */
const lastChanges = new Map<string, Promise<void>>();

/**
 * Locks a directory for one change of it at a time, of all that go through here,
 * in this process and in others: whoever holds the lock can look at what is there,
 * decide, and act, and nothing has changed in between. It ends with the process,
 * and leaves no file.
 *
 * @returns The lock, when the changes before have ended; disposed of, it is free.
 */
export async function lockDirectory(directory: string): Promise<Disposable> {
  // A lock of the system's alone would keep a thread waiting for each change.
  const before = lastChanges.get(directory);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  lastChanges.set(directory, ended);
  let file: Deno.FsFile | undefined;
  const release = () => {
    file?.close();
    if (lastChanges.get(directory) === ended) lastChanges.delete(directory);
    end();
  };
  try {
    await before;
    file = await openToLock(directory);
    await file?.lock(true);
    return { [Symbol.dispose]: release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Undefined where directories can't be opened: Windows has no such lock. */
async function openToLock(
  directory: string,
): Promise<Deno.FsFile | undefined> {
  if (Deno.build.os === "windows") return undefined;
  return await Deno.open(directory);
}

/** Puts a rename on the disk; not every platform can. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    using directory = await Deno.open(path);
    await directory.sync();
  } catch { /* The file has its name; only a power cut could take it back. */ }
}
