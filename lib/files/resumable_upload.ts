/**
 * Uploads that can be resumed (draft-ietf-httpbis-resumable-upload, interop
 * version 8).
 *
 * Each is a resource of its own: HEAD tells how much has arrived, PATCH sends
 * more, DELETE cancels it. A complete upload becomes a file in one step, as any
 * other upload does.
 *
 * @module
 */

import { ConnectionLost, HttpError } from "../errors.ts";
import type { PortableInfo, RouteHandler } from "../handler.ts";
import { isLimit } from "../limits.ts";
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
  completeness,
  countOf,
  inconsistentLength,
  lastingFields,
  mayGetInterim,
  problem,
  SizeLimit,
  Unresumable,
} from "./resumable_fields.ts";
import { spaceOf } from "./space.ts";
import { type OpenUpload, unknownUpload, UploadStore } from "./upload_store.ts";
import { Writers, type Writing } from "./upload_writers.ts";
import { validatorsOf } from "./validators.ts";

/** Options of {@linkcode ResumableUploads}. */
export interface ResumableUploadsOptions {
  /**
   * The path below which the uploads are resources, with `/` at both ends.
   * Default: `/uploads/`.
   */
  path?: string;
  /**
   * The maximum size of an upload in octets. Default: `maxSpace`; past it 413.
   */
  maxSize?: number;
  /** The maximum number of unfinished uploads. Default: 1000; past it 503. */
  maxUploads?: number;
  /**
   * The maximum octets of all unfinished uploads together. Default: 17179869184
   * (16 GiB); past it 507.
   */
  maxSpace?: number;
  /**
   * Whether a request may go on with an upload to a path, which is percent-encoded
   * as in its URL. If not, it gets the 404 of an unknown upload. Default: whoever
   * knows its URL may.
   */
  mayResume?: (path: string, request: Request) => boolean;
}

/**
 * Resumable uploads to a directory. {@linkcode upload} begins them,
 * {@linkcode ResumableUploads.handler} resumes them.
 *
 * Received octets are kept in the hidden folder `.sluice-uploads` of the
 * directory. So an upload can be resumed after a restart, or on another
 * instance, for up to 24 hours after the last octet. At most one request writes
 * it: a later one ends the earlier.
 *
 * If an upload begins with content, a 104 tells its URL first: to a client that
 * sends `Upload-Draft-Interop-Version: 8`, and only if no field shows a proxy,
 * as some take the 104 for the final response. An upload that can no longer
 * become a file is removed at once, and so is one that broke off before the
 * client knew its URL. If no space is left, an upload keeps the octets of
 * earlier requests, and `Upload-Offset` in the 507 says how many.
 *
 * The number and the octets of unfinished uploads are bounded. Each instance
 * counts its own uploads at once, and those of other instances in the same
 * directory within a minute. So several instances can exceed the bounds by what
 * they receive in that time.
 *
 * @example
 * ```ts
 * import { Directory, ResumableUploads, upload } from "@sluice/http/files";
 * import { route } from "@sluice/http/router";
 *
 * const path = await Deno.makeTempDir();
 * const directory = await Directory.open(path);
 * const resumable = new ResumableUploads(directory);
 * const handler = route([
 *   {
 *     method: ["PUT", "POST"],
 *     pattern: new URLPattern({ pathname: "/files/*" }),
 *     handler: upload(directory, { resumable }),
 *   },
 *   {
 *     method: ["HEAD", "PATCH", "DELETE"],
 *     pattern: new URLPattern({ pathname: "/uploads/:token" }),
 *     handler: resumable.handler,
 *   },
 * ]);
 * await Deno.remove(path, { recursive: true });
 * ```
 */
export class ResumableUploads {
  #directory: Directory;
  #store: UploadStore;
  #path: string;
  #limit: SizeLimit;
  #writers = new Writers();
  #digests = new FileDigests();
  #mayResume: ResumableUploadsOptions["mayResume"];

