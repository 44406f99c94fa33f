/**
 * How many connections the system's file descriptors allow.
 *
 * No call tells the limit (`ulimit -n`): it is learned from one that fails. From
 * then on there are fewer connections than there were at that moment, so that
 * files can be opened, and new connections accepted, to be answered.
 *
 * @module
 */
import { report } from "./strays.ts";

/** Descriptors kept free for files, at least. */
const RESERVE = 16;
/** So few connections are never the cause. */
const LEAST = 8;
/** Milliseconds in which one want is not counted twice. */
const SETTLING = 1000;
/** Milliseconds until more connections are tried again, at first and at most. */
const FIRST_PAUSE = 60_000;
const LONGEST_PAUSE = 3_600_000;

/** What is learned of one system. */
export class Descriptors {
  #now: () => number;
  #most = Infinity;
  #learnedAt = -Infinity;
  #pause = FIRST_PAUSE;
  #hasWarned = false;

  /** @param now Milliseconds on a clock that is never set back. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The most connections at once; `Infinity` while no call has failed. */
  get most(): number {
    return this.#now() < this.#learnedAt + this.#pause ? this.#most : Infinity;
  }

  /**
   * To be called when a call has failed for want of descriptors. Warns once.
   *
   * @param open How many connections there are.
   */
  ranOut(open: number, error: unknown): void {
    const now = this.#now();
    const since = now - this.#learnedAt;
    // Many may fail for one want, and what is closed is free a moment later.
    if (since < SETTLING) return;
    // A new try that failed soon puts off the next one, twice as long each time.
    if (since >= 2 * this.#pause) this.#pause = FIRST_PAUSE;
    else if (since >= this.#pause) {
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
    }
    this.#learnedAt = now;
    const reserve = Math.max(RESERVE, Math.ceil(open / 8));
    this.#most = Math.max(LEAST, open - reserve);
    if (!this.#hasWarned) report(warning(open, this.#most, error));
    this.#hasWarned = true;
  }
}

function warning(open: number, most: number, error: unknown): string {
  const change = codeOf(error) === "ENFILE"
    ? "raise the system's limit (`sysctl fs.file-max`)"
    : "raise the limit of the process (`ulimit -n`, or `LimitNOFILE=` of systemd)";
  return `Out of file descriptors with ${open} connections open: no more than ` +
    `${most} are kept for now. To serve more, ${change}; to serve fewer, ` +
    "lower `limits.connections` (`--max-connections`)";
}

/** Whether a call failed for want of descriptors, or the error is due to that. */
export function isOutOfDescriptors(error: unknown): boolean {
  return codeOf(error) !== undefined;
}

/** `EMFILE` of the process, `ENFILE` of the system; looks at causes as well. */
function codeOf(error: unknown): string | undefined {
  for (let depth = 0; depth < 8 && error instanceof Error; depth++) {
    const code = "code" in error ? error.code : undefined;
    if (code === "EMFILE" || code === "ENFILE") return code;
    error = error.cause;
  }
  return undefined;
}
