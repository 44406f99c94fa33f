/**
 * Stores unfinished uploads: a record of each, the octets that have arrived,
 * and its writer. They are kept in a hidden folder of the served directory, so
 * that another instance, or the next one, can resume them. It does not know
 * what the client is told.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { HttpError } from "../errors.ts";
import type { PartFile } from "./atomic_write.ts";
import type { Directory } from "./directory.ts";
import { isStaleHandle } from "./disk_error.ts";
import { join } from "./file_path.ts";
import { SharedState } from "./shared_state.ts";
import { type Space, spaceOf } from "./space.ts";
import {
  type Found,
  type UploadBounds,
  UploadCounts,
} from "./upload_counts.ts";

/** Milliseconds after which an upload that is not resumed is removed. */
export const UPLOAD_LIFETIME = 24 * 60 * 60 * 1000;

/**
 * Milliseconds after which the folder is counted again, for changes by other
 * instances.
 */
const RECOUNT = 60_000;

/** The folder, hidden from readers and writers of files. */
const UPLOADS = ".sluice-uploads";

/** The record of an upload. */
export interface UploadRecord {
  /** The path of the file, as in the URL. */
  path: string;
  method: string;
  /** The path of the file's URL; older records have none. */
  location?: string;
  /** The `Upload-Metadata` of a client that speaks tus. */
  metadata?: string;
  /** The total length in octets, once known. */
  length?: number;
  /** The fields of its first request that matter at its end. */
  headers: [name: string, value: string][];
  /** The entity tag of the file, once it is in its place. */
  done?: string;
}

