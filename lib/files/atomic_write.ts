/**
 * Octets are gathered in a file under a name of its own, a part, which comes to
 * lie in the place of a file in one step: until then the place shows what was
 * there, even when the process is killed. Of two that replace the same version
 * one finds that it is too late. It does not know what is written, nor where a
 * reader may look.
 *
 * @module
 */

import { lstatOf } from "./containment.ts";
import { dirname, join } from "./file_path.ts";

/** An open, empty, locked file; whoever makes one renames or removes it. */
export interface PartFile {
  path: string;
  file: Deno.FsFile;
}

const partName = /^\.sluice-[\da-f-]{36}\.part$/;

/**
 * Makes one in a directory.
 *
 * @param mode That of the file which it is to replace, so that nobody reads of it
 * what they could not read there. Default: that of any new file.
 */
export async function createPart(
  directory: string,
  mode?: number,
): Promise<PartFile> {
  const path = join(directory, `.sluice-${crypto.randomUUID()}.part`);
  const file = await Deno.open(path, { write: true, createNew: true, mode });
  // On a file system without locks nobody takes it for a stale one either.
  await file.lock(true).catch(() => {});
  return { path, file };
}

/**
 * Removes what writers that died have left. A lock dies with its process, so
 * what can be locked is stale; its age tells nothing, uploads may take days.
 */
export async function removeStaleParts(directory: string): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(directory)) {
    if (!isFile || !partName.test(name)) continue;
    await removeIfStale(join(directory, name)).catch(() => {});
  }
}

async function removeIfStale(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true });
  if (await file.tryLock(true)) await Deno.remove(path);
}

/** Throws where what is there, if anything, is not to be replaced. */
export type Check = (current: Deno.FileInfo | undefined) => void;

/** What is done about a place. */
export interface Expectation {
  /** What a reader finds there now. */
  current: () => Deno.FileInfo | undefined;
  check: Check;
  /** Whether something that another program puts there must stay. */
  mustBeNew: boolean;
}

/** What became of it. */
export interface Replaced {
  /** Whether a reader found nothing there before. */
  isNew: boolean;
  /** What the file says of itself. */
  info: Deno.FileInfo;
}

/** Puts a part in a place. The part stays open. */
export async function putInPlace(
  { file, path: part }: PartFile,
  place: string,
  { current, check, mustBeNew }: Expectation,
): Promise<Replaced> {
  return await withLock(dirname(place), async () => {
    const before = current();
    check(before);
    const there = lstatOf(place);
    if (there?.isFile && there.mode !== null) {
      await Deno.chmod(part, there.mode & 0o777);
    }
    const time = new Date(nextTime(there, before));
    await file.utime(time, time);
    if (mustBeNew && !there) await linkNew(part, place);
    else await Deno.rename(part, place);
    return { isNew: before === undefined, info: file.statSync() };
  });
}

/** Removes what is in a place. */
export async function removeFrom(
  place: string,
  { current, check }: Pick<Expectation, "current" | "check">,
): Promise<void> {
  await withLock(dirname(place), async () => {
    check(current());
    await Deno.remove(place);
  });
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
const lastChanges = new Map<string, Promise<unknown>>();

/** Runs a change of a directory when those before it have ended. */
export async function withLock<T>(
  directory: string,
  change: () => Promise<T>,
): Promise<T> {
  // A lock of the system's alone would keep a thread waiting for each change.
  const before = lastChanges.get(directory) ?? Promise.resolve();
  const running = before.then(() => locked(directory, change));
  const ended = running.catch(() => {});
  lastChanges.set(directory, ended);
  try {
    return await running;
  } finally {
    if (lastChanges.get(directory) === ended) lastChanges.delete(directory);
  }
}

/** The lock ends with the process, and leaves no file. */
async function locked<T>(
  directory: string,
  change: () => Promise<T>,
): Promise<T> {
  using file = await openToLock(directory);
  await file?.lock(true);
  return await change();
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
