/**
 * Connections go in; out comes the one to give up, so that a new one has room.
 *
 * @module
 */
import type { Connection, State } from "./connection.ts";

/** Which to give up first, of the states that no request is at work in. */
const usefulness: Partial<Record<State, number>> = {
  "lingering": 0,
  "idle": 0,
  "draining": 0,
  "reading head": 1,
};

/** What is at work for a client that may be gone. */
const HALF_CLOSED = 2;

/**
 * The longest idle connection, else the slowest head, else one whose client may
 * be gone, else none. A newcomer has had no time to ask: in a burst its request
 * may have arrived, and not been read yet.
 */
export function leastUseful(
  connections: Iterable<Connection>,
): Connection | undefined {
  let least: Connection | undefined;
  let leastUse = Infinity;
  for (const connection of connections) {
    const { state, since, client } = connection;
    if (client.isNewcomer) continue;
    const use = usefulness[state] ??
      (client.isHalfClosed ? HALF_CLOSED : undefined);
    if (use === undefined) continue;
    if (use < leastUse || use === leastUse && since < least!.since) {
      least = connection;
      leastUse = use;
    }
  }
  return least;
}
