/**
 * The text of a duration goes in, a number of milliseconds comes out. It does
 * not know which option the duration is for.
 *
 * @module
 */

import { UsageError } from "./errors.ts";

// duration = 1*DIGIT ( "ms" / "s" / "m" )
const pattern = /^(?<count>\d+)(?<unit>ms|s|m)$/;

const millisecondsOf = { ms: 1, s: 1000, m: 60_000 };

/** Parses `500ms`, `30s` or `2m`; throws a UsageError with advice. */
export function parseDuration(text: string): number {
  if (/^\d+$/.test(text)) {
    throw new UsageError(`add a unit, such as ${text}s or ${text}ms`);
  }
  const { count, unit } = pattern.exec(text)?.groups ?? {};
  if (count === undefined) {
    throw new UsageError("write a duration such as 500ms, 30s or 2m");
  }
  const milliseconds = Number(count) *
    millisecondsOf[unit as keyof typeof millisecondsOf];
  if (!Number.isSafeInteger(milliseconds)) {
    throw new UsageError("write a shorter duration");
  }
  return milliseconds;
}
