/**
 * Sorts long lists, and finds the first of them, in short steps: so many as a
 * directory may hold would else block all other work. It does not know what the
 * lists are of.
 *
 * @module
 */

import type { Work } from "./bounded_work.ts";

/** How many are sorted or merged in one step. */
const RUN = 256;

/** Less than 0 if the first is to come before the second. */
export type Compare<T> = (a: T, b: T) => number;

/** Sorts the numbers below `count`; equal ones keep their order. */
export function* sortedIndexes(
  count: number,
  compare: Compare<number>,
): Work<Uint32Array> {
  let from = new Uint32Array(count).map((_, index) => index);
  for (let at = 0; at < count; at += RUN) {
    from.subarray(at, at + RUN).sort(compare);
    yield;
  }
  let into = new Uint32Array(count);
  for (let width = RUN; width < count; width *= 2) {
    for (let at = 0; at < count; at += 2 * width) {
      yield* merge(from, into, { at, width }, compare);
    }
    [from, into] = [into, from];
  }
  return from;
}

/** Merges two sorted neighbors of the same width. */
function* merge(
  from: Uint32Array,
  into: Uint32Array,
  { at, width }: { at: number; width: number },
  compare: Compare<number>,
): Work<void> {
  const middle = Math.min(at + width, from.length);
  const end = Math.min(middle + width, from.length);
  let left = at;
  let right = middle;
  for (let to = at; to < end; to++) {
    const isLeft = right >= end ||
      left < middle && compare(from[left], from[right]) <= 0;
    into[to] = isLeft ? from[left++] : from[right++];
    if (to % RUN === 0) yield;
  }
}

/**
 * The first so many of what is offered, in order: quicker than to sort all, as
 * most of a long list are seen to come later at once.
 */
export class FirstOf<T> {
  readonly #count: number;
  readonly #compare: Compare<T>;
  #found: T[] = [];
  /** The last of the first, once there are so many. */
  #last: T | undefined;

  constructor(count: number, compare: Compare<T>) {
    this.#count = count;
    this.#compare = compare;
  }

  offer(one: T): void {
    if (this.#last !== undefined && this.#compare(one, this.#last) > 0) return;
    this.#found.push(one);
    if (this.#found.length < 2 * this.#count) return;
    this.#found = this.sorted();
    this.#last = this.#found.at(-1);
  }

  sorted(): T[] {
    return this.#found.toSorted(this.#compare).slice(0, this.#count);
  }
}
