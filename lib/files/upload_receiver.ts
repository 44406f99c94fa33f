/**
 * Receives uploads in parts, and makes files of them. It does not know which
 * protocol a client speaks: `draft_upload.ts` and `tus_upload.ts` do.
 *
 * @module
 */

import { ConnectionLost, HttpError } from "../errors.ts";
import { modeOf } from "./atomic_write.ts";
import {
  DigestHasher,
  FileDigests,
  parseDigests,
  verifyDigests,
} from "./digests.ts";
import type { Directory, Replaced } from "./directory.ts";
import { diskError } from "./disk_error.ts";
import { contentOf, refuseIncomplete, writeAll } from "./received_content.ts";
import {
  countOf,
  inconsistentLength,
  lastingFields,
  SizeLimit,
  Unresumable,
} from "./resumable_fields.ts";
import { spaceOf } from "./space.ts";
import type { UploadBounds } from "./upload_counts.ts";
import {
  type OpenUpload,
  type UploadRecord,
  UploadStore,
} from "./upload_store.ts";
import { Writers, type Writing } from "./upload_writers.ts";
import { validatorsOf } from "./validators.ts";

/** The file that an upload is to become. */
export interface UploadTarget {
  /** Its path, as for {@linkcode Directory.replaceFile}. */
  path: string;
  /** The path of its URL. */
  location: string;
}

/** A file that an upload has become. */
export interface ReceivedFile {
  /** Whether the response is 201. */
  isCreated: boolean;
  entityTag: string;
  /** The path of its URL. */
  location?: string;
}

/** The fields that say how many octets of an upload are kept. */
export type TellKept = (offset: number) => Iterable<[string, string]>;

/** Whether all octets of an upload have arrived. */
export function isFull({ record, offset }: OpenUpload): boolean {
  return record.length === offset;
}

/** The uploads to a directory, and what is done to them. */
export class UploadReceiver {
  /** The maximum size of an upload. */
  readonly limit: SizeLimit;
  /** What is kept of the uploads. */
  readonly store: UploadStore;
  /** Who is sending one. */
  readonly writers: Writers = new Writers();
  readonly #directory: Directory;
  readonly #digests = new FileDigests();

  constructor(
    directory: Directory,
    { maxSize, ...bounds }: UploadBounds & { maxSize: number },
  ) {
    this.#directory = directory;
    this.store = new UploadStore(directory, bounds);
    this.limit = new SizeLimit(Math.min(maxSize, bounds.maxSpace));
  }

  /**
   * Begins an upload, if it may become that file.
   *
   * @param told What its protocol has to remember.
   */
  async begin(
    { path, location }: UploadTarget,
    { headers, method }: Request,
    told: { length?: number; metadata?: string },
  ): Promise<OpenUpload> {
    refuseIncomplete(headers);
    parseDigests(headers.get("content-digest"));
    parseDigests(headers.get("repr-digest"));
    const preconditions = { headers, method };
    const there = await this.#directory.mayReplace(path, preconditions);
    await this.refuseMore(told.length, headers, 0);
    return await this.store.create({
      path,
      location,
      method,
      headers: lastingFields(headers),
      ...told,
    }, modeOf(there));
  }

