/**
 * Keeps several workers running: starts them, starts another where one has
 * ended, with a brake, and stops all of them together.
 *
 * In: a way to start one worker. Out: the first that serves, and when all have
 * ended. It does not know what a worker is made of, nor what it says.
 *
 * @module
 */

import { delay } from "@std/async/delay";

/** One worker, from its start to its end. */
export interface Worker<Ready> {
  /**
   * Fulfilled when it serves, or with undefined if it ends before; rejects if it
   * says why it cannot.
   */
  readonly ready: Promise<Ready | undefined>;
  /** Fulfilled with how it ended, once nothing more comes from it. */
  readonly ended: Promise<string>;
  /** Finishes running requests, after it has served on for `delay` ms. */
  drain(delay: number): void;
  /** Ends it at once. */
  kill(): void;
}

/** Options of a {@linkcode Supervisor}. */
export interface SupervisorOptions<Ready> {
  /** How many workers there are. */
  count: number;
  /**
   * Starts the worker of a place, counted from 0. `first` is what the first
   * worker said when it served; undefined as long as none has.
   */
  start(place: number, first: Ready | undefined): Worker<Ready>;
  /** Called when one has ended, `pause` ms before another is started. */
  onEnd(place: number, how: string, pause: number): void;
  /** Called when a worker begins to serve, and when it has ended. */
  onChange(): void;
  /** Waits for so many ms, or until it is aborted. Default: by a timer. */
  wait?(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/**
 * Milliseconds before another worker is started: none after the first end, then
 * longer ones, and the last from then on.
 */
const PAUSES = [0, 250, 500, 1000, 2000, 5000];

/** Milliseconds of service after which an end counts as the first again. */
const STEADY = 2000;

/** How often the first worker may end before it has served. */
const ATTEMPTS = 3;

/** Workers of one kind. */
export class Supervisor<Ready> {
  readonly #options: Required<SupervisorOptions<Ready>>;
  readonly #workers = new Map<number, Worker<Ready>>();
  /** When each of those that serve began to, by place. */
  readonly #serving = new Map<number, number>();
  readonly #stop = new AbortController();
  readonly #finish = Promise.withResolvers<void>();
  #first: Ready | undefined;
  #restarts = 0;

  constructor(options: SupervisorOptions<Ready>) {
    this.#options = { wait: waitFor, ...options };
  }

  /** How many workers were started in the place of one that had ended. */
  get restarts(): number {
    return this.#restarts;
  }

  /** How many workers serve now. */
  get serving(): number {
    return this.#serving.size;
  }

  /** Fulfilled when all workers have ended and none is started any more. */
  get finished(): Promise<void> {
    return this.#finish.promise;
  }

  /**
   * Starts one worker, and the others once it serves. Fulfilled with what the
   * first one said, when all serve or have ended once. Rejects if none can be
   * started, with the reason if one was said.
   */
  async start(): Promise<Ready> {
    const [first, ready] = await this.#startFirst();
    this.#first = ready;
    const workers = [first];
    for (let place = 1; place < this.#options.count; place++) {
      workers.push(this.#launch(place));
    }
    const kept = workers.map((worker, place) => this.#keep(place, worker));
    Promise.all(kept).then(() => this.#finish.resolve());
    await Promise.allSettled(workers.map(({ ready }) => ready));
    return ready;
  }

  /** Stops all workers. */
  drain(delay: number): void {
    this.#stop.abort();
    for (const worker of this.#workers.values()) worker.drain(delay);
  }

  /** Ends all workers at once. */
  kill(): void {
    this.#stop.abort();
    for (const worker of this.#workers.values()) worker.kill();
  }

  async #startFirst(): Promise<[Worker<Ready>, Ready]> {
    let how = "";
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const worker = this.#launch(0);
      const ready = await worker.ready;
      if (ready !== undefined) return [worker, ready];
      how = await worker.ended;
    }
    throw new Error(how);
  }

  #launch(place: number): Worker<Ready> {
    const worker = this.#options.start(place, this.#first);
    this.#workers.set(place, worker);
    worker.ready.then((ready) => {
      if (ready === undefined) return;
      this.#serving.set(place, performance.now());
      this.#options.onChange();
    }, () => {});
    return worker;
  }

  /** Keeps a place taken until all are stopped. */
  async #keep(place: number, worker: Worker<Ready>): Promise<void> {
    const { signal } = this.#stop;
    const { wait, onEnd, onChange } = this.#options;
    for (let ends = 0;;) {
      const how = await worker.ended;
      ends = this.#isSteady(place) ? 1 : ends + 1;
      this.#workers.delete(place);
      this.#serving.delete(place);
      onChange();
      if (signal.aborted) return;
      const pause = PAUSES[Math.min(ends, PAUSES.length) - 1];
      onEnd(place, how, pause);
      if (pause > 0) await wait(pause, signal);
      if (signal.aborted) return;
      this.#restarts++;
      worker = this.#launch(place);
    }
  }

  #isSteady(place: number): boolean {
    const since = this.#serving.get(place);
    return since !== undefined && performance.now() - since >= STEADY;
  }
}

async function waitFor(
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  await delay(milliseconds, { signal }).catch(() => {});
}
