/**
 * All the clocks of a server, in one sweep.
 *
 * A timer for each wait would cost more than the wait's own work; so a deadline
 * is a number, and one timer looks at all of them, ten times a second. Nor is
 * the time read when one is set: it runs from the next sweep on. So it may strike
 * two sweeps late, never early.
 *
 * @module
 */

const SWEEP_INTERVAL = 100;

/** A clock that can be set and stopped. */
export interface Deadline {
  /** Sets it to strike in so many milliseconds, unless it is set anew. */
  start(milliseconds: number): void;
  stop(): void;
  /** Whether it was set, and has neither struck nor been stopped. */
  readonly isRunning: boolean;
  /** Takes it out of the sweep for good. */
  release(): void;
}

/** The deadlines of a server. The timer runs only while there are any. */
export class Deadlines {
  #deadlines = new Set<SweptDeadline>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #isReferenced = true;
  /** Milliseconds on a clock that is never set back. */
  readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** Makes a deadline, stopped, that will call `strike`. */
  create(strike: () => void): Deadline {
    const deadline = new SweptDeadline(strike, () => this.#release(deadline));
    this.#deadlines.add(deadline);
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.sweep(), SWEEP_INTERVAL);
      if (!this.#isReferenced) Deno.unrefTimer(this.#timer);
    }
    return deadline;
  }

  /** Strikes the deadlines that have passed. */
  sweep(): void {
    const now = this.now();
    for (const deadline of this.#deadlines) deadline.look(now);
  }

  /** Lets the timer keep the process alive, which it does by default. */
  ref(): void {
    this.#isReferenced = true;
    if (this.#timer !== undefined) Deno.refTimer(this.#timer);
  }

  /** Lets the process end although there are deadlines. */
  unref(): void {
    this.#isReferenced = false;
    if (this.#timer !== undefined) Deno.unrefTimer(this.#timer);
  }

  #release(deadline: SweptDeadline): void {
    this.#deadlines.delete(deadline);
    if (this.#deadlines.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

class SweptDeadline implements Deadline {
  #strike: () => void;
  #at = Infinity;
  /** How long it is to run from the next sweep on. */
  #wait: number | undefined;
  isRunning = false;
  readonly release: () => void;

  constructor(strike: () => void, release: () => void) {
    this.#strike = strike;
    this.release = release;
  }

  start(milliseconds: number): void {
    this.#wait = milliseconds;
    this.#at = Infinity;
    this.isRunning = true;
  }

  stop(): void {
    this.#wait = undefined;
    this.#at = Infinity;
    this.isRunning = false;
  }

  look(now: number): void {
    if (this.#wait !== undefined) {
      this.#at = now + this.#wait;
      this.#wait = undefined;
    } else if (now >= this.#at) {
      this.stop();
      this.#strike();
    }
  }
}

/** How long (ms) a client may be slower than the rate before it counts. */
export const PATIENCE = 10_000;

/**
 * Whether so many octets in so many milliseconds of waiting are too few.
 *
 * @param rate The least average, in octets per second.
 */
export function isTooSlow(
  octets: number,
  waited: number,
  rate: number,
): boolean {
  return waited >= PATIENCE && octets * 1000 < rate * waited;
}
