/**
 * Differences that are wanted: what a later tree does better on purpose.
 *
 * @module
 */
import type { Difference } from "./difference.ts";

/** A kind of difference that is wanted. */
export interface Wanted {
  /** Why the later tree is right. */
  reason: string;
  /** Whether a difference is of this kind. */
  matches(difference: Difference): boolean;
}

/** Those of the comparison with the reference. */
export const wanted: readonly Wanted[] = [];
