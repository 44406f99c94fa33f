/**
 * Splits the traffic of each observed connection into exchanges, where one
 * request ends and the next begins. Only the last exchanges are kept.
 *
 * @module
 */

import { concat } from "@std/bytes/concat";
import type { ConnectionObserver, Observer, Position } from "../observer.ts";
import { ConnectionLog } from "./connection_log.ts";
import { RecordedExchange } from "./recorded_exchange.ts";

/** How many exchanges are kept. */
const MOST_EXCHANGES = 200;

/** How many milliseconds the end of an answered exchange is waited for. */
const PATIENCE = 2000;

/** Records the exchanges of a server. */
export class Recorder implements Observer {
  #exchanges = new Map<number, RecordedExchange>();
  #listeners = new Set<(exchange: RecordedExchange) => void>();
  #isOwn: (exchange: RecordedExchange) => boolean;
  #lastExchange = 0;
  #lastConnection = 0;

  /** @param isOwn Tells the exchanges of the viewer, which are left out. */
  constructor(isOwn: (exchange: RecordedExchange) => boolean = () => false) {
    this.#isOwn = isOwn;
  }

  /** The exchanges that are kept, oldest first. */
  get exchanges(): RecordedExchange[] {
    return [...this.#exchanges.values()];
  }

  get(id: number): RecordedExchange | undefined {
    return this.#exchanges.get(id);
  }

  /**
   * The exchanges of a client that sends no more, once they are over: its
   * answers may arrive before the record of them is complete.
   */
  overOf(client: string): Promise<RecordedExchange[]> {
    const found = () => this.exchanges.filter((one) => one.client === client);
    const isOver = () => found().every(({ isOver }) => isOver);
    return new Promise((resolve) => {
      const check = () => {
        if (!isOver()) return;
        unlisten();
        clearTimeout(tired);
        resolve(found());
      };
      const unlisten = this.listen(check);
      const tired = setTimeout(() => {
        unlisten();
        resolve(found());
      }, PATIENCE);
      check();
    });
  }

  clear(): void {
    this.#exchanges.clear();
  }

  /**
   * Calls back at each change of an exchange. @returns a function that ends it.
   */
  listen(listener: (exchange: RecordedExchange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  connection({ remoteAddr }: { remoteAddr: Deno.Addr }): ConnectionObserver {
    const connection = ++this.#lastConnection;
    const client = nameOf(remoteAddr);
    const log = new ConnectionLog();
    return new ConnectionRecorder({
      begin: (waited) =>
        new RecordedExchange(
          { id: ++this.#lastExchange, connection, client, log },
          waited,
        ),
      tell: (exchange) => this.#tell(exchange),
    }, log);
  }

  /** Only the head shows whether the exchange is the viewer's. */
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

/** Splits the traffic of one connection into exchanges. */
class ConnectionRecorder implements ConnectionObserver {
  #record: Scribe;
  #log: ConnectionLog;
  /** May already contain the next request of a pipeline. */
  #untaken = new Untaken();
  #sent = 0;
  /**
   * Exchanges whose answers are not fully sent, with the position where each
   * begins.
   */
  #answering: { exchange: RecordedExchange; from: number }[] = [];
  #current: { exchange: RecordedExchange; from: number } | undefined;

  /**
   * When the connection was accepted; undefined once its first exchange has
   * begun.
   */
  #accepted: number | undefined = performance.now();

  constructor(record: Scribe, log: ConnectionLog) {
    this.#record = record;
    this.#log = log;
  }

  received(octets: Uint8Array, { received }: Position): void {
    this.#log.add("received", { octets: octets.length });
    this.#current?.exchange.receive(octets);
    this.#untaken.add(octets, received);
  }

  ended(): void {
    this.#log.add("ended");
    if (this.#current) this.#current.exchange.isCut = true;
  }

  sent(octets: Uint8Array): void {
    this.#log.add("sent", { octets: octets.length });
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
      // Only first and last: a long answer would otherwise notify at every
      // write.
      if (isFirst || exchange.isOver) this.#record.tell(exchange);
    }
    while (this.#answering.length > 1 && this.#answering[1].from <= end) {
      this.#answering.shift();
    }
  }

  moved(state: string, { received, sent }: Position): void {
    if (state === "reading head") {
      this.#begin(received, sent);
      this.#log.add(state, { exchange: this.#current?.exchange.id });
      return;
    }
    this.#log.add(state, { exchange: this.#current?.exchange.id });
    if (!this.#current) return;
    const { exchange, from } = this.#current;
    if (state === "idle" || state === "lingering" || state === "closed") {
      // After the last exchange, all further octets belong to it.
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

/** Octets that have arrived and belong to no message yet. */
export class Untaken {
  #pieces: { to: number; octets: Uint8Array }[] = [];
  /** How many have arrived in all. */
  received = 0;

  /** Adds octets that arrived; those before `taken` are dropped. */
  add(octets: Uint8Array, taken: number): void {
    this.forget(taken);
    this.received += octets.length;
    this.#pieces.push({ to: this.received, octets: octets.slice() });
  }

  /** Drops the octets before a position. */
  forget(taken: number): void {
    const kept = this.#pieces.findIndex(({ to }) => to > taken);
    this.#pieces.splice(0, kept < 0 ? this.#pieces.length : kept);
  }

  /** The octets from a position in the stream on, as far as they are kept. */
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
