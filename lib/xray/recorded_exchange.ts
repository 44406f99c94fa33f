/**
 * The record of one exchange: the first octets of each direction, and the times
 * of its stages. The recorder decides where it begins and ends on its
 * connection.
 *
 * @module
 */

import { concat } from "@std/bytes/concat";
import { decodeLatin1 } from "../wire/grammar.ts";
import type { ConnectionLog } from "./connection_log.ts";

/** How many octets of each direction are kept. */
const MOST_OCTETS = 64 * 1024;
/** How many arrivals of octets are kept with their times. */
const MOST_ARRIVALS = 512;

/** The octets of one direction, up to the number that is kept. */
export class Recording {
  /** How many there are in all. */
  length = 0;
  #pieces: Uint8Array[] = [];
  #kept = 0;

  add(octets: Uint8Array): void {
    this.length += octets.length;
    const kept = octets.slice(0, MOST_OCTETS - this.#kept);
    if (kept.length === 0) return;
    this.#pieces.push(kept);
    this.#kept += kept.length;
  }

  /** Removes octets that turned out to belong to the next message. */
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
  /** How much of it passed until the client had sent its octets. */
  waited: number;
}

/** Where an exchange belongs. */
export interface Place {
  id: number;
  /** The number of its connection. */
  connection: number;
  client: string;
  log: ConnectionLog;
}

/** Stages in which the server has nothing to do but wait for the client. */
const waits = new Set(["accept", "content", "draining", "upgraded"]);

/** One exchange. */
export class RecordedExchange {
  readonly request: Recording = new Recording();
  readonly response: Recording = new Recording();
  readonly stages: Stage[] = [];
  readonly started: string = new Date().toISOString();
  isOver = false;
  /** Whether the client ended its side before the exchange was over. */
  isCut = false;
  #arrivals: { length: number; at: number }[] = [];
  /** When the head began. */
  readonly #since = performance.now();

  readonly id: number;
  readonly connection: number;
  readonly client: string;
  /** What happened on its connection. */
  readonly log: ConnectionLog;

  /** @param waited Milliseconds that the first octet took to come. */
  constructor({ id, connection, client, log }: Place, waited = 0) {
    this.id = id;
    this.connection = connection;
    this.client = client;
    this.log = log;
    if (waited > 0) this.#add("accept", -waited, 0);
    this.begin("reading head");
  }

  /** Begins a stage, which ends the one before. */
  begin(name: string): void {
    const now = this.#end();
    this.#add(name, now, now);
  }

  #add(name: string, from: number, to: number, at = this.stages.length): void {
    const waited = waits.has(name) ? to - from : 0;
    this.stages.splice(at, 0, { name, from, to, waited });
  }

  /**
   * Records received octets; the last of them may belong to the next request.
   */
  receive(octets: Uint8Array): void {
    this.request.add(octets);
    this.#arrivals.push({ length: this.request.length, at: this.#now() });
    if (this.#arrivals.length > MOST_ARRIVALS) this.#arrivals.shift();
  }

  /** Records sent octets; sending may continue after all other stages. */
  send(octets: Uint8Array): void {
    this.response.add(octets);
    const stage = this.stages.findLast(({ name }) => name === "responding");
    if (stage) stage.to = Math.max(stage.to, this.#now());
  }

  /**
   * Ends the last stage and the exchange, whose request had `length` octets.
   */
  finish(length: number): void {
    this.request.cut(length);
    this.#end();
    this.isOver = true;
    this.#addContent();
    this.#arrivals = [];
  }

  /** Adds the content stage, which overlaps the stages after the head. */
  #addContent(): void {
    const handling = this.stages.findIndex(({ name }) => name === "handling");
    const to = this.#arrivals
      .find(({ length }) => length >= this.request.length)?.at;
    if (handling < 0 || to === undefined) return;
    const { from } = this.stages[handling];
    if (to <= from) return;
    this.#add("content", from, to, handling);
  }

  #now(): number {
    return performance.now() - this.#since;
  }

  #end(): number {
    const now = this.#now();
    const last = this.stages.at(-1);
    if (!last) return now;
    last.to = now;
    if (waits.has(last.name)) last.waited = now - last.from;
    else if (last.name === "reading head") {
      last.waited = Math.max(0, (this.#arrivals.at(-1)?.at ?? 0) - last.from);
    }
    return now;
  }

  /** The fields that the list of exchanges shows. */
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
