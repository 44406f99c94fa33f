/**
 * Keeps what was deleted for as long as that can be undone: the thing itself,
 * renamed, and a record of its path, in the hidden state folder. It does not
 * know who asks, nor when the time is over.
 *
 *     .sluice-state/deleted/OWNER/lock         locked while the process runs
 *     .sluice-state/deleted/OWNER/TOKEN        the file, link or directory
 *     .sluice-state/deleted/OWNER/TOKEN.json   its record, written before
 *
 * Each process has a folder of its own. Its lock dies with it, so what is in a
 * folder that can be locked was left by a crash.
 *
 * @module
 */

import { syncDirectory } from "./atomic_write.ts";
import { lstatOf } from "./containment.ts";
import type { Directory } from "./directory.ts";
import { join } from "./file_path.ts";
import {
  DELETED,
  makeStateFolder,
  STATE_FOLDER,
  stateOf,
  tryLocking,
} from "./shared_state.ts";

/** How often a folder is made that another process takes for one of the dead. */
const ATTEMPTS = 10;

/** What is known of something that was deleted. */
export interface DeletedRecord {
  /** Its path, percent-encoded; with `/` at the end of a directory. */
  path: string;
  /** When it was deleted, in milliseconds since 1970. */
  time: number;
}

/** Something that was deleted and is still there. */
export interface Kept {
  /** Tells it from all others. */
  id: string;
  /** Where it is. */
  place: string;
  record: DeletedRecord;
}

/** The folder of this process. */
interface Own {
  owner: string;
  folder: string;
  lock: Deno.FsFile;
}

/** What was deleted below a directory. */
export class UndoStore {
  readonly #directory: Directory;
  readonly #folder: string;
  #own: Promise<Own> | undefined;

  constructor(directory: Directory) {
    this.#directory = directory;
    this.#folder = join(directory.path, STATE_FOLDER, DELETED);
  }

