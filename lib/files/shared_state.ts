/**
 * What all instances share that serve a directory, on one machine or on many:
 * locks, and the version of their form, in a hidden folder at the top of the
 * directory. It does not know what is done under a lock.
 *
 * A lock is one on a regular file that is open for writing. On FUSE and NFS, a
 * lock on a directory holds on one machine only. It ends with its process.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { orAborted, Slots } from "../slots.ts";
import { lstatOf } from "./containment.ts";
import { isSame } from "./file_cache.ts";
import { join } from "./file_path.ts";

/** The folder, hidden from readers and writers of files. */
export const STATE_FOLDER = ".sluice-state";

/** The folder in it for what was deleted and can be put back. */
export const DELETED = "deleted";

/**
 * The version of the form in which instances lock directories and keep uploads.
 * An instance of another version with the same number may run beside this one.
 * To raise it, an instance holds all locks; from then on this one changes
 * nothing.
 */
const VERSION = 1;

/**
 * How many locks there are; each is for a share of all directories. A wait for
 * the system's lock blocks one of the 32 threads that Deno has for files.
 */
const LOCKS = 16;

/** Milliseconds after which a change no longer waits for others. */
const PATIENCE = 10_000;

/** What is shared cannot be used, so nothing may be changed. */
export class StateError extends HttpError {
  /** The name of the class. */
  override name = "StateError";
  /** What to change, for whoever runs the server. */
  readonly advice: string;

  constructor(message: string, advice: string, options?: ErrorOptions) {
    super(503, message, options);
    this.advice = advice;
  }
}

const states = new WeakMap<object, SharedState>();

/** What instances share below an open directory. */
export function stateOf(directory: { readonly path: string }): SharedState {
  let state = states.get(directory);
  if (state === undefined) {
    state = new SharedState(directory.path);
    states.set(directory, state);
  }
  return state;
}

/** What instances share below one directory. */
export class SharedState {
  readonly #root: string;
  readonly #folder: string;
  readonly #turns = Array.from({ length: LOCKS }, () => new Slots(1));
  #isFolder = false;
  /** The file of the version when it was last read. */
  #read: Deno.FileInfo | undefined;

  /** @param root The directory: absolute, without links. */
  constructor(root: string) {
    this.#root = root;
    this.#folder = join(root, STATE_FOLDER);
  }

  /**
   * Locks directories for one change at a time, among all instances that serve
   * the same root. The holder can inspect, decide and act without a change in
   * between.
   *
   * @param directories Their paths: absolute, without links.
   * @returns The lock, once earlier changes have ended. Dispose of it to release
   * it. Rejects with a {@linkcode StateError}, with an {@linkcode HttpError}
   * with 503 if earlier changes do not end, or with the file system's error.
   */
  async lock(...directories: string[]): Promise<Disposable> {
    const start = this.#root.length;
    const numbers = directories.map((path) => lockOf(path.slice(start)));
    return await this.#lock(numbers, directories);
  }

  /**
   * Locks these directories, and every other one below the root: for what moves
   * a whole tree, in which any file may be about to change. Fulfilled and
   * rejected as {@linkcode SharedState.lock} is.
   */
  async lockAll(...directories: string[]): Promise<Disposable> {
    return await this.#lock(this.#turns.keys(), directories);
  }

