/**
 * One change of a directory at a time: of all that go through here, in this
 * process and in others. Whoever holds the lock can look at what is there, decide,
 * and act, and nothing has changed in between.
 *
 * @module
 */

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
