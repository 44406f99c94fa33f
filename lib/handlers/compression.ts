/**
 * Wraps a handler so that its responses are coded with gzip or brotli for clients
 * that accept it (RFC 9110 §8.4). It decides by the head of a response, and does
 * not know where the content comes from.
 *
 * @module
 */

import { toArrayBuffer } from "@std/streams/to-array-buffer";
import type { AnyHandler, Handler, PortableInfo } from "../handler.ts";
import { wantedCoding } from "./accept_encoding.ts";
import {
  type Batch,
  BATCH_SIZE,
  ContentBatches,
  PATIENCE,
} from "./content_batches.ts";

/**
 * Compresses the responses of a handler with gzip or brotli, for requests whose
 * `Accept-Encoding` wants that (RFC 9110 §12.5.3). A client that ranks both the same
 * gets gzip: brotli makes a long text a tenth smaller, for up to five times the
 * work. Brotli needs a Deno whose `CompressionStream` supports it.
 *
 * It compresses responses with status 200 and a compressible `Content-Type`,
 * unless they are already coded, are a part (`Content-Range`), or forbid it
 * (`Cache-Control: no-transform`, RFC 9111 §5.2.2.6). These get
 * `Vary: Accept-Encoding`, even if this request does not want a coding. It removes
 * fields that are no longer true: `Content-Length`, `Accept-Ranges` and
 * digests; an entity tag becomes weak (RFC 9110 §8.8.1).
 *
 * Content of up to 64 KiB is sent with the `Content-Length` of the coded
 * octets. Larger or slow content is streamed without one.
 *
 * `HEAD` is answered with the head that `GET` would get (RFC 9110 §9.3.2): for
 * a client that wants a coding, the handler is asked for `GET`.
 *
 * @example
 * ```ts
 * import type { PortableInfo } from "@sluice/http";
 * import { compress } from "@sluice/http/handlers";
 * import { assertEquals } from "@std/assert";
 *
 * const handler = compress(() => Response.json({ name: "Sluice" }));
 *
 * const info: PortableInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * const request = new Request("http://localhost/", {
 *   headers: { "accept-encoding": "gzip" },
 * });
 * const response = await handler(request, info);
 * assertEquals(response.headers.get("content-encoding"), "gzip");
 * assertEquals(response.headers.get("vary"), "Accept-Encoding");
 * ```
 *
 * @typeParam Info The info that the handler needs.
 * @typeParam Match The match that a {@linkcode RouteHandler} gets, or nothing
 * for a {@linkcode Handler}.
 * @param handler Answers without coding. Its errors are passed on.
 * @returns A handler of the same kind. It rejects when content of up to 64 KiB
 * fails; content that fails later fails in the response's body.
 */
export function compress<
  Info extends PortableInfo = PortableInfo,
  Match extends [URLPatternResult?] = [],
>(
  handler: (
    request: Request,
    info: Info,
    ...match: Match
  ) => Response | Promise<Response>,
): (
  request: Request,
  info: Info,
  ...match: Match
) => Response | Promise<Response> {
  return compressing(handler, thrifty);
}

/**
 * The same as `Deno.serve` does it with `automaticCompression`: brotli first, all in
 * chunks, and of the types of texts none that are not registered.
 */
export function compressAsDeno(handler: Handler): Handler {
  return compressing(handler, denos);
}

/** How the content of responses is coded. */
interface Manner {
  /** On equal weights the first is taken. */
  codings: readonly Coding[];
  /** Whether short content is coded at once, so that its length can be told. */
  isMeasured: boolean;
  /** Whether content of this type is coded. */
  mayCode(contentType: string): boolean;
}

type Coding = "gzip" | "br";

const thrifty: Manner = {
  codings: ["gzip", "br"],
  isMeasured: true,
  mayCode: isCompressible,
};

const denos: Manner = {
  codings: ["br", "gzip"],
  isMeasured: false,
  mayCode: (contentType) =>
    isCompressible(contentType) && !isUnregisteredText(contentType),
};

