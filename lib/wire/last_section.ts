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

/** All servers' last one: a connection apart would have to keep its own. */
let last: { octets: Buffer; fields: FieldSection } | undefined;

/** Remembers what a section was parsed to. */
export function rememberSection(
  octets: Uint8Array,
  fields: FieldSection,
): void {
  if (octets.length <= MOST) last = { octets: Buffer.from(octets), fields };
}

/** Takes a section if it is the last one again; undefined, if it is not. */
export function takeLastSection(
  reader: ByteReader,
  limits: Limits,
): FieldSection | undefined {
  if (!last) return undefined;
  const { octets, fields } = last;
  // Another server may have other limits; the empty line does not count.
  const isAllowed = octets.length - 2 <= limits.fieldSection &&
    fields.lines.length <= limits.fieldCount;
  return isAllowed && reader.takeSame(octets) ? fields : undefined;
}
