/**
 * What a connection is at: one field, set in one place, and the moves it knows.
 *
 * @module
 */
import { ConnectionLost } from "../errors.ts";

/** From each state, the ones that may follow. */
const moves = {
  "idle": ["reading head", "lingering", "closed"],
  "reading head": ["handling", "responding", "closed"],
  "handling": ["responding", "closed"],
  "responding": ["draining", "idle", "upgraded", "lingering", "closed"],
  "draining": ["idle", "lingering", "closed"],
  "upgraded": ["closed"],
  "lingering": ["closed"],
  "closed": [],
} as const;

/** The name of a state. */
export type State = keyof typeof moves;

/** How often any connection has moved. */
let count = 0;

/** The state of one connection. It begins idle. */
export class ConnectionState {
  #name: State = "idle";
  #since = ++count;
  #onMove: ((to: State) => void) | undefined;

  /** @param onMove Told of each move. Default: nobody. */
  constructor(onMove?: (to: State) => void) {
    this.#onMove = onMove;
  }

  get name(): State {
    return this.#name;
  }

  /** The number of the move to it: the lower, the longer ago. */
  get since(): number {
    return this.#since;
  }

  /** Throws a ConnectionLost where somebody has closed it in the meantime. */
  move(to: State): void {
    if (this.#name === "closed") throw new ConnectionLost("It was closed");
    if (!(moves[this.#name] as readonly State[]).includes(to)) {
      throw new Error(`Cannot move from ${this.#name} to ${to}`);
    }
    this.#name = to;
    this.#since = ++count;
    this.#onMove?.(to);
  }
}
