/**
 * Lets others in while one client sends without a pause.
 *
 * As long as octets are ready Deno reads them without a turn of the event loop,
 * up to 128 times on end, and a pipeline is answered without any. Meanwhile no
 * timer strikes and no one else is served. So whoever has gone on for a while
 * without waiting asks here whether the loop has turned of late, and else waits
 * until it does.
 *
 * @module
 */

/** How soon (ms) the loop should turn again. */
const TURN = 5;
/** How late (ms) is too late. */
const LONG_TURN = 10;

/** The fairness of one server towards its clients. */
export class Fairness {
  #turn: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #since = 0;

  /** Waits, if the event loop has not turned for too long. */
  async letOthersIn(): Promise<void> {
    if (this.#turn === undefined) this.#expectTurn();
    else if (performance.now() - this.#since > LONG_TURN) await this.#turn;
  }

  /** Expects no turn any more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #expectTurn(): void {
    this.#since = performance.now();
    this.#turn = new Promise((resolve) => {
      this.#timer = setTimeout(() => {
        this.#turn = undefined;
        resolve();
      }, TURN);
    });
  }
}