const tokenPattern = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** The names of an upload's octets and of its record. */
const namePattern =
  /^([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\.(part|json|json\.new)$/;

/** An upload that is open for one writer. */
export class OpenUpload implements PartFile, Disposable {
  /** Octets that have arrived. */
  offset: number;
  #counts: UploadCounts;
  #space: Space | undefined;

  constructor(
    readonly token: string,
    readonly record: UploadRecord,
    { path, file }: PartFile,
    { counts, space }: { counts: UploadCounts; space?: Space },
  ) {
    this.path = path;
    this.file = file;
    this.#counts = counts;
    this.#space = space;
    this.offset = file.seekSync(0, Deno.SeekMode.End);
    counts.resize(token, this.offset);
  }

  readonly path: string;
  readonly file: Deno.FsFile;

  /**
   * Counts octets that are about to be written. Throws an {@linkcode HttpError}
   * with 507 if all uploads together, or all files, would exceed their bound.
   */
  grow(count: number): void {
    this.#space?.grow(count);
    try {
      this.#counts.grow(this.token, count);
    } catch (error) {
      this.#space?.shrink(count);
      throw error;
    }
    this.offset += count;
  }

  /** Discards the octets after an offset. */
  async truncate(offset: number): Promise<void> {
    const counted = this.offset;
    try {
      await this.file.truncate(offset);
    } finally {
      // A failed write may have added some octets.
      this.offset = this.file.statSync().size;
      this.#counts.resize(this.token, this.offset);
      this.#space?.shrink(counted - this.offset);
    }
  }

  [Symbol.dispose](): void {
    this.file.close();
  }
}

/** The uploads of a directory. */
export class UploadStore {
  #folder: string;
  #state: SharedState;
  #counts: UploadCounts;
  #space: Space | undefined;
  #countedAt = -Infinity;
  #counting: Promise<void> | undefined;

  constructor(directory: Directory, bounds: UploadBounds) {
    this.#folder = join(directory.path, UPLOADS);
    this.#state = new SharedState(directory.path);
    this.#counts = new UploadCounts(bounds);
    this.#space = spaceOf(directory);
  }

  /**
   * Creates an upload. Rejects with an {@linkcode HttpError}: 503 if there are
   * too many, 507 if they take up too much space.
   *
   * @param mode The mode of the file it will replace, as for `Parts.create`.
   */
  async create(record: UploadRecord, mode?: number): Promise<OpenUpload> {
    await this.#prepare();
    const token = crypto.randomUUID();
    this.#counts.begin(token, record.length);
    try {
      const path = this.#dataOf(token);
      const file = await Deno.open(path, {
        read: true,
        write: true,
        createNew: true,
        mode,
      });
      const upload = this.#upload(token, record, { path, file });
      await file.lock(true).catch(() => {});
      await this.write(token, record).catch((error) => {
        file.close();
        throw error;
      });
      return upload;
    } catch (error) {
      await this.remove(token);
      throw error;
    }
  }

  /**
   * Opens an upload for writing. Rejects with an {@linkcode HttpError}: 404 if
   * there is none, 409 if another instance is writing it.
   */
  async open(token: string): Promise<OpenUpload> {
    const record = await this.read(token);
    await this.#beCounted();
    const path = this.#dataOf(token);
    const file = await present(() =>
      Deno.open(path, { read: true, write: true })
    );
    // While this one waited for the lock, another instance may have made a file
    // of it, which is no longer to be written.
    if (!await lockSoon(file) || !await isAt(path, file)) {
      file.close();
      throw isBeingReceived();
    }
    return this.#upload(token, record, { path, file });
  }

  #upload(token: string, record: UploadRecord, part: PartFile): OpenUpload {
    const counting = { counts: this.#counts, space: this.#space };
    return new OpenUpload(token, record, part, counting);
  }

  /**
   * The record of an upload. Rejects with an HttpError with 404 if there is
   * none, or it was not resumed for too long.
   */
  async read(token: string): Promise<UploadRecord> {
    if (!tokenPattern.test(token)) throw unknownUpload();
    this.#state.refuseNewer();
    const path = this.#recordOf(token);
    const text = await present(() => Deno.readTextFile(path));
    const record = parseRecord(text);
    if (record === undefined || await this.#removeIfStale(token)) {
      throw unknownUpload();
    }
    return record;
  }

  /**
   * The record of an upload, and how many octets of it have arrived. Rejects as
   * {@linkcode UploadStore.read} does; with 409 if another instance is writing
   * it, since what it has would soon be wrong.
   */
  async progressOf(
    token: string,
  ): Promise<{ record: UploadRecord; offset: number }> {
    const record = await this.read(token);
    const isDone = record.done !== undefined;
    const offset = isDone ? undefined : await sizeAtRest(this.#dataOf(token));
    if (offset !== undefined) return { record, offset };
    // It may have become a file since its record was read.
    const last = isDone ? record : await this.read(token);
    if (last.done === undefined) throw unknownUpload();
    return { record: last, offset: last.length! };
  }

  /** Writes the record of an upload, in one step. */
  async write(token: string, record: UploadRecord): Promise<void> {
    const path = this.#recordOf(token);
    const text = JSON.stringify(record);
    await Deno.writeTextFile(`${path}.new`, text, { mode: 0o600 });
    await Deno.rename(`${path}.new`, path);
  }

  /** Records that an upload is a file now; it is one even if this fails. */
  async finish(
    { token, record, offset }: OpenUpload,
    entityTag: string,
  ): Promise<void> {
    for (const oldest of this.#counts.finish(token)) await this.remove(oldest);
    await this.write(token, { ...record, length: offset, done: entityTag })
      .catch(() => this.remove(token));
  }

  /** Removes an upload. */
  async remove(token: string): Promise<void> {
    this.#counts.delete(token);
    const [data, record] = [this.#dataOf(token), this.#recordOf(token)];
    const info = this.#space && await infoOf(data).catch(() => undefined);
    // Of several that remove it at once, one gives back its space.
    const isGone = await Deno.remove(data).then(() => true, () => false);
    if (isGone) this.#space?.shrink(info?.size ?? 0);
    for (const path of [record, `${record}.new`]) {
      await Deno.remove(path).catch(() => {});
    }
  }

  /** Removes uploads that were not resumed, and counts the others. */
  async sweep(): Promise<void> {
    this.#counting ??= this.#count().finally(() => this.#counting = undefined);
    await this.#counting;
  }

  async #prepare(): Promise<void> {
    this.#state.refuseNewer();
    await Deno.mkdir(this.#folder, { mode: 0o700 }).catch((error) => {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    });
    // A link could lead anywhere.
    if (!(await Deno.lstat(this.#folder)).isDirectory) {
      throw new Error(`Cannot keep uploads: ${UPLOADS} is not a directory`);
    }
    await this.#beCounted();
    // Another instance may have made room.
    if (this.#counts.isFull) await this.#counting;
  }

  /** Waits only for the first count; later ones run in the background. */
  async #beCounted(): Promise<void> {
    if (performance.now() - this.#countedAt < RECOUNT) return;
    const counting = this.sweep();
    if (this.#countedAt === -Infinity) await counting;
    else counting.catch(() => {});
  }

  async #count(): Promise<void> {
    this.#state.refuseNewer();
    this.#counts.beginCount();
    const found = await this.#look();
    for (const [token, { time }] of found) {
      if (isStale(time) && await this.#removeIfStale(token)) {
        found.delete(token);
      }
    }
    this.#counts.endCount(found);
    this.#countedAt = performance.now();
  }

  async #look(): Promise<Map<string, Found>> {
    const found = new Map<string, Found>();
    try {
      for await (const { name } of Deno.readDir(this.#folder)) {
        // A later version may keep more of an upload; then it removes that.
        const [, token, kind] = namePattern.exec(name) ?? [];
        if (token === undefined) continue;
        const info = await infoOf(join(this.#folder, name));
        if (info === undefined) continue;
        const { octets, time } = found.get(token) ?? { time: 0 };
        found.set(token, {
          octets: kind === "part" ? info.size : octets,
          // The record is older than the last octets.
          time: Math.max(time, timeOf(info)),
        });
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    return found;
  }

  async #removeIfStale(token: string): Promise<boolean> {
    const data = this.#dataOf(token);
    const infos = [await infoOf(data), await infoOf(this.#recordOf(token))];
    const time = Math.max(...infos.map((info) => info ? timeOf(info) : 0));
    if (!isStale(time) || await isWritten(data)) return false;
    await this.remove(token);
    return true;
  }

  #dataOf(token: string): string {
    return join(this.#folder, `${token}.part`);
  }

  #recordOf(token: string): string {
    return join(this.#folder, `${token}.json`);
  }
}

/** Undefined for a record that a power cut left incomplete. */
function parseRecord(text: string): UploadRecord | undefined {
  try {
    const record: UploadRecord = JSON.parse(text);
    return typeof record.path === "string" ? record : undefined;
  } catch {
    return undefined;
  }
}

/** The error for an upload that is not there. */
export function unknownUpload(): HttpError {
  return new HttpError(404, "There is no such upload, or it was removed");
}

function isBeingReceived(): HttpError {
  return new HttpError(409, "Another instance is receiving this upload", {
    headers: { "retry-after": "1" },
  });
}

function isStale(time: number): boolean {
  return time < Date.now() - UPLOAD_LIFETIME;
}

function timeOf({ mtime }: Deno.FileInfo): number {
  return mtime?.getTime() ?? 0;
}

/** How often something is looked for that may just be replaced. */
const LOOKS = 3;

/**
 * Finds what is part of an upload, or throws that there is no such upload. A
 * name that another machine replaces is absent or stale for a moment.
 */
async function present<T>(find: () => Promise<T>): Promise<T> {
  for (let look = 1;; look++) {
    try {
      return await find();
    } catch (error) {
      const isAbsent = error instanceof Deno.errors.NotFound;
      if (!isAbsent && !isStaleHandle(error)) throw error;
      if (look === LOOKS) throw isAbsent ? unknownUpload() : error;
    }
  }
}

/** Whether an open file still has its name. */
async function isAt(path: string, file: Deno.FsFile): Promise<boolean> {
  const there = await infoOf(path);
  return there !== undefined && there.ino === file.statSync().ino;
}

/** Undefined if nothing is there. */
async function infoOf(path: string): Promise<Deno.FileInfo | undefined> {
  return await Deno.lstat(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
}

/** Milliseconds that a lock is waited for, and between two attempts. */
const PATIENCE = 1000;
const PAUSE = 20;

/**
 * Locks a file that is free, or soon will be. Another instance may still write
 * what a client had sent before it left; and a child process that is being
 * started briefly holds copies of all locks, so a lock may outlive its writer.
 */
async function lockSoon(file: Deno.FsFile): Promise<boolean> {
  for (let waited = 0; !await file.tryLock(true); waited += PAUSE) {
    if (waited >= PATIENCE) return false;
    await delay(PAUSE);
  }
  return true;
}

/**
 * The size of a file once nobody writes it; undefined if it is not there. Throws
 * an HttpError with 409 if it goes on being written.
 */
async function sizeAtRest(path: string): Promise<number | undefined> {
  try {
    using file = await Deno.open(path, { read: true, write: true });
    if (!await lockSoon(file)) throw isBeingReceived();
    return await isAt(path, file) ? file.statSync().size : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** A lock dies with its process, so no one writes a file that can be locked. */
async function isWritten(path: string): Promise<boolean> {
  try {
    using file = await Deno.open(path, { write: true });
    // Some file systems have no locks.
    return !await file.tryLock(true).catch(() => true);
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}
