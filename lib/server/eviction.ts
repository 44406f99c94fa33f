/**
 * Connections go in; out comes the one to give up, so that a new one has room.
 *
 * @module
 */
import type { Connection } from "./connection.ts";
import type { State } from "./connection_state.ts";

/**
 * The states in which no request is at work. None of them goes before another: a
 * client that has just come is idle until its request arrives, and must not make
 * room before a head that began long ago.
 */
const waiting: readonly State[] = [
  "lingering",
  "idle",
  "draining",
  "reading head",
];

/** The one that has waited longest, else one whose client may be gone. */
export function leastUseful(
  connections: Set<Connection>,
): Connection | undefined {
  let least: Connection | undefined;
  let leastUse = Infinity;
  for (const connection of connections) {
    const { name, since } = connection.state;
    const isWaiting = waiting.includes(name);
    if (!isWaiting && !connection.isHalfClosed) continue;
    const use = isWaiting ? 0 : 1;
    if (use < leastUse || use === leastUse && since < least!.state.since) {
      least = connection;
      leastUse = use;
    }
  }
  return least;
}
