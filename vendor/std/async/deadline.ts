/**
 * Stand-in for `jsr:@std/async/deadline`.
 *
 * @module
 */
import { deadline as deadline_ } from "npm:deno-std@1.4.0/async/deadline.js";

/** Options of {@linkcode deadline}. */
export interface DeadlineOptions {
  /** Signal used to abort the deadline. */
  signal?: AbortSignal;
}

/** Rejects with a `TimeoutError` when `p` takes longer than `ms` milliseconds. */
export const deadline: <T>(
  p: Promise<T>,
  ms: number,
  options?: DeadlineOptions,
) => Promise<T> = deadline_;
