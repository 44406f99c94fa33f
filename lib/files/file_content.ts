/**
 * An open file goes in, octets of it come out, and the file is closed: as a byte
 * stream, at its end, on an error and on cancel; or at once, which suits small
 * ones. It does not know names or types.
 *
 * @module
 */

import type { ByteRange } from "../handlers/byte_ranges.ts";

/** Octets read at once for a reader that lends no buffer. */
const chunkSize = 64 * 1024;

/** Octets to send as they are, or some of the file's. */
export type Piece = Uint8Array | ByteRange;

/** All of a file that has this length. */
export function wholeOf(length: number): Piece[] {
  return length > 0 ? [{ first: 0, last: length - 1 }] : [];
}

/** How many octets pieces have. */
export function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + octetsOf(piece), 0);
}

function octetsOf(piece: Piece): number {
  return piece instanceof Uint8Array
    ? piece.length
    : piece.last - piece.first + 1;
}

/**
 * The pieces, one after the other: what a file gains in the meantime is left
 * out; when it loses some, the stream errs, since its length was announced.
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
      if (octets === undefined) return; // cancelled meanwhile
      if (lent) lent.respond(octets.length);
      else controller.enqueue(octets);
      if (source.isAtEnd) controller.close();
    },
    cancel: () => source.close(),
  });
}

function viewOf({ view }: ReadableStreamBYOBRequest): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = view!;
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** Reads pieces of a file, and closes it after the last. */
class PieceReader {
  #file: Deno.FsFile;
  #pieces: Piece[];
  /** Octets read of the first piece that is left. */
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
   * The next octets, in `lent` where that is given; undefined if it was closed
   * meanwhile. Not to be called at the end.
   */
  async read(
    lent: Uint8Array<ArrayBuffer> | undefined,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const [piece] = this.#pieces;
    const left = octetsOf(piece) - this.#read;
    const room = lent ?? new Uint8Array(Math.min(chunkSize, left));
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

/** The next octets of a file, `length` or as many as there are; closes it. */
export function readContent(
  file: Deno.FsFile,
  length: number,
): Uint8Array<ArrayBuffer> {
  using _closed = file;
  const octets = new Uint8Array(length);
  let end = 0;
  while (end < length) {
    const count = file.readSync(octets.subarray(end));
    if (count === null) break;
    end += count;
  }
  return octets.subarray(0, end);
}
