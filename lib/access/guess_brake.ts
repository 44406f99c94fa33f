/**
 * Bounds how often something is tried: a number of times at once, then once in
 * a period. It holds the same memory however many try: a table that they share
 * by a keyed hash, so that nobody can choose whom to share a place with.
 *
 * @module
 */

import { createHmac, randomBytes } from "node:crypto";

/** How many places the table has. */
const PLACES = 2 ** 16;

/** Options of a {@linkcode GuessBrake}. */
export interface GuessBrakeOptions {
  /** How many tries are allowed at once. */
  burst: number;
  /** Milliseconds after which another one is. */
  period: number;
  /** Tells the time in milliseconds. */
  now(): number;
}

/** A brake on tries, by what they are tried on or by whom. */
export class GuessBrake {
  /** When all tries of a place will be forgotten. */
  readonly #clear = new Float64Array(PLACES);
  readonly #key = randomBytes(32);
  readonly #options: GuessBrakeOptions;

  constructor(options: GuessBrakeOptions) {
    this.#options = options;
  }

  /** Milliseconds until a try is allowed; 0 if it is now. */
  wait(who: string): number {
    const { burst, period, now } = this.#options;
    const ahead = this.#clear[this.#placeOf(who)] - now();
    return Math.max(0, ahead - (burst - 1) * period);
  }

  /** Counts a try. */
  count(who: string): void {
    const { period, now } = this.#options;
    const place = this.#placeOf(who);
    this.#clear[place] = Math.max(this.#clear[place], now()) + period;
  }

  /** Takes back a try that has turned out not to be a guess. */
  forgive(who: string): void {
    this.#clear[this.#placeOf(who)] -= this.#options.period;
  }

  #placeOf(who: string): number {
    const digest = createHmac("sha256", this.#key).update(who).digest();
    return digest.readUInt32LE() % PLACES;
  }
}
