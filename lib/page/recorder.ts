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
/** Octets that came and may belong to the next request of a pipeline. */
const mostAhead = 512 * 1024;

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

  /** Octets of content have come: a stage beside the others. */
  receive(octets: Uint8Array): void {
    this.request.add(octets);
    const [last] = this.stages.slice(-1);
    if (last.name === "reading head") return;
    const now = performance.now() - this.#since;
    let content = this.stages.find(({ name }) => name === "content");
    if (!content) {
      content = { name: "content", from: last.from, to: now };
      this.stages.splice(-1, 0, content);
    }
    content.to = now;
  }

  /** Ends the last stage, and all of it. */
  finish(): void {
    this.#end();
    this.isOver = true;
  }

  #end(): number {
    const now = performance.now() - this.#since;
    const [last] = this.stages.slice(-1);
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
      duration: stages.at(-1)?.to ?? 0,
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
  /** What came last, for the case that the next request is in it already. */
  #ahead: Uint8Array[] = [];
  /** Octets that came in all. */
  #received = 0;
  #sent = 0;
  /** The exchanges whose answers are not sent yet, by where these begin. */
  #answering: { exchange: RecordedExchange; from: number }[] = [];
  #current: { exchange: RecordedExchange; from: number } | undefined;

  /** When the connection came; undefined when its first exchange has begun. */
  #accepted: number | undefined = performance.now();

  constructor(record: Scribe) {
    this.#record = record;
  }

  received(octets: Uint8Array): void {
    this.#current?.exchange.receive(octets);
    this.#received += octets.length;
    this.#ahead.push(octets.slice());
    let kept = this.#ahead.reduce((sum, { length }) => sum + length, 0);
    while (kept > mostAhead) kept -= this.#ahead.shift()!.length;
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
      exchange.response.add(piece);
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
      if (state === "idle") exchange.request.cut(received - from);
      exchange.finish();
      this.#current = undefined;
      this.#ahead = [this.#notTaken(received)];
    } else exchange.begin(state);
    this.#record.tell(exchange);
  }

  #begin(received: number, sent: number): void {
    const exchange = this.#record.begin(this.#waited());
    exchange.request.add(this.#notTaken(received));
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

  /** Octets that have come, and were not a part of the messages until now. */
  #notTaken(received: number): Uint8Array {
    const ahead = concat(this.#ahead);
    const count = this.#received - received;
    return ahead.slice(Math.max(0, ahead.length - count));
  }
}
