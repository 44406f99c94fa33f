/**
 * What happened on one connection, in order: octets that arrived and that were
 * sent, the states it went through, and who ended it. It keeps no octets, only
 * how many there were.
 *
 * @module
 */

/** How many events are kept; those in the middle are dropped first. */
const MOST_EVENTS = 128;
/** Events that are always kept from the beginning. */
export const FIRST_EVENTS = 32;

/** One event, in milliseconds since the connection was accepted. */
export interface ConnectionEvent {
  /** `received`, `sent`, `ended` by the client, or a state of the connection. */
  what: string;
  at: number;
  /** Until when, if several of the same kind are one event. */
  to: number;
  /** How many octets were received or sent. */
  octets?: number;
  /** The exchange that a state belongs to. */
  exchange?: number;
}

/** The events of one connection. */
export class ConnectionLog {
  /** When the connection was accepted. */
  readonly opened: string = new Date().toISOString();
  readonly events: ConnectionEvent[] = [];
  /** How many events were dropped after the first ones. */
  dropped = 0;
  readonly #since = performance.now();

  /** Adds an event; a second write in a row continues the first one. */
  add(
    what: string,
    { octets, exchange }: { octets?: number; exchange?: number } = {},
  ): void {
    const at = performance.now() - this.#since;
    const last = this.events.at(-1);
    if (last?.what === what && octets !== undefined && this.#joins(what)) {
      last.to = at;
      last.octets = last.octets! + octets;
      return;
    }
    const about = {
      ...octets !== undefined && { octets },
      ...exchange !== undefined && { exchange },
    };
    this.events.push({ what, at, to: at, ...about });
    if (this.events.length <= MOST_EVENTS) return;
    this.events.splice(FIRST_EVENTS, 1);
    this.dropped++;
  }

  /** How octets arrived is told one by one, as long as they are few. */
  #joins(what: string): boolean {
    return what === "sent" || this.events.length >= FIRST_EVENTS;
  }
}
