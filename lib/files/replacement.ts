/**
 * A part file goes in, and comes to lie in the place of a file, in one step, if
 * what is there is what was expected. Of two that replace the same version one
 * finds that it is too late.
 *
 * @module
 */

import { withLock } from "./directory_lock.ts";
import { dirname } from "./file_path.ts";
import { lstatOf } from "./containment.ts";
import type { PartFile } from "./part_file.ts";

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
