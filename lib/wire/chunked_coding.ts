/**
 * The chunked transfer coding, decoded and encoded (RFC 9112 §7.1).
 *
 *     chunked-body = *chunk last-chunk trailer-section CRLF
 *     chunk        = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
 *     last-chunk   = 1*("0") [ chunk-ext ] CRLF
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { ByteReader, LineLimit } from "./byte_reader.ts";
import {
  encodeFieldSection,
  type FieldLine,
  type FieldSection,
  SectionParser,
} from "./field_section.ts";
import { decodeLatin1, encodeLatin1 } from "./grammar.ts";

/**
 *     chunk-size = 1*HEXDIG
 *     chunk-ext  = *( BWS ";" BWS chunk-ext-name
 *                     [ BWS "=" BWS chunk-ext-val ] )        RFC 9112 §7.1.1
 *
 * Extensions are checked, because two readers disagree where their grammar is
 * loose. They are then ignored, because none are in use.
 */
const chunkLine = (() => {
  const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
  const quotedString =
    '"(?:[\\t !#-\\[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*"';
  const value = `[\\t ]*=[\\t ]*(?:${token}|${quotedString})`;
  const extension = `[\\t ]*;[\\t ]*${token}(?:${value})?`;
  return new RegExp(`^([0-9A-Fa-f]+)(?:${extension})*$`);
})();

/** Parses the line before a chunk's data, and returns the chunk's size. */
export function parseChunkLine(octets: Uint8Array): number {
  const match = chunkLine.exec(decodeLatin1(octets));
  if (!match) {
    throw new ProtocolError(400, "A chunk size is invalid (RFC 9112 §7.1)");
  }
  const size = parseInt(match[1], 16);
  if (!Number.isSafeInteger(size)) {
    throw new ProtocolError(413, "The request content is too large");
  }
  return size;
}

/** Decodes chunked content as it is read: one kind of `RequestContent`. */
export class ChunkedContent {
  #reader: ByteReader;
  #limits: Limits;
  #leftInChunk = 0;
  #isAfterData = false;
  #isAtLastChunk = false;
  #announced = 0;
  #excess = 0;
  received = 0;
  ended = false;
  readonly remaining = undefined;
  /** The trailer section, once `ended`. */
  trailers: FieldSection | undefined;

  constructor(reader: ByteReader, limits: Limits) {
    this.#reader = reader;
    this.#limits = limits;
  }

  async read(most: number): Promise<Uint8Array | undefined> {
    if (this.ended) return undefined;
    if (this.#leftInChunk === 0 && !this.#isAtLastChunk) {
      await this.#readChunkStart();
    }
    if (this.#isAtLastChunk) {
      this.trailers = await this.#reader.read(
        new SectionParser(this.#limits),
      );
      this.ended = true;
      return undefined;
    }
    const octets = await this.#reader.readSome(
      Math.min(most, this.#leftInChunk),
    );
    if (!octets) {
      throw new ProtocolError(400, "The content ended within a chunk");
    }
    this.#count(octets);
    return this.#leftInChunk > 0 || octets.length === most
      ? octets
      : this.#withNextChunks(octets, most);
  }

  /** Only reading the chunks shows where they end. */
  readonly hasArrived = false;

  takeRest(): undefined {
    return undefined;
  }

  async #readChunkStart(): Promise<void> {
    if (this.#isAfterData) {
      await this.#reader.readLine(DATA_END);
      this.#isAfterData = false;
    }
    this.#startChunk(await this.#reader.readLine(this.#lineLimit));
  }

  /** The same without waiting. @returns whether there is data to take. */
  #takeChunkStart(): boolean {
    if (this.#isAfterData) {
      if (!this.#reader.takeLine(DATA_END)) return false;
      this.#isAfterData = false;
    }
    const line = this.#reader.takeLine(this.#lineLimit);
    if (line) this.#startChunk(line);
    return this.#leftInChunk > 0;
  }

  /**
   * Takes the small chunks that have arrived together: a client that sends each
   * octet in its own chunk must not cost one read per octet.
   */
  #withNextChunks(first: Uint8Array, most: number): Uint8Array {
    const here = first.length + this.#reader.buffered;
    const room = Math.min(most, TOGETHER, here);
    if (first.length >= room || !this.#takeChunkStart()) return first;
    const octets = new Uint8Array(room);
    octets.set(first);
    let length = first.length;
    do {
      const next = this.#reader.takeSome(
        Math.min(room - length, this.#leftInChunk),
      );
      octets.set(next, length);
      length += next.length;
      this.#count(next);
    } while (
      this.#leftInChunk === 0 && length < room &&
      this.#takeChunkStart()
    );
    return octets.subarray(0, length);
  }

  #count(octets: Uint8Array): void {
    this.received += octets.length;
    this.#leftInChunk -= octets.length;
    this.#isAfterData = this.#leftInChunk === 0;
  }

  #startChunk(line: Uint8Array): void {
    const size = parseChunkLine(line);
    this.#leftInChunk = size;
    this.#isAtLastChunk = size === 0;
    this.#announced += size;
    this.#refuseFlood(line.length);
    if (this.#announced > this.#limits.content) {
      throw new ProtocolError(
        413,
        `The content is larger than ${this.#limits.content} octets (limits.content)`,
      );
    }
  }

  get #lineLimit(): LineLimit {
    return {
      octets: this.#limits.chunkLine,
      status: 400,
      message: (octets) => `A chunk line is longer than ${octets} octets`,
    };
  }

  /**
   * RFC 9112 §7.1.1: the total length of extensions should be limited. A few
   * small chunks may have long lines, many may not.
   */
  #refuseFlood(lineLength: number): void {
    const fair = FAIR_LINE + 2 * this.#leftInChunk;
    this.#excess = Math.max(0, this.#excess + lineLength - fair);
    if (this.#excess > this.#limits.fieldSection) {
      throw new ProtocolError(
        400,
        "There are more chunk extensions than content (RFC 9112 §7.1.1)",
      );
    }
  }
}

/** The CRLF between a chunk's data and the next chunk. */
const DATA_END: LineLimit = {
  octets: 0,
  status: 400,
  message: () => "A chunk is longer than its size says (RFC 9112 §7.1)",
};

/** How many octets of small chunks are taken together. */
const TOGETHER = 64 * 1024;

/**
 * Octets of a chunk line that never count as a flood, however small the chunk.
 */
const FAIR_LINE = 16;

const CRLF = encodeLatin1("\r\n");

/**
 * Encodes one chunk, as pieces to send. The content must not be empty: a chunk
 * of size 0 would be the last.
 *
 * @example
 * ```ts
 * import { encodeChunk, encodeLastChunk } from "@sluice/http/wire";
 * import { assertEquals } from "@std/assert";
 *
 * const pieces = [
 *   ...encodeChunk(new TextEncoder().encode("hello")),
 *   encodeLastChunk([["x-checksum", "1"]]),
 * ];
 * assertEquals(
 *   await new Blob(pieces as Uint8Array<ArrayBuffer>[]).text(),
 *   "5\r\nhello\r\n0\r\nx-checksum: 1\r\n\r\n",
 * );
 * ```
 */
export function encodeChunk(content: Uint8Array): Uint8Array[] {
  if (content.length === 0) return [];
  return [encodeLatin1(`${content.length.toString(16)}\r\n`), content, CRLF];
}

/** Encodes the last chunk and the trailer section. */
export function encodeLastChunk(
  trailers: Iterable<FieldLine> = [],
): Uint8Array {
  return encodeLatin1("0\r\n" + encodeFieldSection(trailers));
}
