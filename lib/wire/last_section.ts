/**
 * The header section that came last, known again by its octets.
 *
 * A client sends the same fields with each request, a browser a dozen of them. To
 * see that they are the same takes a tenth of the time that it takes to parse
 * them and to decide what they mean.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { FieldSection } from "./field_section.ts";
import type { HeadDecisions } from "./message_framing.ts";

/** Octets of the longest section that is remembered. */
const MOST = 4096;

/** A section that was parsed, and what was decided of it. */
export interface KnownSection {
  /** How many octets it takes, those of the empty line included. */
  readonly length: number;
  readonly fields: FieldSection;
  readonly decisions: HeadDecisions;
  /** Of the request: other versions decide otherwise. */
  readonly minorVersion: number;
}

/**
 * One section. A server has one for all its connections: each of them would have
 * to keep its own, and a client that opens a new one would find none.
 */
export class LastSection {
  #buffer = Buffer.alloc(MOST);
  #octets = this.#buffer;
  #section: KnownSection | undefined;

  /** Remembers a section, which these are the octets of, in place of the last. */
  remember(octets: Uint8Array, section: KnownSection): void {
    if (octets.length > MOST) return;
    this.#buffer.set(octets);
    this.#octets = this.#buffer.subarray(0, octets.length);
    this.#section = section;
  }

  /**
   * The section, if it is what stands at `start`, all of it before `end`, and
   * means the same in a request of that version.
   */
  find(
    octets: Uint8Array,
    start: number,
    end: number,
    minorVersion: number,
  ): KnownSection | undefined {
    const section = this.#section;
    if (!section || section.minorVersion !== minorVersion) return undefined;
    const stop = start + section.length;
    if (stop > end) return undefined;
    // Without a range of its own: Deno holds that against the other's bounds.
    return this.#octets.compare(octets, start, stop) === 0
      ? section
      : undefined;
  }
}