function compressing<Info, Match extends [URLPatternResult?]>(
  handler: AnyHandler<Info, Match>,
  manner: Manner,
): AnyHandler<Info, Match> {
  let codings: readonly Coding[] | undefined;
  return (request, info, ...match) => {
    const field = request.headers.get("accept-encoding");
    const coding = field
      ? wantedCoding(field, codings ??= existing(manner))
      : undefined;
    if (coding !== undefined) {
      return coded(handler, { manner, coding }, request, info, ...match);
    }
    const response = handler(request, info, ...match);
    return response instanceof Promise
      ? response.then((response) => varyingIfCoded(response, manner))
      : varyingIfCoded(response, manner);
  };
}

/** Adds `Vary`, which tells caches that other clients may get a coding. */
function varyingIfCoded(response: Response, manner: Manner): Response {
  return mayCode(response, manner) ? varying(response) : response;
}

async function coded<Info, Match extends [URLPatternResult?]>(
  handler: AnyHandler<Info, Match>,
  { manner, coding }: { manner: Manner; coding: Coding },
  request: Request,
  info: Info,
  ...match: Match
): Promise<Response> {
  const isHead = request.method === "HEAD";
  const asked = isHead ? asGet(request) : request;
  const response = await handler(asked, info, ...match);
  if (!mayCode(response, manner)) return isHead ? asHead(response) : response;
  const { isMeasured } = manner;
  return await encoded(varying(response), { coding, isMeasured, isHead });
}

/** Only the content tells how long its coded form is, and HEAD brings none. */
function asGet(request: Request): Request {
  const headers = new Headers(request.headers);
  headers.delete("range"); // RFC 9110 §14.2: of no meaning but in a GET
  return new Request(request, { method: "GET", headers });
}

/** Without a declared length the content stays, for the server to measure. */
async function asHead(response: Response): Promise<Response> {
  if (!response.headers.has("content-length")) return response;
  await response.body?.cancel();
  return new Response(null, response);
}

/**
 * Media types that gain by it; most others are compressed by nature. Archives, and
 * other files that are long and not for a browser, had better keep their ranges.
 */
const compressible = new Set([
  "application/ecmascript",
  "application/javascript",
  "application/json",
  "application/json-seq",
  "application/postscript",
  "application/rtf",
  "application/sql",
  "application/toml",
  "application/typescript",
  "application/vnd.ms-fontobject",
  "application/vnd.ms-opentype",
  "application/wasm",
  "application/x-httpd-php",
  "application/x-javascript",
  "application/x-ndjson",
  "application/x-ns-proxy-autoconfig",
  "application/x-sh",
  "application/x-www-form-urlencoded",
  "application/xml",
  "application/xml-dtd",
  "application/yaml",
  "font/collection",
  "font/otf",
  "font/ttf",
  "image/bmp",
  "image/vnd.microsoft.icon",
  "image/x-icon",
  "image/x-ms-bmp",
  "message/rfc822",
]);

// An event stream is left alone: its readers, and proxies on the way, expect
// each event at once.
const compressibleKind =
  /^(?:text\/(?!event-stream[\t ]*(?:;|$))|[^;]*\+(?:json|xml|yaml)[\t ]*(?:;|$))/i;

/** Whether content of this type gains by a content coding. */
export function isCompressible(contentType: string): boolean {
  if (compressibleKind.test(contentType)) return true;
  const [type] = contentType.toLowerCase().split(";");
  return compressible.has(type.trim());
}

/** Texts that `Deno.serve` codes beside those of JSON and XML. */
const registeredText =
  /^text\/(?:cache-manifest|calend[ae]r|cmd|css|csv|html|javascript|jsx|less|markdown|mdx|n3|plain|richtext|rtf|tab-separated-values|uri-list|vcard|vtt|x-component|x-gwt-rpc|x-jquery-tmpl|x-markdown|x-org|x-processing|x-suse-ymp|xml|yaml)[\t ]*(?:;|$)/i;

function isUnregisteredText(contentType: string): boolean {
  return /^text\//i.test(contentType) && !registeredText.test(contentType);
}

