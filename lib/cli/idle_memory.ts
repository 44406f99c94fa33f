/**
 * Gives memory back to the system once a load has passed.
 *
 * V8 collects garbage when a program allocates, so that an idle process keeps
 * what its busiest minute has left. Here it is collected once, when the heap has
 * grown and nothing happens any more. This is for a process of our own: the
 * library leaves V8 as its user has set it.
 *
 * @module
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Octets that the heap must have grown by: a collection stops the process for
 * 10 ms, and for another 0.4 ms for each MiB that is still in use.
 */
const WORTHWHILE_GROWTH = 8 * 1024 * 1024;

/** Octets that a process may allocate between two looks and still be idle. */
const IDLE_ALLOCATION = 1024 * 1024;

/** The heap of this process, looked at every few seconds. */
export class IdleMemory {
  #used: number;
  #collect: (() => void) | undefined;
  /** The least that the heap has taken since it was last collected here. */
  #least: number;

  constructor() {
    ({ heapUsed: this.#used, heapTotal: this.#least } = Deno.memoryUsage());
  }

  /** Collects garbage if that is worth it, and disturbs nobody. */
  look(): void {
    const { heapTotal, heapUsed } = Deno.memoryUsage();
    const allocated = heapUsed - this.#used;
    this.#used = heapUsed;
    this.#least = Math.min(this.#least, heapTotal);
    // Less is in use than before: V8 has collected garbage itself, so it is busy.
    const isIdle = allocated >= 0 && allocated < IDLE_ALLOCATION;
    if (!isIdle || heapTotal - this.#least < WORTHWHILE_GROWTH) return;
    this.#collect ??= makeCollector();
    this.#collect();
    ({ heapUsed: this.#used, heapTotal: this.#least } = Deno.memoryUsage());
  }
}

/** A function that V8 has in each context made after the flag is set. */
function makeCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext(
    "() => gc({ type: 'major', flavor: 'last-resort' })",
  );
}