  /**
   * Keeps uploads in a directory, which must be writable. Throws a RangeError
   * for an invalid bound.
   */
  constructor(
    directory: Directory,
    {
      path = "/uploads/",
      maxSize = Infinity,
      maxUploads = 1000,
      maxSpace = 16 * 2 ** 30,
      mayResume,
    }: ResumableUploadsOptions = {},
  ) {
    for (const [name, limit] of Object.entries({ maxUploads, maxSpace })) {
      if (isLimit(limit)) continue;
      throw new RangeError(
        `Cannot use ${name}: got ${limit}, not a whole number`,
      );
    }
    this.#directory = directory;
    this.#store = new UploadStore(directory, { maxUploads, maxSpace });
    this.#path = path;
    this.#mayResume = mayResume;
    this.#limit = new SizeLimit(Math.min(maxSize, maxSpace));
  }

  /**
   * Removes the uploads that were not resumed for 24 hours. New and resumed
   * uploads trigger this, at most once a minute; call it from a timer for times
   * without any.
   */
  async sweep(): Promise<void> {
    await this.#store.sweep();
  }

  /**
   * Begins an upload. {@linkcode upload} calls this for a request that has an
   * `Upload-Complete` field.
   *
   * @param path As for {@linkcode Directory.replaceFile}.
   */
  async create(
    path: string,
    request: Request,
    info: PortableInfo,
  ): Promise<Response> {
    return await this.#create(path, request, info).catch(refuseByDisk);
  }

