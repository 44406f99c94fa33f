/**
 * Uploads that can be resumed, by clients that speak
 * draft-ietf-httpbis-resumable-upload or tus.
 *
 * Each is a resource of its own: HEAD tells how much has arrived, PATCH sends
 * more, DELETE cancels it. A complete upload becomes a file in one step, as any
 * other upload does. `draft_upload.ts` and `tus_upload.ts` say that in the words
 * of their protocol.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import type { PortableInfo, RouteHandler } from "../handler.ts";
import { isLimit } from "../limits.ts";
import type { Directory } from "./directory.ts";
import { diskError } from "./disk_error.ts";
import { describeDraft } from "./draft_fields.ts";
import { DraftUploads } from "./draft_upload.ts";
import {
  describeTus,
  fileNameOf,
  PART_TYPE,
  refuseOtherVersion,
} from "./tus_fields.ts";
import { TusUploads } from "./tus_upload.ts";
import { UploadReceiver, type UploadTarget } from "./upload_receiver.ts";
import { unknownUpload } from "./upload_store.ts";

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
   * Whether a request may write to a path, percent-encoded below the directory.
   * It is asked when a field names the file of an upload, which otherwise gets a
   * 403, and when an upload goes on, which otherwise gets the 404 of an unknown
   * one. A path that is in the URL is for the route to refuse. Default: it may.
   */
  mayWrite?: (path: string, request: Request) => boolean;
}

/**
 * Resumable uploads to a directory. {@linkcode upload} begins them,
 * {@linkcode ResumableUploads.handler} resumes them. Two protocols are spoken:
 *
 * - draft-ietf-httpbis-resumable-upload, interop versions 3 to 8, as
 *   `Upload-Draft-Interop-Version` says; without that field 8. An unknown
 *   version gets 400, with the field listing the known ones. A request with
 *   `Upload-Complete: ?1` is a whole file in any version, and stored.
 * - tus 1.0.0, as `Tus-Resumable` says, with the extensions creation,
 *   creation-with-upload, creation-defer-length, expiration and termination. An
 *   unknown version gets 412 with `Tus-Version`.
 *
 * A `POST` to a path that ends with `/` takes the name of the file from the
 * `filename` of its `Upload-Metadata`; any other request is for the file at its
 * own path.
 *
 * Received octets are kept in the hidden folder `.sluice-uploads` of the
 * directory. So an upload can be resumed after a restart, or on another
 * instance, for up to 24 hours after the last octet. At most one request writes
 * it: a later one ends the earlier.
 *
 * If an upload begins with content, a 104 tells its URL first: to a client that
 * sends `Upload-Draft-Interop-Version`, and only if no field shows a proxy,
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
 *     method: ["HEAD", "PATCH", "DELETE", "POST"],
 *     pattern: new URLPattern({ pathname: "/uploads/:token" }),
 *     handler: resumable.handler,
 *   },
 * ]);
 * await Deno.remove(path, { recursive: true });
 * ```
 */
export class ResumableUploads {
  readonly #receiver: UploadReceiver;
  readonly #draft: DraftUploads;
  readonly #tus: TusUploads;
  readonly #mayWrite: ResumableUploadsOptions["mayWrite"];

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
      mayWrite,
    }: ResumableUploadsOptions = {},
  ) {
    for (const [name, limit] of Object.entries({ maxUploads, maxSpace })) {
      if (isLimit(limit)) continue;
      throw new RangeError(
        `Cannot use ${name}: got ${limit}, not a whole number`,
      );
    }
    const bounds = { maxSize, maxUploads, maxSpace };
    this.#receiver = new UploadReceiver(directory, bounds);
    this.#draft = new DraftUploads(this.#receiver, path);
    this.#tus = new TusUploads(this.#receiver, path);
    this.#mayWrite = mayWrite;
  }

  /**
   * Removes the uploads that were not resumed for 24 hours. New and resumed
   * uploads trigger this, at most once a minute; call it from a timer for times
   * without any.
   */
  async sweep(): Promise<void> {
    await this.#receiver.store.sweep();
  }

  /**
   * Begins an upload. {@linkcode upload} calls this for a request that has a
   * field of a resumable upload, such as `Upload-Complete` or `Tus-Resumable`.
   *
   * @param path As for {@linkcode Directory.replaceFile}; or that of a
   * directory, with `/` at its end, if the request names the file.
   */
  async create(
    path: string,
    request: Request,
    info: PortableInfo,
  ): Promise<Response> {
    const protocol = this.#protocolOf(request);
    const target = targetOf(path, request);
    if (
      target.path !== path && this.#mayWrite?.(target.path, request) === false
    ) {
      throw new HttpError(403, "You may not do this at this path");
    }
    return await protocol.create(target, request, info).catch(refuseByDisk);
  }

  /**
   * Answers HEAD, PATCH and DELETE for the upload whose token the pattern
   * names; and POST, if `X-HTTP-Method-Override` says one of these (tus).
   */
  get handler(): RouteHandler<Deno.ServeHandlerInfo> {
    return async (request, _info, match) => {
      const [token = ""] = Object.values(match.pathname.groups);
      return await this.#answer(token, request).catch(refuseByDisk);
    };
  }

  /**
   * Adds to the response to an `OPTIONS` request what tells clients of these
   * uploads: the versions and extensions, and the maximum size.
   */
  describe({ status, headers, body }: Response): Response {
    const { limit } = this.#receiver;
    const told = new Headers(headers);
    const fields = {
      "accept-patch": `application/partial-upload, ${PART_TYPE}`,
      ...describeDraft(limit),
      ...describeTus(limit),
    };
    for (const [name, value] of Object.entries(fields)) told.set(name, value);
    return new Response(body, { status, headers: told });
  }

  async #answer(token: string, request: Request): Promise<Response> {
    const protocol = this.#protocolOf(request);
    const method = methodOf(request);
    if (this.#mayWrite) {
      const { path } = await this.#receiver.store.read(token);
      if (!this.#mayWrite(path, request)) throw unknownUpload();
    }
    // The client knows better than the server whether its last request still
    // runs.
    await this.#receiver.writers.interrupt(token);
    return await protocol.answer(token, method, request);
  }

  #protocolOf({ headers }: Request): DraftUploads | TusUploads {
    if (!headers.has("tus-resumable")) return this.#draft;
    refuseOtherVersion(headers);
    return this.#tus;
  }
}

/**
 * The file that a request is for. Only a POST may name it: rights to write to a
 * directory by PUT are for the directory itself.
 */
function targetOf(
  path: string,
  { method, headers, url }: Request,
): UploadTarget {
  const location = new URL(url).pathname;
  const isDirectory = path === "" || path.endsWith("/");
  if (method !== "POST" || !isDirectory) return { path, location };
  const name = encodeURIComponent(fileNameOf(headers));
  return { path: path + name, location: location + name };
}

const methods = ["HEAD", "PATCH", "DELETE"];

/** The method that a client means, which may be unable to send it. */
function methodOf({ method, headers }: Request): string {
  const meant = method === "POST" && headers.has("tus-resumable")
    ? headers.get("x-http-method-override")?.trim() ?? method
    : method;
  if (methods.includes(meant)) return meant;
  throw new HttpError(405, "An upload accepts only HEAD, PATCH and DELETE", {
    headers: { allow: methods.join(", ") },
  });
}

function refuseByDisk(error: unknown): never {
  throw diskError(error, "write");
}