  /** Makes a place for what is about to be deleted, and writes its record. */
  async reserve(path: string): Promise<Kept> {
    stateOf(this.#directory).refuseNewer();
    this.#own ??= this.#begin().catch((error) => {
      this.#own = undefined;
      throw error;
    });
    const { owner, folder } = await this.#own;
    const token = crypto.randomUUID();
    const record = { path, time: Date.now() };
    const place = join(folder, token);
    await writeRecord(`${place}.json`, record);
    // Without its record, nobody would know whose it is.
    await syncDirectory(folder);
    return { id: `${owner}.${token}`, place, record };
  }

  /** What has an id; undefined if it is gone, or has never been. */
  async find(id: string): Promise<Kept | undefined> {
    const [, owner, token] = idPattern.exec(id) ?? [];
    if (owner === undefined) return undefined;
    stateOf(this.#directory).refuseNewer();
    return await keptAt(join(this.#folder, owner), owner, token);
  }

  /** Forgets what is no longer there. */
  async forget({ place }: Kept): Promise<void> {
    await Deno.remove(`${place}.json`).catch(() => {});
  }

  /**
   * Takes what dead processes have left, the latest first: it may be the
   * directory of the others.
   *
   * @param putBack What is done with each; what it leaves is kept.
   */
  async takeOver(putBack: (kept: Kept) => Promise<void>): Promise<void> {
    if (!lstatOf(this.#folder)?.isDirectory) return;
    stateOf(this.#directory).refuseNewer();
    const own = (await this.#own)?.owner;
    const dead = new DisposableStack();
    using _dead = dead;
    const all: Kept[] = [];
    const folders: string[] = [];
    for await (const { name, isDirectory } of Deno.readDir(this.#folder)) {
      // A later version may keep more here.
      if (!isDirectory || name === own || !uuid.test(name)) continue;
      const folder = join(this.#folder, name);
      const lock = lockOf(folder);
      if (lock === undefined) continue;
      dead.use(lock);
      folders.push(folder);
      all.push(...await keptBelow(folder, name));
    }
    all.sort((one, other) => other.record.time - one.record.time);
    for (const kept of all) await putBack(kept);
    for (const folder of folders) await removeIfEmpty(folder);
  }

  /** Ends: this process keeps nothing any more. */
  async close(): Promise<void> {
    const own = await this.#own;
    if (own === undefined) return;
    this.#own = undefined;
    await removeIfEmpty(own.folder);
    own.lock.close();
  }

  async #begin(): Promise<Own> {
    for (const path of [join(this.#folder, ".."), this.#folder]) {
      if (makeStateFolder(path)) continue;
      throw new Error(`Cannot keep anything: ${DELETED} is not a directory`);
    }
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const owner = crypto.randomUUID();
      const folder = join(this.#folder, owner);
      const lock = beginFolder(folder);
      if (lock === undefined) continue;
      await syncDirectory(this.#folder);
      return { owner, folder, lock };
    }
    throw new Error("Cannot lock a new folder");
  }
}

/** Undefined if another process has taken it for one of the dead. */
function beginFolder(folder: string): Deno.FsFile | undefined {
  const path = join(folder, "lock");
  const options = { write: true, createNew: true, mode: 0o600 };
  Deno.mkdirSync(folder, { mode: 0o700 });
  let lock: Deno.FsFile;
  try {
    lock = Deno.openSync(path, options);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  if (tryLocking(lock) && lstatOf(path)) return lock;
  lock.close();
  return undefined;
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
const idPattern =
  /^([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\.([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;

async function writeRecord(path: string, record: DeletedRecord): Promise<void> {
  const options = { write: true, createNew: true, mode: 0o600 };
  try {
    using file = await Deno.open(path, options);
    const octets = new TextEncoder().encode(JSON.stringify(record));
    for (let at = 0; at < octets.length;) {
      at += await file.write(octets.subarray(at));
    }
    await file.sync();
  } catch (error) {
    await Deno.remove(path).catch(() => {});
    throw error;
  }
}

async function keptAt(
  folder: string,
  owner: string,
  token: string,
): Promise<Kept | undefined> {
  const place = join(folder, token);
  const text = await Deno.readTextFile(`${place}.json`).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
  const record = parseRecord(text);
  if (record === undefined || lstatOf(place) === undefined) return undefined;
  return { id: `${owner}.${token}`, place, record };
}

/** Undefined for a record that a power cut left incomplete. */
function parseRecord(text: string): DeletedRecord | undefined {
  try {
    const { path, time }: DeletedRecord = JSON.parse(text);
    const isRecord = typeof path === "string" && typeof time === "number";
    return isRecord ? { path, time } : undefined;
  } catch {
    return undefined;
  }
}

/** The lock of a folder whose process has ended; undefined if it has not. */
function lockOf(folder: string): Deno.FsFile | undefined {
  let lock: Deno.FsFile;
  try {
    lock = Deno.openSync(join(folder, "lock"), { write: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    removeUnlocked(folder);
    return undefined;
  }
  if (tryLocking(lock)) return lock;
  lock.close();
  return undefined;
}

/** A process that has only begun it makes another one. */
function removeUnlocked(folder: string): void {
  try {
    Deno.removeSync(folder);
  } catch { /* It is gone, or has something in it. */ }
}

async function keptBelow(folder: string, owner: string): Promise<Kept[]> {
  const found: Kept[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const token = name.endsWith(".json") ? name.slice(0, -5) : "";
    if (!uuid.test(token)) continue;
    const kept = await keptAt(folder, owner, token);
    if (kept) found.push(kept);
    // Its deletion did not come that far, or came to its end.
    else if (lstatOf(join(folder, token)) === undefined) {
      await Deno.remove(join(folder, name)).catch(() => {});
    }
  }
  return found;
}

/** What is in a folder stays, with the lock: the next process tries again. */
async function removeIfEmpty(folder: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (name !== "lock") return;
    }
    await Deno.remove(join(folder, "lock"));
    await Deno.remove(folder);
  } catch { /* It is gone, or the next process removes it. */ }
}
