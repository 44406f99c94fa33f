/**
 * Cuts what an observer is told of each connection into exchanges, where one
 * request ends and the next begins. Only the last ones are kept.
 *
 * @module
 */

import { concat } from "@std/bytes/concat";
import type { ConnectionObserver, Observer, Position } from "../observer.ts";
import { RecordedExchange } from "./recorded_exchange.ts";

/** How many exchanges are kept. */
const MOST_EXCHANGES = 200;

/** Records the exchanges of a server. */
export class Recorder implements Observer {
  #exchanges = new Map<number, RecordedExchange>();
  #listeners = new Set<(exchange: RecordedExchange) => void>();
  #isOwn: (exchange: RecordedExchange) => boolean;
  #lastExchange = 0;
  #lastConnection = 0;

  /** @param isOwn Which exchanges are left out: those of who looks at them. */
  constructor(isOwn: (exchange: RecordedExchange) => boolean = () => false) {
    this.#isOwn = isOwn;
  }

  /** Those that are kept, the oldest first. */
  get exchanges(): RecordedExchange[] {
    return [...this.#exchanges.values()];
  }

  get(id: number): RecordedExchange | undefined {
    return this.#exchanges.get(id);
  }

  clear(): void {
    this.#exchanges.clear();
  }

  /** Calls back at each change of an exchange, until what it returns is called. */
  listen(listener: (exchange: RecordedExchange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  connection({ remoteAddr }: { remoteAddr: Deno.Addr }): ConnectionObserver {
    const connection = ++this.#lastConnection;
    const client = nameOf(remoteAddr);
    return new ConnectionRecorder({
      begin: (waited) =>
        new RecordedExchange(++this.#lastExchange, connection, client, waited),
      tell: (exchange) => this.#tell(exchange),
    });
  }

  /** Whose it is can be seen when its head is there. */
  #tell(exchange: RecordedExchange): void {
    if (this.#isOwn(exchange)) return;
    this.#exchanges.set(exchange.id, exchange);
    const [oldest] = this.#exchanges.keys();
    if (this.#exchanges.size > MOST_EXCHANGES) this.#exchanges.delete(oldest);
    for (const listener of this.#listeners) listener(exchange);
  }
}

function nameOf(addr: Deno.Addr): string {
  if ("hostname" in addr) return `${addr.hostname} port ${addr.port}`;
  return "path" in addr && addr.path ? addr.path : "a socket";
}

interface Scribe {
  begin: (waited?: number) => RecordedExchange;
  tell: (exchange: RecordedExchange) => void;
}

/** Cuts what crosses one connection into exchanges. */
class ConnectionRecorder implements ConnectionObserver {
  #record: Scribe;
  /** The next request of a pipeline may be in it already. */
  #untaken = new Untaken();
  #sent = 0;
  /** The exchanges whose answers are not sent yet, by where these begin. */
  #answering: { exchange: RecordedExchange; from: number }[] = [];
  #current: { exchange: RecordedExchange; from: number } | undefined;

  /** When the connection came; undefined when its first exchange has begun. */
  #accepted: number | undefined = performance.now();

  constructor(record: Scribe) {
    this.#record = record;
  }

  received(octets: Uint8Array, { received }: Position): void {
    this.#current?.exchange.receive(octets);
    this.#untaken.add(octets, received);
  }

  sent(octets: Uint8Array): void {
    const from = this.#sent;
    const end = from + octets.length;
    this.#sent = end;
    for (const [at, { exchange, from: begin }] of this.#answering.entries()) {
      const next = this.#answering[at + 1]?.from ?? Infinity;
      const piece = octets.subarray(
        Math.max(0, begin - from),
        Math.max(0, Math.min(end, next) - from),
      );
      if (piece.length === 0) continue;
      const isFirst = exchange.response.length === 0;
      exchange.send(piece);
      // In between a long answer would be told of without end.
      if (isFirst || exchange.isOver) this.#record.tell(exchange);
    }
    while (this.#answering.length > 1 && this.#answering[1].from <= end) {
      this.#answering.shift();
    }
  }

  moved(state: string, { received, sent }: Position): void {
    if (state === "reading head") {
      this.#begin(received, sent);
      return;
    }
    if (!this.#current) return;
    const { exchange, from } = this.#current;
    if (state === "idle" || state === "lingering" || state === "closed") {
      // What comes after the last one belongs to no other.
      exchange.finish(state === "idle" ? received - from : Infinity);
      this.#current = undefined;
      this.#untaken.forget(received);
    } else exchange.begin(state);
    this.#record.tell(exchange);
  }

  #begin(received: number, sent: number): void {
    const exchange = this.#record.begin(this.#waited());
    exchange.receive(this.#untaken.from(received));
    this.#current = { exchange, from: received };
    this.#answering.push({ exchange, from: sent });
  }

  /** Milliseconds until the first octet; undefined from then on. */
  #waited(): number | undefined {
    if (this.#accepted === undefined) return undefined;
    const waited = performance.now() - this.#accepted;
    this.#accepted = undefined;
    return waited;
  }
}

/** Octets that have come, and that no message has taken yet. */
export class Untaken {
  #pieces: { to: number; octets: Uint8Array }[] = [];
  /** How many have come in all. */
  received = 0;

  /** Adds octets that came; before `taken` none is wanted any more. */
  add(octets: Uint8Array, taken: number): void {
    this.forget(taken);
    this.received += octets.length;
    this.#pieces.push({ to: this.received, octets: octets.slice() });
  }

  /** Lets go of what came before that place. */
  forget(taken: number): void {
    const kept = this.#pieces.findIndex(({ to }) => to > taken);
    this.#pieces.splice(0, kept < 0 ? this.#pieces.length : kept);
  }

  /** Those from a place of the stream on, as far as they are kept. */
  from(place: number): Uint8Array {
    return concat(
      this.#pieces.filter(({ to }) => to > place).map(({ to, octets }) =>
        octets.subarray(Math.max(0, place - (to - octets.length)))
      ),
    );
  }

  /** How many octets are kept. */
  get size(): number {
    return this.#pieces.reduce((sum, { octets }) => sum + octets.length, 0);
  }
}
