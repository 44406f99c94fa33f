/**
 * So many may work at once; others wait, in the order in which they came.
 *
 * @module
 */

import { orAborted } from "./shared_work.ts";

/** Places to work at. */
export class Slots {
  #free: number;
  #waiting: (() => void)[] = [];

  /** @param count How many there are. */
  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Waits for one; whoever gets it disposes of it. Rejects with the reason of the
   * signal.
   */
  async take(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.#free === 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      try {
        await orAborted(promise, signal);
      } catch (error) {
        // Given up, or given away in the same moment.
        const at = this.#waiting.indexOf(resolve);
        if (at >= 0) this.#waiting.splice(at, 1);
        else this.#give();
        throw error;
      }
    } else this.#free--;
    return { [Symbol.dispose]: () => this.#give() };
  }

  /** To the next who waits. */
  #give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
