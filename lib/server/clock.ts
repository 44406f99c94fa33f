/**
 * The time, read as rarely as possible: for the Date of responses, and to tell
 * whether the event loop has turned recently.
 *
 * @module
 */

/** How soon (ms) the loop should turn again. */
const TURN = 5;
/** How late (ms) is too late. */
const LONG_TURN = 10;
/** The clock is read once in so many times, because to read it costs too. */
const TIMES = 8;

/**
 * Lets others in while one client sends without a pause.
 *
 * While octets are ready, Deno reads them without a turn of the event loop, up
 * to 128 times in a row, and a pipeline is answered without any turn. Meanwhile
 * no timer fires and no other client is served. So each read, and each request
 * of a pipeline, first checks here whether the loop has turned recently.
 */
export class Fairness {
  #turn: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #since = 0;
  #times = 0;

  /** The next turn, to be waited for if the last is too long ago. */
  get overdueTurn(): Promise<void> | undefined {
    if (++this.#times % TIMES > 0) return undefined;
    const now = performance.now();
    if (this.#turn === undefined) this.#expectTurn(now);
    else if (now - this.#since > LONG_TURN) return this.#turn;
    return undefined;
  }

  /** Expects no turn any more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #expectTurn(now: number): void {
    this.#since = now;
    this.#turn = new Promise((resolve) => {
      this.#timer = setTimeout(() => {
        this.#turn = undefined;
        resolve();
      }, TURN);
    });
  }
}

let second = 0;
let dateText = "";

/** Now as an IMF-fixdate (RFC 9110 §5.6.7), made anew once a second. */
export function currentDate(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    dateText = new Date(now * 1000).toUTCString();
  }
  return dateText;
}
