/**
 * The content of a request: framing and reader in, octets out, as they come.
 *
 * What is not read can be discarded, within a limit, so that the next request
 * on the connection can be found. It knows nothing of what the content means.
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { ByteReader } from "./byte_reader.ts";
import { ChunkedContent } from "./chunked_coding.ts";
import type { FieldSection } from "./field_section.ts";
import type { Framing } from "./message_framing.ts";

/** Content that is still coming. */
export interface RequestContent {
  /** Whether all of it has been read, its trailers included. */
  readonly ended: boolean;
  /** Octets read so far, without those of the framing. */
  readonly received: number;
  /** Octets to come, where the framing tells. */
  readonly remaining: number | undefined;
  /** The trailer section, once chunked content has ended. */
  readonly trailers: FieldSection | undefined;
  /**
   * Reads some octets, `most` at the most; undefined at the end. They are only
   * valid until the next read. Throws a ProtocolError where the content breaks
   * its framing or ends too early.
   */
  read(most: number): Promise<Uint8Array | undefined>;
  /**
   * Takes all that is left, without waiting; undefined, and nothing is taken, if
   * not all of it is here, or that can't be told. Valid until the next read.
   */
  takeRest(): Uint8Array | undefined;
}

/** Content of a known length; also of none (RFC 9112 §6.3). */
class LengthContent implements RequestContent {
  #reader: ByteReader;
  remaining: number;
  received = 0;
  readonly trailers = undefined;

  constructor(reader: ByteReader, length: number) {
    this.#reader = reader;
    this.remaining = length;
  }

  get ended(): boolean {
    return this.remaining === 0;
  }

  async read(most: number): Promise<Uint8Array | undefined> {
    if (this.remaining === 0) return undefined;
    const octets = await this.#reader.readSome(Math.min(most, this.remaining));
    if (!octets) {
      throw new ProtocolError(
        400,
        "The content is shorter than its Content-Length (RFC 9112 §8)",
      );
    }
    this.#count(octets);
    return octets;
  }

  takeRest(): Uint8Array | undefined {
    if (this.#reader.buffered < this.remaining) return undefined;
    const octets = this.#reader.takeSome(this.remaining);
    this.#count(octets);
    return octets;
  }

  #count({ length }: Uint8Array): void {
    this.remaining -= length;
    this.received += length;
  }
}

/** Opens the content that follows a head. */
export function openContent(
  framing: Framing,
  reader: ByteReader,
  limits: Limits,
): RequestContent {
  switch (framing.kind) {
    case "chunked":
      return new ChunkedContent(reader, limits);
    case "length":
      return new LengthContent(reader, framing.length);
    case "none":
      return new LengthContent(reader, 0);
  }
}