function mayCode({ status, headers }: Response, manner: Manner): boolean {
  return status === 200 &&
    manner.mayCode(headers.get("content-type") ?? "") &&
    !headers.has("content-encoding") &&
    !headers.has("content-range") &&
    !forbidsTransform(headers.get("cache-control"));
}

/** RFC 9111 §5.2.2.6. */
function forbidsTransform(cacheControl: string | null): boolean {
  return cacheControl !== null && /\bno-transform\b/i.test(cacheControl);
}

const variesByCoding = /(?:^|,)[\t ]*(?:\*|accept-encoding)[\t ]*(?:,|$)/i;

/** Adds to `Vary`, unless that is said already (RFC 9110 §12.5.5). */
function varying(response: Response): Response {
  const vary = response.headers.get("vary");
  if (vary !== null && variesByCoding.test(vary)) return response;
  try {
    response.headers.append("vary", "Accept-Encoding");
    return response;
  } catch { // The headers of a fetched response cannot be changed.
    return varying(new Response(response.body, response));
  }
}

/** How one response is coded. */
interface Encoding {
  coding: Coding;
  /** Whether short content is coded at once, so that its length can be told. */
  isMeasured: boolean;
  /** Whether it answers a HEAD: then the content is left out. */
  isHead: boolean;
}

/** The same response with its content in gzip, and its length, if it is short. */
export function gzipped(
  response: Response,
  isHead: boolean,
): Promise<Response> {
  return encoded(response, { coding: "gzip", isMeasured: true, isHead });
}

async function encoded(
  response: Response,
  { coding, isMeasured, isHead }: Encoding,
): Promise<Response> {
  if (response.body === null) return response;
  const { status, statusText } = response;
  const headers = codedHeaders(response.headers, coding);
  const source = new ContentBatches(response.body);
  const length = declaredLength(response.headers);
  let first: Batch | undefined;
  if (isMeasured && (length === undefined || length <= BATCH_SIZE)) {
    // A declared short length means that all of it will come.
    first = await source.take(length === undefined ? PATIENCE : Infinity);
    if (first.isLast) {
      const content = await encodeWhole(first.content, coding);
      headers.set("content-length", `${content.byteLength}`);
      return new Response(content, { status, statusText, headers });
    }
  }
  if (isHead) await source.cancel();
  // For HEAD a stream that brings nothing: with a null body, a server would say
  // Content-Length: 0.
  const body = isHead
    ? new ReadableStream()
    : source.stream(first).pipeThrough(encoder(coding));
  return new Response(body, { status, statusText, headers });
}

async function encodeWhole(
  octets: Uint8Array<ArrayBuffer>,
  coding: Coding,
): Promise<ArrayBuffer> {
  const { readable, writable } = encoder(coding);
  const writer = writable.getWriter();
  const [content] = await Promise.all([
    toArrayBuffer(readable),
    writer.write(octets),
    writer.close(),
  ]);
  return content;
}

function encoder(coding: Coding): CompressionStream {
  return new CompressionStream(coding === "br" ? "brotli" : coding);
}

/** The codings of those wished for that this platform has. */
function existing({ codings }: Manner): readonly Coding[] {
  return codings.filter((coding) => {
    try {
      encoder(coding);
      return true;
    } catch {
      return false;
    }
  });
}

function codedHeaders(uncoded: Headers, coding: Coding): Headers {
  const headers = new Headers(uncoded);
  headers.set("content-encoding", coding);
  headers.delete("content-length");
  headers.delete("accept-ranges");
  headers.delete("content-digest"); // RFC 9530 §2
  headers.delete("repr-digest"); // RFC 9530 §3
  const entityTag = headers.get("etag");
  if (entityTag?.startsWith('"')) headers.set("etag", `W/${entityTag}`);
  return headers;
}

function declaredLength(headers: Headers): number | undefined {
  const field = headers.get("content-length") ?? "";
  return /^\d+$/.test(field) ? Number(field) : undefined;
}
