/**
 * Numbers from 0 to a count go in, in order, and come out sorted, in steps that
 * each are short: `Array.sort` of 100 000 would hold everybody up.
 *
 * @module
 */

import type { Work } from "./turns.ts";

/** So many are sorted in one step, and merged in one. */
const STEP = 256;

/**
 * Sorts the numbers below `count`; those that compare as the same keep their
 * order.
 */
export function* sortedIndexes(
  count: number,
  compare: (a: number, b: number) => number,
): Work<Uint32Array> {
  let from = new Uint32Array(count).map((_, index) => index);
  for (let at = 0; at < count; at += STEP) {
    from.subarray(at, at + STEP).sort(compare);
    yield;
  }
  let into = new Uint32Array(count);
  for (let width = STEP; width < count; width *= 2) {
    for (let at = 0; at < count; at += 2 * width) {
      yield* merge(from, into, { at, width }, compare);
    }
    [from, into] = [into, from];
  }
  return from;
}

/** Merges two neighbours that are sorted, each of a width. */
function* merge(
  from: Uint32Array,
  into: Uint32Array,
  { at, width }: { at: number; width: number },
  compare: (a: number, b: number) => number,
): Work<void> {
  const middle = Math.min(at + width, from.length);
  const end = Math.min(middle + width, from.length);
  let left = at;
  let right = middle;
  for (let to = at; to < end; to++) {
    const isLeft = right >= end ||
      left < middle && compare(from[left], from[right]) <= 0;
    into[to] = isLeft ? from[left++] : from[right++];
    if (to % STEP === 0) yield;
  }
}
