/**
 * The header section that came last, known again by its octets.
 *
 * A client sends the same fields with each request, a browser a dozen of them. To
 * see that they are the same takes a tenth of the time that it takes to parse
 * them.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Limits } from "../limits.ts";
import type { ByteReader } from "./byte_reader.ts";
import type { FieldSection } from "./field_section.ts";

/** Octets of the longest section that is remembered. */
const MOST = 4096;

/**
 * One section. A server has one for all its connections: each of them would have
 * to keep its own, and a client that opens a new one would find none.
 */
export class LastSection {
  #last: { octets: Buffer; fields: FieldSection } | undefined;

  /** Remembers what a section was parsed to. */
  remember(octets: Uint8Array, fields: FieldSection): void {
    if (octets.length <= MOST) {
      this.#last = { octets: Buffer.from(octets), fields };
    }
  }

  /** Takes a section if it is the last one again; undefined, if it is not. */
  take(reader: ByteReader, limits: Limits): FieldSection | undefined {
    if (!this.#last) return undefined;
    const { octets, fields } = this.#last;
    // Whose limits they are is not known here; the empty line does not count.
    const isAllowed = octets.length - 2 <= limits.fieldSection &&
      fields.lines.length <= limits.fieldCount;
    return isAllowed && reader.takeSame(octets) ? fields : undefined;
  }
}
