/**
 * Stand-in for `jsr:@std/async/delay`.
 *
 * @module
 */
import { delay as delay_ } from "npm:deno-std@1.4.0/async/delay.js";

/** Options of {@linkcode delay}. */
export interface DelayOptions {
  /** Signal used to abort the delay. */
  signal?: AbortSignal;
  /** Whether the process waits for the delay. Default true. */
  persistent?: boolean;
}

/** Resolves after `ms` milliseconds; rejects when the signal aborts. */
export const delay: (ms: number, options?: DelayOptions) => Promise<void> =
  delay_;
