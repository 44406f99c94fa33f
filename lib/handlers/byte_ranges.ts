/**
 * Evaluates a Range field against the length of a representation: which parts
 * to send (RFC 9110 §14). It does not know the octets.
 *
 * @module
 */

/** Octets from the first to the last, both included. */
export interface ByteRange {
  first: number;
  last: number;
}

/** Specs of one field that are looked at. */
const MOST_SPECS = 100;
/** The most parts sent; a request for more gets the whole (RFC 9110 §17.15). */
const MOST_PARTS = 50;
/** Parts less far apart cost more for their head than what lies between. */
const NEAR = 80;

//     ranges-specifier = range-unit "=" range-set            RFC 9110 §14.1.1
//     range-set        = 1#range-spec
//     int-range        = first-pos "-" [ last-pos ]
//     suffix-range     = "-" suffix-length
const spec = /^(?:(\d+)-(\d*)|-(\d+))$/;

/**
 * The parts that a Range asks for. Two that overlap or nearly touch become one.
 *
 * @returns undefined if the field must be ignored: it is malformed, has another
 * unit, or asks for too many parts. Empty if it cannot be satisfied.
 */
export function parseByteRanges(
  field: string,
  length: number,
): ByteRange[] | undefined {
  const [, set] = /^bytes=(.*)$/i.exec(field.trim()) ?? [];
  if (set === undefined) return undefined;
  const specs = set.split(",").map((text) => text.trim())
    .filter((text) => text !== "");
  if (specs.length === 0 || specs.length > MOST_SPECS) return undefined;
  const ranges: ByteRange[] = [];
  for (const text of specs) {
    const range = parseSpec(text, length);
    if (range === "malformed") return undefined;
    if (range) ranges.push(range);
  }
  const parts = joinNear(ranges);
  return parts.length > MOST_PARTS ? undefined : parts;
}

/** Undefined where it can't be satisfied. */
function parseSpec(
  text: string,
  length: number,
): ByteRange | "malformed" | undefined {
  const match = spec.exec(text);
  if (!match) return "malformed";
  // More digits than a number can hold are more than any length.
  const [first, last, suffix] = match.slice(1).map((digits) =>
    digits ? Number(digits) : undefined
  );
  if (suffix !== undefined) {
    if (suffix === 0) return undefined;
    // Of nothing, the last octets are all there is: the whole.
    if (length === 0) return "malformed";
    return { first: Math.max(0, length - suffix), last: length - 1 };
  }
  if (last !== undefined && last < first!) return "malformed";
  if (first! >= length) return undefined;
  return { first: first!, last: Math.min(last ?? Infinity, length - 1) };
}

/** In the order that was asked for, unless some are joined. */
function joinNear(ranges: ByteRange[]): ByteRange[] {
  const joined: ByteRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const previous = joined.at(-1);
    if (previous && range.first <= previous.last + NEAR) {
      previous.last = Math.max(previous.last, range.last);
    } else joined.push({ ...range });
  }
  return joined.length === ranges.length ? ranges : joined;
}

/** The value of Content-Range for a part, or for none (RFC 9110 §14.4). */
export function contentRange(
  range: ByteRange | undefined,
  length: number,
): string {
  return range
    ? `bytes ${range.first}-${range.last}/${length}`
    : `bytes */${length}`;
}
