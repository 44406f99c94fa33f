/**
 * What an observer is told goes in, exchanges come out: each with its octets, as
 * they crossed the wire, and the times of its stages. Only the last ones are
 * kept, and of each no more than the first octets.
 *
 * @module
 */

import { concat } from "@std/bytes/concat";
import type { ConnectionObserver, Observer, Position } from "../observer.ts";
import { decodeLatin1 } from "../wire/grammar.ts";

/** How many exchanges are kept. */
const mostExchanges = 200;
/** How many octets of each direction of one. */
export const mostOctets = 64 * 1024;
/** How many arrivals of octets are remembered with their time. */
const mostArrivals = 512;

/** Octets of one direction, as many as are kept. */
export class Recording {
  /** How many there are in all. */
  length = 0;
  #pieces: Uint8Array[] = [];
  #kept = 0;

  add(octets: Uint8Array): void {
    this.length += octets.length;
    const kept = octets.slice(0, mostOctets - this.#kept);
    if (kept.length === 0) return;
    this.#pieces.push(kept);
    this.#kept += kept.length;
  }

  /** Takes back what turned out to be of the next message. */
  cut(length: number): void {
    if (length >= this.length) return;
    this.#pieces = [this.octets.subarray(0, length)];
    this.#kept = this.#pieces[0].length;
    this.length = length;
  }

  get octets(): Uint8Array {
    if (this.#pieces.length > 1) this.#pieces = [concat(this.#pieces)];
    return this.#pieces[0] ?? new Uint8Array(0);
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

/** A stage of an exchange, in milliseconds from the first octet of its head. */
export interface Stage {
  name: string;
  from: number;
  to: number;
}

/** One exchange. */
export class RecordedExchange {
  readonly request: Recording = new Recording();
  readonly response: Recording = new Recording();
  readonly stages: Stage[] = [];
  readonly started: string = new Date().toISOString();
  isOver = false;
  #arrivals: { length: number; at: number }[] = [];
  /** When its head began. */
  readonly #since = performance.now();

  constructor(
    readonly id: number,
    readonly connection: number,
    readonly client: string,
    waited = 0,
  ) {
    if (waited > 0) this.stages.push({ name: "accept", from: -waited, to: 0 });
    this.begin("reading head");
  }

  /** Begins a stage, with which the one before ends. */
  begin(name: string): void {
    const now = this.#end();
    this.stages.push({ name, from: now, to: now });
  }

  /** Octets have come; perhaps the last of them are the next request's. */
  receive(octets: Uint8Array): void {
    this.request.add(octets);
    this.#arrivals.push({ length: this.request.length, at: this.#now() });
    if (this.#arrivals.length > mostArrivals) this.#arrivals.shift();
  }

  /** Octets of its answer were sent, which may go on after all else is over. */
  send(octets: Uint8Array): void {
    this.response.add(octets);
    const stage = this.stages.findLast(({ name }) => name === "responding");
    if (stage) stage.to = Math.max(stage.to, this.#now());
  }

  /** Ends the last stage, and all of it; its request had so many octets. */
  finish(length: number): void {
    this.request.cut(length);
    this.#end();
    this.isOver = true;
    this.#addContent();
    this.#arrivals = [];
  }

  /** Content comes beside the other stages, once the head is there. */
  #addContent(): void {
    const handling = this.stages.findIndex(({ name }) => name === "handling");
    const to = this.#arrivals
      .find(({ length }) => length >= this.request.length)?.at;
    if (handling < 0 || to === undefined) return;
    const { from } = this.stages[handling];
    if (to <= from) return;
    this.stages.splice(handling, 0, { name: "content", from, to });
  }

  #now(): number {
    return performance.now() - this.#since;
  }

  #end(): number {
    const now = this.#now();
    const last = this.stages.at(-1);
    if (last) last.to = now;
    return now;
  }

  /** What a list shows of it. */
  get summary(): Record<string, unknown> {
    const { id, connection, client, started, isOver, stages } = this;
    const { method, target } = this.requestLine;
    const answer = decodeLatin1(this.response.octets.subarray(0, 8192));
    const status = [...answer.matchAll(/^HTTP\/1\.\d (\d{3})/gm)]
      .map(([, status]) => Number(status))
      .find((status) => status >= 200 || status === 101);
    return {
      ...{ id, connection, client, started, isOver, method, target, status },
      duration: Math.max(0, ...stages.map(({ to }) => to)),
      received: this.request.length,
      sent: this.response.length,
    };
  }

  get requestLine(): { method: string; target: string } {
    const head = decodeLatin1(this.request.octets.subarray(0, 8192));
    const [, method, target] = /^(?:\r\n)*([^\r\n ]*) ?([^\r\n ]*)/.exec(head)!;
    return { method, target };
  }
}

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
    if (this.#exchanges.size > mostExchanges) this.#exchanges.delete(oldest);
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
