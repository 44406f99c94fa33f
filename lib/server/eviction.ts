/**
 * Which connection to close so that a new one has room: the longest idle, the
 * slowest head, one whose client has sent FIN and may be gone, or the slowest
 * transfer.
 *
 * @module
 */
import type { ConnectionState } from "../observer.ts";
import type { Connection } from "./connection.ts";
import type { Deadline, Deadlines } from "./client_timeouts.ts";

/** Which to give up first, of the states that no request is at work in. */
const usefulness: Partial<Record<ConnectionState, number>> = {
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

/**
 * Milliseconds from one look at all connections to the next: as long as a client
 * that waits may have to wait on, although one of them could go by now.
 */
const INTERVAL = 250;
/** Milliseconds that a transfer is looked at before it is judged, at least. */
const WINDOW = 10_000;
/** Octets per second; a client that is as fast is never given up. */
const FAST = 16 * 1024;

/** What a request at work waits for its client to do. */
export type Awaited = "send" | "take";

/** The part of a connection that is measured. */
export interface Transfer {
  /** Octets that have gone through, both ways. */
  readonly octets: number;
  /** Undefined where the handler is waited for, or nothing is. */
  readonly awaited: Awaited | undefined;
  /** Whether it was given up, and is about to end. */
  readonly isGivenUp: boolean;
}

/**
 * How fast clients send and take content, measured only once there is a wish to
 * know. Four times a second the octets that went through are noted, and whether
 * the client was waited for just then: nothing is counted, and no time read, for
 * an octet.
 */
export class TransferSpeeds<T extends Transfer> {
  #transfers: () => Iterable<T>;
  #deadlines: Deadlines;
  #onLook: () => void;
  #clock: Deadline | undefined;
  #neededAt = 0;
  #measures = new Map<T, Measure>();

  /**
   * @param transfers Tells which there are.
   * @param onLook Called after each look: the slowest may be known now.
   */
  constructor(
    transfers: () => Iterable<T>,
    deadlines: Deadlines,
    onLook: () => void,
  ) {
    this.#transfers = transfers;
    this.#deadlines = deadlines;
    this.#onLook = onLook;
  }

  /**
   * The slowest that is slower than {@linkcode FAST}: one that sends, else one
   * that takes. Undefined, too, while it has not been looked at for long enough:
   * to ask is what starts the looking, until nobody has asked for a while.
   */
  slowest(): T | undefined {
    const now = this.#deadlines.now();
    this.#neededAt = now;
    if (!this.#clock) this.#start();
    let slowest: T | undefined;
    let least = Infinity;
    for (const [transfer, measure] of this.#measures) {
      if (transfer.isGivenUp) return transfer;
      const { awaited, octets } = transfer;
      const rate = awaited && measure.rateAt(now, octets);
      if (rate === undefined || rate >= FAST) continue;
      const rank = awaited === "send" ? rate : FAST + rate;
      if (rank >= least) continue;
      slowest = transfer;
      least = rank;
    }
    return slowest;
  }

  /** Looks no more. */
  stop(): void {
    this.#clock?.release();
    this.#clock = undefined;
    this.#measures.clear();
  }

  #start(): void {
    this.#clock = this.#deadlines.create(() => this.#look());
    this.#look();
  }

  #look(): void {
    const now = this.#deadlines.now();
    if (now - this.#neededAt > WINDOW) return this.stop();
    const measures = new Map<T, Measure>();
    for (const transfer of this.#transfers()) {
      const measure = this.#measures.get(transfer) ?? new Measure();
      measure.look(now, transfer);
      measures.set(transfer, measure);
    }
    this.#measures = measures;
    this.#clock?.start(INTERVAL);
    this.#onLook();
  }
}

/** From where on a transfer is looked at. */
interface Mark {
  at: number;
  octets: number;
  looks: number;
  waits: number;
}

/** One transfer over the last {@linkcode WINDOW}, or up to twice as long. */
class Measure {
  #older: Mark | undefined;
  #newer: Mark | undefined;

  look(now: number, { octets, awaited }: Transfer): void {
    if (!this.#newer || now - this.#newer.at >= WINDOW) {
      this.#older = this.#newer;
      this.#newer = { at: now, octets, looks: 0, waits: 0 };
    }
    for (const mark of [this.#older, this.#newer]) {
      if (!mark) continue;
      mark.looks++;
      if (awaited) mark.waits++;
    }
  }

  /** Octets per second of waiting; undefined where it was mostly not waited for. */
  rateAt(now: number, octets: number): number | undefined {
    if (!this.#older) return undefined;
    const { at, looks, waits, octets: before } = this.#older;
    if (waits * 2 < looks) return undefined;
    return (octets - before) * 1000 * looks / ((now - at) * waits);
  }
}
