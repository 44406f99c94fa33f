/**
 * What a lesson is: plain data, and a check by what crossed the wire. It does
 * not know where exchanges come from, nor how a lesson is shown.
 *
 * @module
 */

import type { ReadExchange } from "./read_exchange.ts";

/** What has been sent since the lesson was opened. */
export interface Talk {
  /** The exchanges of the latest connection, in order; at least one. */
  exchanges: readonly ReadExchange[];
  /** Those of earlier connections. */
  earlier: readonly ReadExchange[];
}

/** Whether it is solved, and if not, what is missing. */
export type Verdict =
  | { isSolved: true }
  | {
    isSolved: false;
    missing: string;
    /** Whether a part of the lesson is done. */
    isHalfway?: boolean;
  };

/**
 * One lesson. In its texts, what stands between backticks is code. Requests are
 * written as the page takes them: `\w` waits for an answer.
 */
export interface Lesson {
  /** Its name in URLs, and in what the browser keeps. */
  id: string;
  title: string;
  /** What one has to know before. */
  about: string;
  goal: string;
  /** What stands in the box to begin with. */
  start: string;
  /** From the vaguest to the plainest. */
  hints: readonly string[];
  /**
   * The requests that solve it. Words in capitals between `<` and `>` stand for
   * what an answer before has said.
   */
  solution: readonly string[];
  /** What it shows, once it is solved. */
  explanation: string;
  /** What browsers and proxies do differently. */
  elsewhere: string;
  check(talk: Talk): Verdict;
}

/** The verdict on what solves a lesson. */
export const solved: Verdict = { isSolved: true };

/** The verdict on what does not. */
export function missing(what: string): Verdict {
  return { isSolved: false, missing: what };
}

/** The verdict on what solves a part of it. */
export function halfway(next: string): Verdict {
  return { isSolved: false, missing: next, isHalfway: true };
}
