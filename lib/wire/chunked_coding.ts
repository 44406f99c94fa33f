/**
 * The chunked transfer coding (RFC 9112 §7.1), decode and encode.
 *
 *     chunked-body = *chunk last-chunk trailer-section CRLF
 *     chunk        = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
 *     last-chunk   = 1*("0") [ chunk-ext ] CRLF
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { ByteReader } from "./byte_reader.ts";
import type { FieldSection } from "./field_section.ts";
import { decodeLatin1, encodeLatin1 } from "./grammar.ts";
import { readFieldSection } from "./request_head.ts";

/**
 *     chunk-size = 1*HEXDIG
 *     chunk-ext  = *( BWS ";" BWS chunk-ext-name
 *                     [ BWS "=" BWS chunk-ext-val ] )        RFC 9112 §7.1.1
 *
 * Extensions are checked, since a hole in their grammar is where two readers
 * part ways, and then ignored, since no one knows any.
 */
const chunkLine = (() => {
  const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
  const quotedString =
    '"(?:[\\t !#-\\[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*"';
  const value = `[\\t ]*=[\\t ]*(?:${token}|${quotedString})`;
  const extension = `[\\t ]*;[\\t ]*${token}(?:${value})?`;
  return new RegExp(`^([0-9A-Fa-f]+)(?:${extension})*$`);
})();

/** Parses the line before a chunk's data: its size. */
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

/** Decodes chunked content while it is read: one kind of `RequestContent`. */
export class ChunkedContent {
  #reader: ByteReader;
  #limits: Limits;
  #leftInChunk = 0;
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
    if (this.#leftInChunk === 0 && !await this.#readChunkStart()) {
      this.trailers = await readFieldSection(this.#reader, this.#limits);
      this.ended = true;
      return undefined;
    }
    const octets = await this.#reader.readSome(
      Math.min(most, this.#leftInChunk),
    );
    if (!octets) {
      throw new ProtocolError(400, "The content ended within a chunk");
    }
    this.#leftInChunk -= octets.length;
    this.received += octets.length;
    return octets;
  }

  /** @returns false at the last chunk. */
  async #readChunkStart(): Promise<boolean> {
    if (this.#announced > 0) {
      await this.#reader.readLine({
        octets: 0,
        status: 400,
        message: "A chunk is longer than its size says (RFC 9112 §7.1)",
      });
    }
    const line = await this.#reader.readLine({
      octets: this.#limits.chunkLine,
      status: 400,
      message: `A chunk line is longer than ${this.#limits.chunkLine} octets`,
    });
    this.#leftInChunk = parseChunkLine(line);
    this.#announced += this.#leftInChunk;
    this.#refuseFlood(line.length);
    if (this.#announced > this.#limits.content) {
      throw new ProtocolError(
        413,
        `The content is larger than ${this.#limits.content} octets`,
      );
    }
    return this.#leftInChunk > 0;
  }

  /**
   * RFC 9112 §7.1.1: the total length of extensions should be limited. Small
   * chunks may have long lines, but not for long.
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

/** Octets of a chunk line that no one minds, however small the chunk. */
const FAIR_LINE = 16;

const CRLF = encodeLatin1("\r\n");

/** The end of chunked content that has no trailers. */
export const LAST_CHUNK: Uint8Array = encodeLatin1("0\r\n\r\n");

/**
 * Encodes one chunk, as the pieces to send. Not of nothing: a chunk of size 0
 * would be the last.
 */
export function encodeChunk(content: Uint8Array): Uint8Array[] {
  if (content.length === 0) return [];
  return [encodeLatin1(`${content.length.toString(16)}\r\n`), content, CRLF];
}
