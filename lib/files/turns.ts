/**
 * Work in small steps goes in, its result comes out, and others are served
 * meanwhile: all such work together takes a few milliseconds of each turn of the
 * event loop, and takes turns among itself.
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
