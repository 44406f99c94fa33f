/**
 * Uploads that go on where they broke off
 * (draft-ietf-httpbis-resumable-upload, interop version 8).
 *
 * Each is a resource of its own: HEAD tells how much of it is here, PATCH sends
 * more, DELETE gives it up. When it is complete it becomes a file in one step, as
 * any other upload does.
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
import {
  type OpenUpload,
  UploadStore,
  Writers,
  type Writing,
} from "./upload_store.ts";
import { validatorsOf } from "./validators.ts";

/** Options of {@linkcode ResumableUploads}. */
export interface ResumableUploadsOptions {
  /**
   * The path below which the uploads are resources, with `/` at both ends.
   * Default: `/uploads/`.
   */
  path?: string;
  /**
   * Octets that an upload may have in all. Default: as many as `maxSpace`; past it
   * 413.
   */
  maxSize?: number;
  /** Uploads that may be unfinished at once. Default: 1000; past it 503. */
  maxUploads?: number;
  /**
   * Octets that all unfinished uploads may have together. Default: 17179869184
   * (16 GiB); past it 507.
   */
  maxSpace?: number;
}

/**
 * Resumable uploads to a directory. They are begun by {@linkcode upload}, and go
 * on at {@linkcode ResumableUploads.handler}.
 *
 * What has come of one lies in the hidden folder `.sluice-uploads` of the directory,
 * so that it goes on after a restart, or on another instance, for up to 24 hours
 * after the last octet. At most one request writes it: a later one ends the
 * earlier.
 *
 * Where an upload is begun with content, its place goes out in a 104 beforehand:
 * to a client that sends `Upload-Draft-Interop-Version: 8`, and if no field shows a
 * proxy, as some take the 104 for the final response. What can't become a file any
 * more is removed at once, and so is what broke off before the client knew its
 * place. Where there is no space left, an upload keeps what an earlier request has
 * brought, and the 507 says how much in `Upload-Offset`.
 *
 * The number and the octets of the unfinished uploads are bounded. Each instance
 * counts what goes through it at once, and what others do in the same directory
 * within a minute; so several can exceed the bounds by what they do in that time.
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

  /**
   * Keeps uploads in a directory, which must be one that can be written to. Throws
   * a RangeError for bounds that are none.
   */
  constructor(
    directory: Directory,
    {
      path = "/uploads/",
      maxSize = Infinity,
      maxUploads = 1000,
      maxSpace = 16 * 2 ** 30,
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
    this.#limit = new SizeLimit(Math.min(maxSize, maxSpace));
  }

  /**
   * Removes the uploads that nobody went on with for 24 hours. Where uploads are
   * begun or gone on with this happens by itself, once a minute at most; a timer
   * of yours may do it where there are none for long.
   */
  async sweep(): Promise<void> {
    await this.#store.sweep();
  }

  /**
   * Begins an upload: what {@linkcode upload} does with a request that has an
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
        // Nobody will ask what became of it.
        if (!isTold) await this.#store.remove(upload.token);
        return response;
      }
      // A client that does not get the answer does not know of the upload.
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

  /** Answers HEAD, PATCH and DELETE of an upload, whose token the pattern names. */
  get handler(): RouteHandler<Deno.ServeHandlerInfo> {
    return async (request, _info, match) => {
      const [token = ""] = Object.values(match.pathname.groups);
      return await this.#answer(token, request).catch(refuseByDisk);
    };
  }

  async #answer(token: string, request: Request): Promise<Response> {
    // Who asks knows better than we whether the last request still runs.
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
        throw new HttpError(405, "An upload takes HEAD, PATCH and DELETE", {
          headers: { allow: "HEAD, PATCH, DELETE" },
        });
    }
  }

  async #tell(token: string): Promise<Response> {
    const record = await this.#store.read(token);
    const isDone = record.done !== undefined;
    const offset = isDone ? record.length! : await this.#store.offsetOf(token);
    const headers = this.#limit.progress(offset, isDone);
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
        "More of an upload is application/partial-upload",
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
      return problem(409, "mismatching-upload-offset", "The offset differs", {
        "expected-offset": offset,
        "provided-offset": provided,
      });
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
      return await this.#append(upload, request, isComplete);
    } catch (error) {
      throw await this.#broken(upload, error, {});
    }
  }

  /**
   * Removes an upload that nobody can go on with; of another one that lacks space
   * it says what is here.
   *
   * @param known How to find it; undefined if the client does not know that.
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

  /** What came before the content broke off is kept, but for a fault of it. */
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
      // What a full disk has taken in part is room that others need.
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
        // What is refused now is refused for good.
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

  /** As far as its first request has told what it is to be. */
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
        throw new HttpError(503, "The upload was disturbed, try again");
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

/** Whether a request was refused or given up, and nothing is wrong here. */
function isRefusal(error: unknown): boolean {
  return error instanceof ConnectionLost ||
    error instanceof HttpError && error.status < 500;
}