  async #create(
    path: string,
    request: Request,
    info: PortableInfo,
  ): Promise<Response> {
    const { headers, method } = request;
    refuseIncomplete(headers);
    const isComplete = completeness(headers);
    const length = this.#limit.lengthOf(headers, isComplete, 0);
    parseDigests(headers.get("content-digest"));
    parseDigests(headers.get("repr-digest"));
    const there = await this.#directory.mayReplace(path, request);
    await this.#refuseMore(length, headers, 0);
    using upload = await this.#store.create({
      path,
      method,
      length,
      headers: lastingFields(headers),
    }, modeOf(there));
    const location = this.#path + upload.token;
    let isTold = false;
    try {
      if (mayGetInterim(request) && info.sendInformational) {
        await info.sendInformational(104, {
          location,
          ...this.#limit.fields(),
        });
        isTold = true;
      }
      const response = await this.#append(upload, request, isComplete);
      if (isComplete) {
        // No client will ask for its state.
        if (!isTold) await this.#store.remove(upload.token);
        return response;
      }
      // A client that does not get the answer does not know the upload.
      if (!isTold) info.completed.catch(() => this.#store.remove(upload.token));
      response.headers.set("location", location);
      return new Response(null, { status: 201, headers: response.headers });
    } catch (error) {
      throw await this.#broken(
        upload,
        error,
        isTold ? { location } : undefined,
      );
    }
  }

  /**
   * Answers HEAD, PATCH and DELETE for the upload whose token the pattern
   * names.
   */
  get handler(): RouteHandler<Deno.ServeHandlerInfo> {
    return async (request, _info, match) => {
      const [token = ""] = Object.values(match.pathname.groups);
      return await this.#answer(token, request).catch(refuseByDisk);
    };
  }

  async #answer(token: string, request: Request): Promise<Response> {
    if (this.#mayResume) {
      const { path } = await this.#store.read(token);
      if (!this.#mayResume(path, request)) throw unknownUpload();
    }
    // The client knows better than the server whether its last request still
    // runs.
    await this.#writers.interrupt(token);
    switch (request.method) {
      case "HEAD":
        return await this.#tell(token);
      case "PATCH":
        return await this.#goOn(token, request);
      case "DELETE":
        await this.#store.read(token);
        await this.#store.remove(token);
        return new Response(null, { status: 204 });
      default:
        throw new HttpError(
          405,
          "An upload accepts only HEAD, PATCH and DELETE",
          {
            headers: { allow: "HEAD, PATCH, DELETE" },
          },
        );
    }
  }

  async #tell(token: string): Promise<Response> {
    const { record, offset } = await this.#store.progressOf(token);
    const headers = this.#limit.progress(offset, record.done !== undefined);
    if (record.length !== undefined) {
      headers.set("upload-length", `${record.length}`);
    }
    return new Response(null, { status: 204, headers });
  }

  async #goOn(token: string, request: Request): Promise<Response> {
    const { headers } = request;
    const type = headers.get("content-type")?.split(";")[0].trim();
    if (type?.toLowerCase() !== "application/partial-upload") {
      throw new HttpError(
        415,
        "The content type must be application/partial-upload",
      );
    }
    const provided = countOf(headers, "upload-offset");
    if (provided === undefined) {
      throw new HttpError(400, "Upload-Offset is missing");
    }
    const isComplete = completeness(headers);
    if ((await this.#store.read(token)).done !== undefined) {
      return problem(400, "completed-upload", "The upload is already complete");
    }
    using upload = await this.#store.open(token);
    const { record, offset } = upload;
    if (provided !== offset) {
      return problem(
        409,
        "mismatching-upload-offset",
        "Upload-Offset does not match the upload",
        {
          "expected-offset": offset,
          "provided-offset": provided,
        },
      );
    }
    try {
      const length = this.#limit.lengthOf(headers, isComplete, offset);
      if ((length ?? record.length) !== (record.length ?? length)) {
        throw inconsistentLength();
      }
      if (length !== record.length && length !== undefined) {
        record.length = length;
        await this.#store.write(token, record);
      }
      await this.#refuseMore(record.length, headers, offset);
      return await this.#append(upload, request, isComplete);
    } catch (error) {
      throw await this.#broken(upload, error, {});
    }
  }

  /** Refuses what is known to be more than there is space for. */
  async #refuseMore(
    length: number | undefined,
    headers: Headers,
    offset: number,
  ): Promise<void> {
    const end = length ?? offset + (countOf(headers, "content-length") ?? 0);
    await spaceOf(this.#directory)?.refuseMore(end - offset);
  }

  /**
   * Removes an upload that cannot be resumed; for one that lacks space, the
   * error says how much is kept.
   *
   * @param known Its URL; undefined if the client does not know it.
   */
  async #broken(
    upload: OpenUpload,
    cause: unknown,
    known: { location?: string } | undefined,
  ): Promise<unknown> {
    const error = diskError(cause, "write");
    if (!known || error instanceof Unresumable) {
      await this.#store.remove(upload.token);
      return error;
    }
    if (!(error instanceof HttpError) || error.status !== 507) return error;
    const { offset } = upload;
    return new HttpError(507, `${error.message}: ${offset} octets are kept`, {
      cause,
      headers: {
        ...known,
        ...Object.fromEntries(this.#limit.progress(offset, false)),
      },
    });
  }

  async #append(
    upload: OpenUpload,
    request: Request,
    isComplete: boolean,
  ): Promise<Response> {
    using writing = this.#writers.begin(upload.token);
    await this.#receive(upload, request, writing);
    if (isComplete) return await this.#finish(upload, request.signal);
    const headers = this.#limit.progress(upload.offset, false);
    return new Response(null, { status: 204, headers });
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
    this.#limit.refuseMore(offset + count);
    if (offset + count > (record.length ?? Infinity)) {
      const { status, message } = inconsistentLength();
      throw new Unresumable(status, message);
    }
  }

  async #finish(upload: OpenUpload, signal: AbortSignal): Promise<Response> {
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
    await this.#store.finish(upload, entityTag);
    const headers = this.#limit.progress(offset, true);
    headers.set("etag", entityTag);
    const isCreated = isNew || record.method === "POST";
    return new Response(null, { status: isCreated ? 201 : 204, headers });
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

function refuseByDisk(error: unknown): never {
  throw diskError(error, "write");
}

/**
 * Whether a request was refused or abandoned, without a fault of the server.
 */
function isRefusal(error: unknown): boolean {
  return error instanceof ConnectionLost ||
    error instanceof HttpError && error.status < 500;
}
