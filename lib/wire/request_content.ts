/**
 * The content of a request: framing and reader in, octets out as they arrive.
 *
 * Unread content can be discarded, up to a limit, so that the next request on
 * the connection can be found. The meaning of the content is not known here.
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { ByteReader } from "./byte_reader.ts";
import { ChunkedContent } from "./chunked_coding.ts";
import type { FieldSection } from "./field_section.ts";
import type { Framing } from "./message_framing.ts";

/** Request content that is still arriving. */
export interface RequestContent {
  /** Whether all of it has been read, including its trailers. */
  readonly ended: boolean;
  /** Octets of content read so far, without framing. */
  readonly received: number;
  /** Octets still to read, if the framing tells. */
  readonly remaining: number | undefined;
  /** Whether what is left has arrived; false if that cannot be told. */
  readonly hasArrived: boolean;
  /** The trailer section, once chunked content has ended. */
  readonly trailers: FieldSection | undefined;
  /**
   * Reads up to `most` octets; undefined at the end. They are valid only until
   * the next read. Throws a ProtocolError if the content breaks its framing or
   * ends too early.
   */
  read(most: number): Promise<Uint8Array | undefined>;
  /**
   * Takes all that is left, without waiting. Returns undefined and takes
   * nothing if some of it has not arrived, or that cannot be told. Valid until
   * the next read.
   */
  takeRest(): Uint8Array | undefined;
}

/** Content of a known length, which may be zero (RFC 9112 §6.3). */
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

  get hasArrived(): boolean {
    return this.#reader.buffered >= this.remaining;
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
    if (!this.hasArrived) return undefined;
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
