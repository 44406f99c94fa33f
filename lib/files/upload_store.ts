/**
 * Uploads that are not finished: what is known of each, and the octets that are
 * here. It lies in a hidden folder of the directory that is served, so another
 * instance, or the next one, can go on. What is said to the client it does not know.
 *
 * @module
 */

import { join } from "@std/path";
import { HttpError } from "../errors.ts";
import type { Directory } from "./directory.ts";
import type { PartFile } from "./part_file.ts";

/** Milliseconds after which an upload that nobody goes on with is removed. */
export const UPLOAD_LIFETIME = 24 * 60 * 60 * 1000;

/** The folder, hidden from readers and writers of files. */
const UPLOADS = ".sluice-uploads";

/** What is known of an upload. */
export interface UploadRecord {
  /** Where the file goes, as it stands in the URL. */
  path: string;
  method: string;
  /** Octets in all, once that is known. */
  length?: number;
  /** The fields of its first request that count at its end. */
  headers: [name: string, value: string][];
  /** The entity tag of the file, once it is in its place. */
  done?: string;
}

const tokenPattern = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** An upload that is open for one writer. */
export interface OpenUpload extends PartFile, Disposable {
  token: string;
  record: UploadRecord;
  /** Octets that are here. */
  offset: number;
}

/** The uploads of a directory. */
export class UploadStore {
  #folder: string;

  constructor(directory: Directory) {
    this.#folder = join(directory.path, UPLOADS);
  }

  /** Makes one, and removes those that nobody goes on with. */
  async create(record: UploadRecord): Promise<OpenUpload> {
    await this.#prepare();
    const token = crypto.randomUUID();
    const path = this.#dataOf(token);
    const file = await Deno.open(path, {
      read: true,
      write: true,
      createNew: true,
    });
    try {
      await file.lock(true).catch(() => {});
      await this.write(token, record);
    } catch (error) {
      file.close();
      await this.remove(token);
      throw error;
    }
    return opened({ token, path, file, record }, 0);
  }

  /**
   * Opens one for writing. Rejects with an {@linkcode HttpError}: 404 when there is
   * none, 409 when another instance is writing it.
   */
  async open(token: string): Promise<OpenUpload> {
    const record = await this.read(token);
    const path = this.#dataOf(token);
    const file = await Deno.open(path, { read: true, write: true })
      .catch(() => Promise.reject(unknown()));
    if (!await file.tryLock(true)) {
      file.close();
      throw new HttpError(409, "Another instance is receiving this upload", {
        headers: { "retry-after": "1" },
      });
    }
    const { size } = file.statSync();
    file.seekSync(0, Deno.SeekMode.End);
    return opened({ token, path, file, record }, size);
  }

  /** What is known of one. Rejects with an HttpError with 404 if it is nothing. */
  async read(token: string): Promise<UploadRecord> {
    if (!tokenPattern.test(token)) throw unknown();
    const text = await Deno.readTextFile(this.#recordOf(token))
      .catch(() => Promise.reject(unknown()));
    return JSON.parse(text);
  }

  /** How many octets are here of one that is not done. */
  async offsetOf(token: string): Promise<number> {
    const { size } = await Deno.stat(this.#dataOf(token))
      .catch(() => Promise.reject(unknown()));
    return size;
  }

  /** Writes down what is known of one, in one step. */
  async write(token: string, record: UploadRecord): Promise<void> {
    const path = this.#recordOf(token);
    await Deno.writeTextFile(`${path}.new`, JSON.stringify(record));
    await Deno.rename(`${path}.new`, path);
  }

  /** Forgets one. */
  async remove(token: string): Promise<void> {
    const record = this.#recordOf(token);
    for (const path of [this.#dataOf(token), record, `${record}.new`]) {
      await Deno.remove(path).catch(() => {});
    }
  }

  async #prepare(): Promise<void> {
    await Deno.mkdir(this.#folder).catch((error) => {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    });
    // A link would lead who knows where.
    if (!(await Deno.lstat(this.#folder)).isDirectory) {
      throw new Error(`Cannot keep uploads: ${UPLOADS} is not a directory`);
    }
    await this.#removeAbandoned();
  }

  async #removeAbandoned(): Promise<void> {
    const oldest = Date.now() - UPLOAD_LIFETIME;
    const times = new Map<string, number>();
    for await (const { name } of Deno.readDir(this.#folder)) {
      const [token] = name.split(".");
      const { mtime } = await Deno.lstat(join(this.#folder, name))
        .catch(() => ({ mtime: null }));
      // The record is older than what came last.
      const time = Math.max(times.get(token) ?? 0, mtime?.getTime() ?? 0);
      times.set(token, time);
    }
    for (const [token, time] of times) {
      if (time < oldest && !await isWritten(this.#dataOf(token))) {
        await this.remove(token);
      }
    }
  }

  #dataOf(token: string): string {
    return join(this.#folder, `${token}.part`);
  }

  #recordOf(token: string): string {
    return join(this.#folder, `${token}.json`);
  }
}

function opened(
  upload: Omit<OpenUpload, "offset" | typeof Symbol.dispose>,
  offset: number,
): OpenUpload {
  return {
    ...upload,
    offset,
    [Symbol.dispose]: () => upload.file.close(),
  };
}

function unknown(): HttpError {
  return new HttpError(404, "There is no such upload, or no more");
}

/** A lock dies with its process: what can be locked, nobody writes. */
async function isWritten(path: string): Promise<boolean> {
  try {
    using file = await Deno.open(path, { write: true });
    return !await file.tryLock(true);
  } catch {
    return false;
  }
}
