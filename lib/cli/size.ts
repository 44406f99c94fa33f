/**
 * The text of a size goes in, a number of octets comes out. It does not know
 * which option the size is for.
 *
 * @module
 */

import { UsageError } from "./errors.ts";

// size = 1*DIGIT [ ( "k" / "m" / "g" ) [ "i" ] ] [ "b" ], in either case.
// The multiples are binary, so 1k, 1KB and 1KiB are all 1024.
const pattern = /^(?<count>\d+)(?:(?<unit>[kmg])i?)?b?$/i;

const octetsOf = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** Parses `65536`, `64k`, `20m` or `1g`; throws a UsageError with advice. */
export function parseSize(text: string): number {
  const { count, unit } = pattern.exec(text)?.groups ?? {};
  if (count === undefined) {
    throw new UsageError("write a size such as 65536, 64k, 20m or 1g");
  }
  const multiple = unit
    ? octetsOf[unit.toLowerCase() as keyof typeof octetsOf]
    : 1;
  const octets = Number(count) * multiple;
  if (!Number.isSafeInteger(octets)) {
    throw new UsageError("write a smaller size");
  }
  return octets;
}
