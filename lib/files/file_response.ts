/**
 * Makes the response for a request and a file: all of it, parts of it, or a 304
 * (RFC 9110 §13, §14). An open file is closed at the end of the content, on an
 * error and on cancel, or at once if no content is sent.
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
import {
  type Answerable,
  closeSource,
  type Line,
  type Source,
} from "./representation.ts";
import { preconditionFailed } from "./validators.ts";

/** Octets read at once for a reader that provides no buffer. */
const CHUNK_SIZE = 64 * 1024;

/**
 * Answers a GET or HEAD.
 *
 * @param extra Fields to send with the content.
 * @returns A response. Throws an {@linkcode HttpError} with 412 if a
 * precondition fails, and with 416 if no requested part exists.
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
 * The answer that needs no content, if there is one: checked before any costly
 * work. Throws as {@linkcode answerWithFile}.
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

/** The requested parts; undefined for the whole file. */
function rangesOf(
  { headers, method }: Request,
  file: Answerable,
): ByteRange[] | undefined {
  // RFC 9110 §14.2: Range has a meaning only in a GET.
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
  return new HttpError(416, "The file has no octets in this range", {
    headers: { "content-range": contentRange(undefined, length) },
  });
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

/** RFC 9110 §14.6: each part has its own head. */
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

/** Octets to send as they are, or a range of the file. */
export type Piece = Uint8Array | ByteRange;

/** The whole of a file of this length. */
export function wholeOf(length: number): Piece[] {
  return length > 0 ? [{ first: 0, last: length - 1 }] : [];
}

/** The length of pieces in octets. */
export function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + octetsOf(piece), 0);
}

function octetsOf(piece: Piece): number {
  return piece instanceof Uint8Array
    ? piece.length
    : piece.last - piece.first + 1;
}

/**
 * Streams the pieces, one after another. Octets that the file gains meanwhile
 * are left out; if it becomes shorter, the stream errors, since its length was
 * announced.
 */
export function fileContent(
  file: Deno.FsFile,
  pieces: readonly Piece[],
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const source = new PieceReader(file, pieces);
  return new ReadableStream({
    type: "bytes",
    start(controller) {
      if (source.isAtEnd) controller.close();
    },
    async pull(controller) {
      const lent = controller.byobRequest;
      const octets = await source.read(lent ? viewOf(lent) : undefined);
      if (octets === undefined) return; // cancelled in the meantime
      if (lent) lent.respond(octets.length);
      else controller.enqueue(octets);
      if (source.isAtEnd) controller.close();
    },
    cancel: () => source.close(),
  });
}

/** The buffer that a reader lends. */
export function viewOf(
  { view }: ReadableStreamBYOBRequest,
): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = view!;
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** Reads pieces of a file, and closes it after the last. */
class PieceReader {
  #file: Deno.FsFile;
  #pieces: Piece[];
  /** Octets read of the first remaining piece. */
  #read = 0;
  #isOpen = true;

  constructor(file: Deno.FsFile, pieces: readonly Piece[]) {
    this.#file = file;
    this.#pieces = [...pieces];
    if (this.isAtEnd) this.close();
  }

  get isAtEnd(): boolean {
    return this.#pieces.length === 0;
  }

  close(): void {
    if (this.#isOpen) this.#file.close();
    this.#isOpen = false;
  }

  /**
   * The next octets, in `lent` if given; undefined if it was closed meanwhile.
   * Do not call it at the end.
   */
  async read(
    lent: Uint8Array<ArrayBuffer> | undefined,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const [piece] = this.#pieces;
    const left = octetsOf(piece) - this.#read;
    const room = lent ?? new Uint8Array(Math.min(CHUNK_SIZE, left));
    try {
      const octets = piece instanceof Uint8Array
        ? copy(piece.subarray(this.#read), room)
        : await this.#readFile(piece, room.subarray(0, left));
      if (!this.#isOpen) return undefined;
      this.#read += octets.length;
      if (octets.length === left) this.#next();
      return octets;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #next(): void {
    this.#pieces.shift();
    this.#read = 0;
    if (this.isAtEnd) this.close();
  }

  async #readFile(
    { first }: ByteRange,
    room: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#read === 0) this.#file.seekSync(first, Deno.SeekMode.Start);
    const count = this.#isOpen ? await this.#file.read(room) : 0;
    if (count === null) throw new Error("The file became shorter");
    return room.subarray(0, count);
  }
}

function copy(
  octets: Uint8Array,
  room: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const fitting = octets.subarray(0, room.length);
  room.set(fitting);
  return room.subarray(0, fitting.length);
}
