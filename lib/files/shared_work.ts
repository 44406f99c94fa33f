/**
 * Work that several wait for goes in; each gets its result, and it ends when the
 * last of them has left.
 *
 * @module
 */

/** Work that was begun, and is done once for all who join it. */
export class SharedWork<T> {
  /** Fulfilled when it is over, however it ended. */
  readonly over: Promise<void>;
  #outcome: Promise<T>;
  #result: T | undefined;
  #joined = 0;
  #abandoned = new AbortController();

  /**
   * Begins it.
   *
   * @param make Does it; its signal aborts when nobody waits any more.
   */
  constructor(make: (signal: AbortSignal) => Promise<T>) {
    this.#outcome = make(this.#abandoned.signal);
    this.over = this.#outcome.then((result) => {
      this.#result = result;
    }, () => {});
  }

  /** What came of it; undefined before, and if nothing did. */
  get result(): T | undefined {
    return this.#result;
  }

  /** Whether all who joined it left before it was done. */
  get isAbandoned(): boolean {
    return this.#abandoned.signal.aborted;
  }

  /**
   * Waits for the result.
   *
   * @returns The result. Rejects as the work does, or with the reason of the
   * signal.
   */
  async join(signal: AbortSignal): Promise<T> {
    if (this.#result !== undefined) return this.#result;
    this.#joined++;
    try {
      return await orAborted(this.#outcome, signal);
    } finally {
      this.#joined--;
      if (this.#joined === 0 && this.#result === undefined) {
        this.#abandoned.abort();
      }
    }
  }
}

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
