/**
 * A request and a file go in, the answer comes out: all of it, parts, or word
 * that the client has it already (RFC 9110 §13, §14).
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import {
  type ByteRange,
  contentRange,
  parseByteRanges,
} from "../handlers/byte_ranges.ts";
import {
  evaluatePreconditions,
  hasPreconditions,
  ifRange,
} from "../handlers/preconditions.ts";
import { lastingOctets } from "../lasting_octets.ts";
import { fileContent, lengthOf, type Piece, wholeOf } from "./file_content.ts";
import type { Line, Representation } from "./representation.ts";
import { preconditionFailed } from "./validators.ts";

/** A file's octets, here or open; whoever is given an open one closes it. */
export type Source = Uint8Array<ArrayBuffer> | Deno.FsFile;

/** What there is to answer with. */
export interface Answerable extends Representation {
  length: number;
  source: Source;
  /** The fields of an answer with all of it, made when that is asked for. */
  headers?: Headers;
}

/**
 * Answers a GET or HEAD.
 *
 * @param extra Fields that come with the content.
 * @returns A response. Throws an {@linkcode HttpError} with 412 where a
 * precondition fails, and with 416 where no part that is asked for exists.
 */
export function answerWithFile(
  request: Request,
  file: Answerable,
  extra: Line[] = [],
): Response {
  try {
    const unchanged = answerUnchanged(request, file);
    if (unchanged) return unchanged;
    const ranges = rangesOf(request, file);
    if (ranges) return parts(request, file, ranges, extra);
    return whole(request, file, extra);
  } catch (error) {
    closeSource(file.source);
    throw error;
  }
}

/**
 * The answer that needs nothing of the content, if there is one: known before
 * anything costly is done for the other. Throws as {@linkcode answerWithFile}.
 */
export function answerWithoutFile(
  request: Request,
  file: Answerable,
): Response | undefined {
  try {
    const unchanged = answerUnchanged(request, file);
    if (unchanged) return unchanged;
    if (rangesOf(request, file)?.length === 0) throw nothingThere(file);
    return undefined;
  } catch (error) {
    closeSource(file.source);
    throw error;
  }
}

function answerUnchanged(
  request: Request,
  file: Answerable,
): Response | undefined {
  if (!hasPreconditions(request.headers)) return undefined;
  const status = evaluatePreconditions(request, file.validators);
  if (status === 412) throw preconditionFailed();
  if (status === 304) return empty(304, file.fields, file.source);
  return undefined;
}

/** The parts that are asked for; undefined for all of it. */
function rangesOf(
  { headers, method }: Request,
  file: Answerable,
): ByteRange[] | undefined {
  // RFC 9110 §14.2: a Range means something in a GET alone.
  const range = method === "GET" ? headers.get("range") : null;
  const isPart = range !== null && ifRange(headers, file.validators);
  return isPart ? parseByteRanges(range, file.length) : undefined;
}

function whole(
  request: Request,
  file: Answerable,
  extra: Line[],
): Response {
  const { source, length } = file;
  const fields = [...file.contentFields, ...extra];
  if (!(source instanceof Uint8Array) || extra.length > 0) {
    return respond(request, 200, file, fields, wholeOf(length));
  }
  file.headers ??= new Headers([
    ["content-length", `${length}`],
    ...fields,
    ...file.fields,
  ]);
  const isBare = request.method === "HEAD" || length === 0;
  const content = isBare ? null : lastingOctets(source);
  return new Response(content, { headers: file.headers });
}

function nothingThere({ length }: Answerable): HttpError {
  return new HttpError(416, "The file has no octets there", {
    headers: { "content-range": contentRange(undefined, length) },
  });
}

/** Closes what is open. */
export function closeSource(source: Source): void {
  if (!(source instanceof Uint8Array)) source.close();
}

function empty(status: number, headers: Line[], source: Source): Response {
  closeSource(source);
  return new Response(null, { status, headers });
}

function parts(
  request: Request,
  file: Answerable,
  ranges: ByteRange[],
  extra: Line[],
): Response {
  if (ranges.length === 0) throw nothingThere(file);
  const fields = [...file.contentFields, ...extra];
  if (ranges.length === 1) {
    fields.push(["content-range", contentRange(ranges[0], file.length)]);
    return respond(request, 206, file, fields, ranges);
  }
  const boundary = crypto.randomUUID();
  const [[, type]] = file.contentFields;
  fields[0] = ["content-type", `multipart/byteranges; boundary=${boundary}`];
  const pieces = multipart(ranges, { boundary, type, length: file.length });
  return respond(request, 206, file, fields, pieces);
}

/** RFC 9110 §14.6: each part with a head of its own. */
function multipart(
  ranges: ByteRange[],
  { boundary, type, length }: {
    boundary: string;
    type: string;
    length: number;
  },
): Piece[] {
  const encoder = new TextEncoder();
  const pieces = ranges.flatMap((range, at): Piece[] => [
    encoder.encode(
      `${at === 0 ? "" : "\r\n"}--${boundary}\r\ncontent-type: ${type}\r\n` +
        `content-range: ${contentRange(range, length)}\r\n\r\n`,
    ),
    range,
  ]);
  return [...pieces, encoder.encode(`\r\n--${boundary}--\r\n`)];
}

function respond(
  request: Request,
  status: number,
  { fields, source }: Answerable,
  contentFields: Line[],
  pieces: Piece[],
): Response {
  const length: Line = ["content-length", `${lengthOf(pieces)}`];
  const headers = [length, ...contentFields, ...fields];
  if (request.method === "HEAD" || pieces.length === 0) {
    return empty(status, headers, source);
  }
  const content = source instanceof Uint8Array
    ? lastingOctets(cut(source, pieces))
    : fileContent(source, pieces);
  return new Response(content, { status, headers });
}

function cut(
  octets: Uint8Array<ArrayBuffer>,
  pieces: Piece[],
): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    const part = piece instanceof Uint8Array
      ? piece
      : octets.subarray(piece.first, piece.last + 1);
    content.set(part, at);
    at += part.length;
  }
  return content;
}