  /** Refuses what is known to be more than there is space for. */
  async refuseMore(
    length: number | undefined,
    headers: Headers,
    offset: number,
  ): Promise<void> {
    const end = length ?? offset + (countOf(headers, "content-length") ?? 0);
    await spaceOf(this.#directory)?.refuseMore(end - offset);
  }

  /**
   * Records the total length of an upload. Throws an {@linkcode HttpError} with
   * 400 if it was another before.
   */
  async declareLength(upload: OpenUpload, length: number): Promise<void> {
    const { token, record } = upload;
    if ((record.length ?? length) !== length) throw inconsistentLength();
    if (record.length === length) return;
    record.length = length;
    await this.store.write(token, record);
  }

  /**
   * Appends the content of a request.
   *
   * @param isComplete Asked once all content has arrived.
   * @returns The file, if the upload is complete.
   */
  async append(
    upload: OpenUpload,
    request: Request,
    isComplete: () => boolean,
  ): Promise<ReceivedFile | undefined> {
    using writing = this.writers.begin(upload.token);
    await this.#receive(upload, request, writing);
    if (!isComplete()) return undefined;
    return await this.#finish(upload, request.signal);
  }

  /**
   * What is here of an upload that is complete, to its client, once its offset
   * is its length. One that was cut off just before it became a file becomes
   * one now, as no more will be sent.
   *
   * @param tell As for {@linkcode UploadReceiver.broken}.
   */
  async settledProgressOf(
    token: string,
    signal: AbortSignal,
    tell: TellKept,
  ): Promise<{ record: UploadRecord; offset: number }> {
    const { record, offset } = await this.store.progressOf(token);
    if (record.done !== undefined || record.length !== offset) {
      return { record, offset };
    }
    {
      using upload = await this.store.open(token);
      using _writing = this.writers.begin(token);
      try {
        if (isFull(upload)) await this.#finish(upload, signal);
      } catch (error) {
        throw await this.broken(upload, error, tell);
      }
    }
    return await this.store.progressOf(token);
  }

  /**
   * Removes an upload that cannot be resumed; for one that lacks space, the
   * error says how much is kept.
   *
   * @param tell The fields that say so; undefined if the client does not know
   * the upload, which is removed then.
   */
  async broken(
    upload: OpenUpload,
    cause: unknown,
    tell: TellKept | undefined,
  ): Promise<unknown> {
    const error = diskError(cause, "write");
    if (!tell || error instanceof Unresumable) {
      await this.store.remove(upload.token);
      return error;
    }
    if (!(error instanceof HttpError) || error.status !== 507) return error;
    const { offset } = upload;
    return new HttpError(507, `${error.message}: ${offset} octets are kept`, {
      cause,
      headers: [...tell(offset)],
    });
  }

  /**
   * Octets that arrived before the content broke off are kept, unless they are
   * wrong.
   */
  async #receive(
    upload: OpenUpload,
    request: Request,
    writing: Writing,
  ): Promise<void> {
    const from = upload.offset;
    const expected = parseDigests(request.headers.get("content-digest"));
    const hasher = await DigestHasher.create(expected.keys());
    let isBroken = true;
    try {
      for await (const octets of writing.guard(contentOf(request))) {
        this.#refuseExcess(upload, octets.length);
        upload.grow(octets.length);
        hasher.update(octets);
        await writeAll(upload.file, octets);
      }
      isBroken = false;
      verifyDigests(expected, hasher.digests(), "Content-Digest");
      await upload.file.syncData();
    } catch (error) {
      // What a full disk took of this request is space that others need.
      const isFault = !isBroken || !isRefusal(error);
      if (isFault) await upload.truncate(from).catch(() => {});
      throw error;
    }
  }

  #refuseExcess({ offset, record }: OpenUpload, count: number): void {
    this.limit.refuseMore(offset + count);
    if (offset + count > (record.length ?? Infinity)) {
      const { status, message } = inconsistentLength();
      throw new Unresumable(status, message);
    }
  }

  async #finish(
    upload: OpenUpload,
    signal: AbortSignal,
  ): Promise<ReceivedFile> {
    const { record, offset } = upload;
    if ((record.length ?? offset) !== offset) throw inconsistentLength();
    const { isNew, info } = await this.#adopt(upload, signal)
      .catch((error) => {
        // A refusal now is final.
        throw isRefusal(error) && error instanceof HttpError
          ? new Unresumable(error.status, error.message, {
            cause: error,
            headers: error.headers,
          })
          : error;
      });
    const { entityTag } = validatorsOf(info);
    await this.store.finish(upload, entityTag);
    const isCreated = isNew || record.method === "POST";
    return { isCreated, entityTag, location: record.location };
  }

  async #adopt(upload: OpenUpload, signal: AbortSignal): Promise<Replaced> {
    const { path, method, headers: fields } = upload.record;
    const headers = new Headers(fields);
    await this.#verifyWhole(upload, headers, signal);
    const preconditions = { method, headers };
    return await this.#directory.adoptFile(upload, path, preconditions);
  }

  /** Checks the digests that the first request announced. */
  async #verifyWhole(
    { file }: OpenUpload,
    headers: Headers,
    signal: AbortSignal,
  ): Promise<void> {
    const expected = parseDigests(headers.get("repr-digest"));
    for (const [algorithm, value] of expected) {
      const digest = await this.#digests.digestOf(file, algorithm, signal);
      if (signal.aborted) throw new ConnectionLost("The client went away");
      if (digest === undefined) {
        throw new HttpError(
          503,
          "Another process changed the upload, try again",
        );
      }
      verifyDigests(
        new Map([[algorithm, value]]),
        new Map([[algorithm, digest]]),
        "Repr-Digest",
      );
    }
  }
}

/**
 * Whether a request was refused or abandoned, without a fault of the server.
 */
function isRefusal(error: unknown): boolean {
  return error instanceof ConnectionLost ||
    error instanceof HttpError && error.status < 500;
}
