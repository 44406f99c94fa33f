/**
 * Runs long work so that nothing else waits for it longer than a few
 * milliseconds. The work takes turns with everything else, is done once for all
 * callers that ask at the same time, ends when the last of them has left, and
 * is limited in how much runs at once. It does not know what the work is.
 *
 * @module
 */

/**
 * Work that yields where it may be interrupted, at least once a millisecond.
 */
export type Work<T> = Generator<void, T, void>;

/** How long (ms) all work together may hold up a turn of the event loop. */
const TURN = 8;
/** How long (ms) one piece of work goes on while another waits. */
const STEP = 2;

/** Continues its work until a time; returns whether it has finished. */
type Task = (until: number) => boolean;

/**
 * Shares out turns of the event loop. A process has one loop, so it has one of
 * these.
 */
class Turns {
  #tasks: Task[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Runs some work; short work is done at once.
   *
   * @param signal Ends the work at any point.
   * @returns The result of the work. Rejects with its error, or with the reason
   * of the signal.
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

/** The turns that all long work of this process takes. */
export const turns = new Turns();

/** Work that has begun, and is done once for all callers that join it. */
export class SharedWork<T> {
  /** Fulfilled when the work is over, however it ended. */
  readonly over: Promise<void>;
  #outcome: Promise<T>;
  #result: T | undefined;
  #joined = 0;
  #abandoned = new AbortController();

  /**
   * Begins the work.
   *
   * @param make Does the work; its signal aborts when no caller waits any more.
   */
  constructor(make: (signal: AbortSignal) => Promise<T>) {
    this.#outcome = make(this.#abandoned.signal);
    this.over = this.#outcome.then((result) => {
      this.#result = result;
    }, () => {});
  }

  /** The result; undefined until there is one. */
  get result(): T | undefined {
    return this.#result;
  }

  /** Whether all callers left before it was done. */
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

/** A fixed number of slots, each for one piece of work. */
export class Slots {
  #free: number;
  #waiting: (() => void)[] = [];

  /** @param count How many there are. */
  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Waits for a slot, which the caller disposes of. Rejects with the reason of
   * the signal.
   */
  async take(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    const free = this.takeFree();
    if (free) return free;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    try {
      await orAborted(promise, signal);
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
