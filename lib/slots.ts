/**
 * Limits how much runs at once: whoever comes later waits for a slot, in turn.
 * It does not know what runs.
 *
 * @module
 */

/** Waits for a promise or a signal, whichever comes first. */
export async function orAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** A fixed number of slots, each for one piece of work. */
export class Slots {
  readonly #count: number;
  #free: number;
  #waiting: (() => void)[] = [];

  /** @param count How many there are. */
  constructor(count: number) {
    this.#count = count;
    this.#free = count;
  }

  /** How many are taken. */
  get taken(): number {
    return this.#count - this.#free;
  }

  /** How many callers wait for one. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Waits for a slot, which the caller disposes of. Rejects with the reason of
   * the signal.
   */
  async take(signal?: AbortSignal): Promise<Disposable> {
    signal?.throwIfAborted();
    const free = this.takeFree();
    if (free) return free;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    try {
      await (signal ? orAborted(promise, signal) : promise);
    } catch (error) {
      // Either still waiting, or given a slot in the same moment.
      const at = this.#waiting.indexOf(resolve);
      if (at >= 0) this.#waiting.splice(at, 1);
      else this.#give();
      throw error;
    }
    return this.#slot();
  }

  /** Returns a slot if one is free. */
  takeFree(): Disposable | undefined {
    if (this.#free === 0) return undefined;
    this.#free--;
    return this.#slot();
  }

  #slot(): Disposable {
    return { [Symbol.dispose]: () => this.#give() };
  }

  /** Passes a slot to the next waiting caller. */
  #give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
