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

import { HttpError } from "../errors.ts";
import type { HandlerInfo, RouteHandler } from "../handler.ts";
import { DigestHasher, parseDigests, verifyDigests } from "./digest_fields.ts";
import type { Directory } from "./directory.ts";
import { diskError } from "./disk_error.ts";
import { validatorsOf } from "./entity_tag.ts";
import { FileDigests } from "./file_digests.ts";
import type { Replaced } from "./replacement.ts";
import { contentOf, store } from "./stored_content.ts";
import {
  type OpenUpload,
  UPLOAD_LIFETIME,
  type UploadRecord,
  UploadStore,
} from "./upload_store.ts";
import { conditionsOf, refuseIncomplete } from "./upload_conditions.ts";
import {
  completeness,
  countOf,
  inconsistentLength,
  problem,
} from "./upload_fields.ts";
import { Writers } from "./writers.ts";

/** Options of {@linkcode ResumableUploads}. */
export interface ResumableUploadsOptions {
  /**
   * The path below which the uploads are resources, with `/` at both ends.
   * Default: `/uploads/`.
   */
  path?: string;
  /** Octets that an upload may have in all. Default: no limit. */
  maxSize?: number;
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
 * @example
 * ```ts
 * import { Directory, ResumableUploads, route, upload } from "@sluice/http";
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
  #maxSize: number;
  #writers = new Writers();
  #digests = new FileDigests();

  /** Keeps uploads in a directory, which must be one that can be written to. */
  constructor(
    directory: Directory,
    { path = "/uploads/", maxSize = Infinity }: ResumableUploadsOptions = {},
  ) {
    this.#directory = directory;
    this.#store = new UploadStore(directory);
    this.#path = path;
    this.#maxSize = maxSize;
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
    info: HandlerInfo,
  ): Promise<Response> {
    return await this.#create(path, request, info).catch(refuseByDisk);
  }

  async #create(
    path: string,
    request: Request,
    info: HandlerInfo,
  ): Promise<Response> {
    const { headers, method } = request;
    refuseIncomplete(headers);
    const isComplete = completeness(headers);
    const length = this.#lengthOf(headers, isComplete, 0);
    parseDigests(headers.get("repr-digest"));
    await this.#directory.mayReplace(path, conditionsOf(request));
    using upload = await this.#store.create({
      path,
      method,
      length,
      headers: lastingFields(headers),
    });
    const location = this.#path + upload.token;
    await info.sendInformational?.(104, { location, ...this.#fields() });
    const { response } = await this.#append(upload, request, isComplete);
    if (isComplete) return response;
    response.headers.set("location", location);
    return new Response(null, { status: 201, headers: response.headers });
  }

  /** Answers HEAD, PATCH and DELETE of an upload, whose token the pattern names. */
  get handler(): RouteHandler {
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
    const headers = this.#progress(offset, isDone);
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
    const length = this.#lengthOf(headers, isComplete, offset);
    if ((length ?? record.length) !== (record.length ?? length)) {
      throw inconsistentLength();
    }
    if (length !== record.length && length !== undefined) {
      record.length = length;
      await this.#store.write(token, record);
    }
    const { response } = await this.#append(upload, request, isComplete);
    return response;
  }

  /** The length in all, as far as a request tells. */
  #lengthOf(
    headers: Headers,
    isComplete: boolean,
    offset: number,
  ): number | undefined {
    const told = countOf(headers, "upload-length");
    const content = countOf(headers, "content-length");
    const end = content === undefined ? undefined : offset + content;
    if (isComplete && (told ?? end) !== (end ?? told)) {
      throw inconsistentLength();
    }
    const length = told ?? (isComplete ? end : undefined);
    if (Math.max(length ?? 0, end ?? 0) > this.#maxSize) throw this.#tooLarge();
    return length;
  }

  #tooLarge(): HttpError {
    return new HttpError(
      413,
      `The upload is larger than ${this.#maxSize} octets`,
    );
  }

  async #append(
    upload: OpenUpload,
    request: Request,
    isComplete: boolean,
  ): Promise<{ response: Response }> {
    const from = upload.offset;
    using turn = this.#writers.begin(upload.token);
    const expected = parseDigests(request.headers.get("content-digest"));
    const hasher = new DigestHasher(expected.keys());
    const most = Math.min(this.#maxSize, upload.record.length ?? Infinity);
    await store(turn.guard(contentOf(request)), upload.file, (octets) => {
      if (upload.offset + octets.length > most) {
        throw most === this.#maxSize ? this.#tooLarge() : inconsistentLength();
      }
      upload.offset += octets.length;
      hasher.update(octets);
    });
    try {
      verifyDigests(expected, hasher.digests(), "Content-Digest");
    } catch (error) {
      await upload.file.truncate(from);
      throw error;
    }
    await upload.file.syncData();
    if (isComplete) return { response: await this.#finish(upload) };
    const headers = this.#progress(upload.offset, false);
    return { response: new Response(null, { status: 204, headers }) };
  }

  async #finish(upload: OpenUpload): Promise<Response> {
    const { token, record, offset } = upload;
    if ((record.length ?? offset) !== offset) throw inconsistentLength();
    const request = {
      method: record.method,
      headers: new Headers(record.headers),
    };
    const { isNew, info } = await this.#adopt(upload, request)
      .catch(async (error) => {
        // What is refused now is refused for good.
        const isFinal = error instanceof HttpError && error.status < 500;
        if (isFinal) await this.#store.remove(token);
        throw error;
      });
    const done = validatorsOf(info).entityTag;
    await this.#store.write(token, { ...record, length: offset, done });
    const headers = this.#progress(offset, true);
    headers.set("etag", done);
    const isCreated = isNew || record.method === "POST";
    return new Response(null, { status: isCreated ? 201 : 204, headers });
  }

  async #adopt(
    upload: OpenUpload,
    request: { method: string; headers: Headers },
  ): Promise<Replaced> {
    await this.#verifyWhole(upload, request.headers);
    const conditions = conditionsOf(request);
    return await this.#directory.adoptFile(
      upload,
      upload.record.path,
      conditions,
    );
  }

  async #verifyWhole({ file }: OpenUpload, headers: Headers): Promise<void> {
    const expected = parseDigests(headers.get("repr-digest"));
    for (const [algorithm, value] of expected) {
      const digest = await this.#digests.digestOf(file, algorithm) ?? "";
      verifyDigests(
        new Map([[algorithm, value]]),
        new Map([[algorithm, digest]]),
        "Repr-Digest",
      );
    }
  }

  #progress(offset: number, isComplete: boolean): Headers {
    return new Headers({
      "cache-control": "no-store",
      "upload-complete": isComplete ? "?1" : "?0",
      "upload-offset": `${offset}`,
      ...this.#fields(),
    });
  }

  /** What every answer about an upload says. */
  #fields(): Record<string, string> {
    const age = `max-age=${UPLOAD_LIFETIME / 1000}`;
    return {
      "upload-draft-interop-version": "8",
      "upload-limit": Number.isFinite(this.#maxSize)
        ? `max-size=${this.#maxSize}, ${age}`
        : age,
    };
  }
}

function refuseByDisk(error: unknown): never {
  throw diskError(error, "write");
}

/** Whether a request takes part in resumable uploads. */
export function isResumable(headers: Headers): boolean {
  return headers.has("upload-complete");
}

/** Those that say when, and of what, the upload is to become a file. */
function lastingFields(headers: Headers): UploadRecord["headers"] {
  return [
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "repr-digest",
  ].flatMap((name): [string, string][] => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
}
