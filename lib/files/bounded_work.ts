/**
 * Runs work that takes long so that nobody else waits for it longer than a few
 * milliseconds: it takes turns with everything else, is done once for all who
 * ask at the same time, and ends when the last of them has left; and only so
 * much of it is done at once. It does not know what the work is.
 *
 * @module
 */

/** Work that yields where it may be interrupted: at least once a millisecond. */
export type Work<T> = Generator<void, T, void>;

/** How long (ms) all work together may hold up a turn of the event loop. */
const TURN = 8;
/** How long (ms) one piece of work goes on while another waits. */
const STEP = 2;

/** Goes on with its work until a time; tells whether that is finished. */
type Task = (until: number) => boolean;

/** The event loop is the process's, so there is one of these for all. */
class Turns {
  #tasks: Task[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Does some work; what is soon done is done at once.
   *
   * @param signal Ends the work, wherever it is.
   * @returns What it returns. Rejects with what it throws, or with the reason of
   * the signal.
   */
  run<T>(work: Work<T>, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const task: Task = (until) => {
        try {
          for (;;) {
            const { done, value } = work.next();
            if (done) resolve(value);
            else if (performance.now() < until) continue;
            else return false;
            break;
          }
        } catch (error) {
          reject(error);
        }
        signal?.removeEventListener("abort", stop);
        return true;
      };
      const stop = () => {
        this.#drop(task);
        reject(signal?.reason);
        work.return(undefined as T);
      };
      signal?.addEventListener("abort", stop, { once: true });
      this.#tasks.push(task);
      if (this.#timer === undefined) this.#takeTurn();
    });
  }

  #takeTurn(): void {
    const end = performance.now() + TURN;
    for (let now = 0; now < end; now = performance.now()) {
      const task = this.#tasks.shift();
      if (task === undefined) return;
      const until = this.#tasks.length === 0 ? end : Math.min(end, now + STEP);
      if (!task(until)) this.#tasks.push(task);
    }
    if (this.#tasks.length === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#takeTurn();
    }, 0);
  }

  #drop(task: Task): void {
    const at = this.#tasks.indexOf(task);
    if (at >= 0) this.#tasks.splice(at, 1);
    if (this.#tasks.length > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** What does all work of this process that takes long. */
export const turns = new Turns();

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
