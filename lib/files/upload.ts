/**
 * A handler that stores the content of requests in the files of a directory. It
 * does not know how a file is replaced safely.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import type { RouteHandler } from "../handler.ts";
import { makeCollection, refuseContent } from "./collection.ts";
import { RequestDigests } from "./digests.ts";
import type { Directory } from "./directory.ts";
import { formBoundary, uploadForm } from "./multipart.ts";
import { contentOf, refuseIncomplete } from "./received_content.ts";
import { countOf, isResumable, isWhole } from "./resumable_fields.ts";
import type { ResumableUploads } from "./resumable_upload.ts";
import { spaceOf } from "./space.ts";
import { validatorsOf } from "./validators.ts";

/** Options of {@linkcode upload}. */
export interface UploadOptions {
  /** Keeps uploads that a client may resume. Default: no resumable uploads. */
  resumable?: ResumableUploads;
  /**
   * Whether a request may store a file of a form at a path, percent-encoded
   * below the directory; otherwise it gets 403, and the files before it in the
   * form stay. All other paths are in the URL of their request. Default: it
   * may.
   */
  mayStore?: (path: string, request: Request) => boolean;
  /**
   * The methods that `Allow` lists where `MKCOL` is refused because something
   * is there. Default: `GET`, `HEAD`, `PUT`, `POST` and `OPTIONS`.
   */
  methods?: readonly string[];
}

const usualMethods = ["GET", "HEAD", "PUT", "POST", "OPTIONS"];

/**
 * Stores the content of a request in the file that the pattern's `*` names. An
 * existing file is replaced in one step at the end: a reader sees the old
 * content or the new, and nothing of an upload that broke off. Missing
 * directories are created. Content of any length needs 256 KiB of memory.
 *
 * - `PUT` answers 201 for a new file and 204 for one that was replaced
 *   (RFC 9110 §9.3.4), `POST` 201 with its `Location` (RFC 9110 §9.3.3); both
 *   with its `ETag`.
 * - `If-Match`, `If-None-Match` and `If-Unmodified-Since` are checked before
 *   the content is read, and again in one step with the replacement: of two
 *   clients that change the same version, one gets 412 (RFC 9110 §13.1).
 * - `Content-Digest` and `Repr-Digest` are verified (RFC 9530); the response
 *   contains the digest that `Want-Repr-Digest` asks for, or that was sent.
 * - A `POST` of `multipart/form-data` to a path that ends with `/`, from a
 *   plain HTML form, stores each of its files there, and redirects the browser
 *   back with 303. With `?existing=keep`, an existing file is not replaced:
 *   412.
 * - A `PUT` without content to a path that ends with `/` creates a directory;
 *   its preconditions are `If-None-Match: *` and `If-Match: *`.
 * - `MKCOL`, if the route lets it in, creates a directory as well, but none
 *   above it (RFC 4918 §9.3): 405 if something is there, 409 if the directory
 *   above is absent, 415 if it has content.
 *
 * @example
 * ```ts
 * import type { PortableInfo } from "@sluice/http";
 * import { Directory, upload } from "@sluice/http/files";
 * import { route } from "@sluice/http/router";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir();
 *
 * const directory = await Directory.open(path);
 * const pattern = new URLPattern({ pathname: "/files/*" });
 * const handler = route([
 *   { method: ["PUT", "POST"], pattern, handler: upload(directory) },
 * ]);
 *
 * const info: PortableInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * const request = new Request("http://localhost/files/hello.txt", {
 *   method: "PUT",
 *   headers: { "if-none-match": "*" },
 *   body: "Hello",
 * });
 * const response = await handler(request, info);
 * assertEquals(response.status, 201);
 * assertEquals(await Deno.readTextFile(`${path}/hello.txt`), "Hello");
 *
 * await Deno.remove(path, { recursive: true });
 * ```
 *
 * @param directory The directory of the files.
 * @param options Whether an upload can be resumed, and what a form may store.
 * @returns A handler for `PUT`, `POST` and `MKCOL`. It rejects as
 * {@linkcode Directory.replaceFile} does, and with an {@linkcode HttpError}:
 * 412 if a precondition fails, 403 as `mayStore` says, 400 if the content ends
 * early, is a part of a file or does not match its digest, 415 if it has a
 * content coding or is a form for a single file.
 */
export function upload(
  directory: Directory,
  { resumable, mayStore, methods = usualMethods }: UploadOptions = {},
): RouteHandler<Deno.ServeHandlerInfo> {
  return async (request, info, match) => {
    const path = match.pathname.groups["0"] ?? "";
    if (request.method !== "MKCOL" && isResumable(request.headers)) {
      if (resumable) return await resumable.create(path, request, info);
      refusePart(request.headers);
    }
    if (request.method === "MKCOL") {
      await refuseContent(request);
      if (await makeCollection(directory, path, request)) {
        return created(request);
      }
      throw new HttpError(405, "Something has that name", {
        headers: { allow: methods.join(", ") },
      });
    }
    const boundary = request.method === "POST"
      ? formBoundary(request.headers.get("content-type"))
      : undefined;
    const isDirectory = path === "" || path.endsWith("/");
    if (request.method === "PUT" && isDirectory && path !== "") {
      return await makeDirectory(directory, path, request);
    }
    if (boundary !== undefined && !isDirectory) {
      throw new HttpError(415, "A form can be sent only to a directory");
    }
    await spaceOf(directory)?.refuseMore(contentLength(request.headers));
    if (boundary === undefined) {
      return await storeFile(directory, path, request);
    }
    const isAllowed = (file: string) => mayStore?.(file, request) ?? true;
    return await uploadForm(directory, path, request, { boundary, isAllowed });
  };
}

/** Where uploads cannot be resumed, a part must not become the file. */
function refusePart(headers: Headers): void {
  if (isWhole(headers)) return;
  throw new HttpError(
    400,
    "Uploads cannot be resumed here: send the file in one request",
  );
}

/** The length of content as its sender tells it; 0 if it does not. */
function contentLength(headers: Headers): number {
  return countOf(headers, "content-length") ?? 0;
}

async function makeDirectory(
  directory: Directory,
  path: string,
  request: Request,
): Promise<Response> {
  if (request.body && !(await request.body.getReader().read()).done) {
    throw new HttpError(400, "A request for a directory must have no content");
  }
  return await directory.makeDirectory(path, request)
    ? created(request)
    : new Response(null, { status: 204 });
}

function created({ url }: Request): Response {
  const location = new URL(url).pathname;
  return new Response(null, { status: 201, headers: { location } });
}

async function storeFile(
  directory: Directory,
  path: string,
  request: Request,
): Promise<Response> {
  refuseIncomplete(request.headers);
  const digests = await RequestDigests.read(request.headers);
  const content = digests.verified(contentOf(request));
  const { isNew, info } = await directory.replaceFile(path, content, request);
  const isCreated = isNew || request.method === "POST";
  const headers = new Headers(digests.fields());
  headers.set("etag", validatorsOf(info).entityTag);
  if (isCreated) headers.set("location", new URL(request.url).pathname);
  return new Response(null, { status: isCreated ? 201 : 204, headers });
}
