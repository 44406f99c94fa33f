/**
 * Speaks the tus protocol, version 1.0.0, for the uploads that
 * `upload_receiver.ts` receives: POST creates one, HEAD, PATCH and DELETE go on
 * with it.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import type { PortableInfo } from "../handler.ts";
import {
  countOf,
  hasContent,
  marked,
  mediaTypeOf,
  Unresumable,
} from "./resumable_fields.ts";
import {
  expiry,
  newLengthOf,
  parseMetadata,
  PART_TYPE,
  refuseOtherExtensions,
  resumable,
} from "./tus_fields.ts";
import {
  isFull,
  type UploadReceiver,
  type UploadTarget,
} from "./upload_receiver.ts";
import type { OpenUpload } from "./upload_store.ts";

/** Uploads of clients that speak tus. */
export class TusUploads {
  readonly #receiver: UploadReceiver;
  readonly #path: string;

  /** @param path The path below which the uploads are. */
  constructor(receiver: UploadReceiver, path: string) {
    this.#receiver = receiver;
    this.#path = path;
  }

  /** Begins an upload, with the content that the request has. */
  async create(
    target: UploadTarget,
    request: Request,
    info: PortableInfo,
  ): Promise<Response> {
    return await this.#create(target, request, info).catch(reject);
  }

  async #create(
    target: UploadTarget,
    request: Request,
    info: PortableInfo,
  ): Promise<Response> {
    const { headers, method } = request;
    if (method !== "POST") {
      throw new HttpError(400, "An upload by tus begins with POST");
    }
    refuseOtherExtensions(headers);
    const length = newLengthOf(headers);
    this.#receiver.limit.refuseMore(length ?? 0);
    const metadata = headers.get("upload-metadata") ?? undefined;
    parseMetadata(metadata ?? null);
    // Of a POST without content, curl tells neither a length nor a type.
    const isTold = headers.has("content-length") || headers.has("content-type");
    if (isTold && hasContent(request)) refuseOtherType(headers);
    refuseExcess(headers, 0, length);
    const told = { length, metadata };
    using upload = await this.#receiver.begin(target, request, told);
    const forget = () => this.#receiver.store.remove(upload.token);
    try {
      const response = await this.#append(upload, request, 201);
      // A client that does not get the response does not know the upload.
      info.completed.catch(forget);
      response.headers.set("location", this.#path + upload.token);
      return response;
    } catch (error) {
      throw await this.#receiver.broken(upload, error, undefined);
    }
  }

  /** Answers a request for an upload. */
  async answer(
    token: string,
    method: string,
    request: Request,
  ): Promise<Response> {
    return await this.#answer(token, method, request).catch(reject);
  }

  async #answer(
    token: string,
    method: string,
    request: Request,
  ): Promise<Response> {
    const { store } = this.#receiver;
    if (method === "HEAD") return await this.#tell(token, request.signal);
    if (method === "PATCH") return await this.#goOn(token, request);
    await store.read(token);
    await store.remove(token);
    return new Response(null, { status: 204, headers: resumable });
  }

  async #tell(token: string, signal: AbortSignal): Promise<Response> {
    const { record: { length, metadata }, offset } = await this.#receiver
      .settledProgressOf(token, signal, tellOffset).catch(rejectLocked);
    return new Response(null, {
      status: 200,
      headers: {
        ...resumable,
        "cache-control": "no-store",
        "upload-offset": `${offset}`,
        ...length === undefined
          ? { "upload-defer-length": "1" }
          : { "upload-length": `${length}` },
        ...(metadata !== undefined && { "upload-metadata": metadata }),
      },
    });
  }

  async #goOn(token: string, request: Request): Promise<Response> {
    const { headers } = request;
    refuseOtherType(headers);
    refuseOtherExtensions(headers);
    const provided = countOf(headers, "upload-offset");
    if (provided === undefined) {
      throw new HttpError(400, "Upload-Offset is missing");
    }
    const { done, length: doneLength } = await this.#receiver.store.read(token);
    if (done !== undefined) {
      refuseOtherOffset(provided, doneLength!);
      refuseExcess(headers, provided, doneLength);
      if (hasContent(request)) throw tooLong();
      return this.#taken(provided, 204);
    }
    using upload = await this.#receiver.store.open(token).catch(rejectLocked);
    const { offset } = upload;
    refuseOtherOffset(provided, offset);
    try {
      await this.#takeLength(upload, headers);
      return await this.#append(upload, request, 204);
    } catch (error) {
      throw await this.#receiver.broken(upload, error, tellOffset);
    }
  }

  /** Takes the length that was to follow, and refuses content past it. */
  async #takeLength(upload: OpenUpload, headers: Headers): Promise<void> {
    const { record, offset } = upload;
    const length = countOf(headers, "upload-length");
    if (length !== undefined) {
      this.#receiver.limit.refuseMore(length);
      if (length < offset) throw tooLong();
      await this.#receiver.declareLength(upload, length);
    }
    refuseExcess(headers, offset, record.length);
    await this.#receiver.refuseMore(record.length, headers, offset);
  }

  async #append(
    upload: OpenUpload,
    request: Request,
    status: number,
  ): Promise<Response> {
    const ends = () => isFull(upload);
    const file = await this.#receiver.append(upload, request, ends);
    const response = this.#taken(upload.offset, status);
    if (file) response.headers.set("etag", file.entityTag);
    else response.headers.set("upload-expires", expiry());
    return response;
  }

  #taken(offset: number, status: number): Response {
    const headers = { ...resumable, "upload-offset": `${offset}` };
    return new Response(null, { status, headers });
  }
}

/** To a client that speaks tus, 409 means another offset. */
function rejectLocked(cause: unknown): never {
  const isLocked = cause instanceof HttpError && cause.status === 409 &&
    !(cause instanceof Unresumable);
  if (!isLocked) throw cause;
  const { message, headers } = cause;
  throw new HttpError(423, message, { cause, headers });
}

function tellOffset(offset: number): Iterable<[string, string]> {
  return [["upload-offset", `${offset}`]];
}

function refuseOtherType(headers: Headers): void {
  if (mediaTypeOf(headers) === PART_TYPE) return;
  throw new HttpError(415, `The content type must be ${PART_TYPE}`);
}

function refuseOtherOffset(provided: number, offset: number): void {
  if (provided === offset) return;
  throw new HttpError(409, "Upload-Offset does not match the upload");
}

/** Refuses content that is longer than what is left of its upload. */
function refuseExcess(
  headers: Headers,
  offset: number,
  length: number | undefined,
): void {
  const count = countOf(headers, "content-length") ?? 0;
  if (offset + count > (length ?? Infinity)) throw tooLong();
}

function tooLong(): HttpError {
  return new HttpError(413, "The content is longer than the upload");
}

function reject(cause: unknown): never {
  throw marked(cause, resumable);
}
