/**
 * Differences that are wanted: what a later tree does better on purpose.
 *
 * @module
 */
import type { Aspect, Difference } from "./difference.ts";
import list from "./wanted.json" with { type: "json" };

/**
 * A difference that is wanted. It stands for those whose first lines are exactly
 * these; the lines end as those that were compared do, with `\r\n`, say, and `#`
 * stands for any number.
 */
export interface Wanted {
  /** Why the later tree is right. */
  reason: string;
  aspect: Aspect;
  before: string;
  after: string;
  /** A regular expression that all which was sent matches. Default: anything. */
  sent?: string;
}

/** Those of the comparison with the default commit. */
export const wanted: readonly Wanted[] = list as Wanted[];

/** Whether it is exactly what is wanted. */
export function isWanted(difference: Difference, wanted: Wanted): boolean {
  return difference.aspect === wanted.aspect &&
    isLine(difference.before, wanted.before) &&
    isLine(difference.after, wanted.after) &&
    new RegExp(wanted.sent ?? "", "s").test(difference.sent);
}

function isLine(line: string, wanted: string): boolean {
  const parts = wanted.split("#").map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join("\\d+")}$`).test(line);
}
