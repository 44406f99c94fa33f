/**
 * Runs long work so that nothing else waits for it longer than a few
 * milliseconds. The work takes turns with everything else, is done once for all
 * callers that ask at the same time, and ends when the last of them has left. It
 * does not know what the work is.
 *
 * @module
 */

import { orAborted } from "../slots.ts";

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
