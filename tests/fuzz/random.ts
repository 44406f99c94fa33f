/**
 * Random choices that a seed determines, the same everywhere and always.
 *
 * @module
 */

/** The choices for the nth thing that is made from a seed. */
export class Random {
  #state: number;

  constructor(seed: number, nth = 0) {
    this.#state = Math.imul(seed, 0x9e3779b1) ^ Math.imul(nth, 0x85ebca6b);
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  /** True once in `n` times. */
  isOneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** From 0 to below 1; the generator is Tommy Ettinger's mulberry32. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
}