  /** In one order, so that no two wait for each other. */
  async #lock(
    numbers: Iterable<number>,
    directories: string[],
  ): Promise<Disposable> {
    using held = new DisposableStack();
    for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
      const turns = this.#turns[number];
      held.use(turns.takeFree() ?? await patiently(turns.take.bind(turns)));
      await lockFile(held, this.#open(number));
    }
    // Instances before version 1, and those that serve a directory inside this
    // one, lock the directory itself. Windows cannot open it.
    if (Deno.build.os !== "windows") {
      for (const directory of [...new Set(directories)].sort()) {
        await lockFile(held, Deno.openSync(directory));
      }
    }
    this.refuseNewer();
    this.#writeVersion();
    return held.move();
  }

  /**
   * Throws a {@linkcode StateError} if an instance of a later version has
   * changed the form of what is shared.
   */
  refuseNewer(): void {
    const path = join(this.#folder, "version");
    const info = lstatOf(path);
    if (info === undefined || this.#read && isSame(info, this.#read)) return;
    const version = Deno.readTextFileSync(path).trim();
    // A power cut can leave it empty.
    if (version !== "" && version !== `${VERSION}`) {
      throw new StateError(
        "A newer version of this server has changed the form of its state",
        `update Sluice, as ${STATE_FOLDER} is of a newer version,`,
      );
    }
    if (version !== "") this.#read = info;
  }

  /** Writes the version where there is none; a lock must be held. */
  #writeVersion(): void {
    if (this.#read) return;
    const path = join(this.#folder, "version");
    const fresh = `${path}.${crypto.randomUUID()}`;
    try {
      Deno.writeTextFileSync(fresh, `${VERSION}\n`, { mode: 0o600 });
      Deno.renameSync(fresh, path);
    } catch { // On a full disk, files must still be removed.
      removeSilently(fresh);
    }
  }

  /** Opens the file of a lock, which is never removed. */
  #open(number: number): Deno.FsFile {
    const path = join(this.#folder, `lock-${number}`);
    const options = { write: true, create: true, mode: 0o600 };
    if (!this.#isFolder) this.#makeFolder();
    try {
      return Deno.openSync(path, options);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    this.#makeFolder();
    return Deno.openSync(path, options);
  }

  #makeFolder(): void {
    if (!makeStateFolder(this.#folder)) {
      throw new Error(
        `Cannot lock anything: ${STATE_FOLDER} is not a directory`,
      );
    }
    this.#isFolder = true;
  }
}

/** Makes the folder. @returns whether it is one: a link could lead anywhere. */
export function makeStateFolder(path: string): boolean {
  try {
    Deno.mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  return Deno.lstatSync(path).isDirectory;
}

function removeSilently(path: string): void {
  try {
    Deno.removeSync(path);
  } catch { /* It was not made. */ }
}

/**
 * Throws a {@linkcode StateError} if a file cannot be locked, as on a file
 * system that has no locks.
 *
 * @returns Whether the lock was free.
 */
export function tryLocking(file: Deno.FsFile): boolean {
  try {
    return file.tryLockSync(true);
  } catch (cause) {
    throw noLocks(cause);
  }
}

function noLocks(cause: unknown): StateError {
  return new StateError(
    "Files cannot be locked here, so nothing is changed",
    "choose a file system that has locks (flock)",
    { cause },
  );
}

/** Locks an open file; both end with the stack. */
async function lockFile(
  held: DisposableStack,
  file: Deno.FsFile,
): Promise<void> {
  held.use(file);
  if (tryLocking(file)) return;
  const locking = file.lock(true).catch((cause) => {
    throw noLocks(cause);
  });
  await patiently((signal) => orAborted(locking, signal)).catch((error) => {
    // The system's lock cannot be given up, so whoever is next waits as well.
    const rest = held.move();
    locking.catch(() => {}).then(() => rest.dispose());
    throw error;
  });
}

/** Waits for earlier changes, or throws a 503. */
async function patiently<T>(
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(PATIENCE);
  try {
    return await wait(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new HttpError(503, "Other changes are taking too long", {
      headers: { "retry-after": "10" },
    });
  }
}

/** The lock for a directory below the root: the same on every machine. */
function lockOf(path: string): number {
  let hash = 0x811c_9dc5; // FNV-1a
  for (let at = 0; at < path.length; at++) {
    hash = Math.imul(hash ^ path.charCodeAt(at), 0x0100_0193);
  }
  return (hash >>> 0) % LOCKS;
}
