/**
 * The client's end of a connection in memory, and the transcript of all that is
 * seen of the server there.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { StreamPair } from "../../mod.ts";

/** What arrives at once: octets, a character each, or null for a FIN. */
export type Arrival = string | null;

/** An arrival that is none: the client breaks the connection. */
export const RESET = "\u{ffff}reset";

/** What was seen of one connection. */
export class Transcript {
  /** What went out after each arrival. */
  octets: string[] = [];
  /** The states that it moved to, and how far it had come then. */
  states: string[] = [];
  positions: string[] = [];
  /** The records of its exchanges, without their times. */
  records: string[] = [];
  /** What handlers have noted. */
  notes: string[] = [];
  /** How the server has ended it. */
  ends: string[] = [];
}

const loopback: Deno.NetAddr = {
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 4221,
};

/** Sends one arrival after the other, each when it is told to. */
export class Client implements StreamPair {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly remoteAddr: Deno.NetAddr;
  readonly localAddr = loopback;
  readonly transcript = new Transcript();
  #arrivals: readonly Arrival[];
  #next = 0;
  #buffer: Uint8Array<ArrayBuffer>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isOver = false;
  #onActivity: () => void;

  /** @param number A number of its own, which its address shows. */
  constructor(
    arrivals: readonly Arrival[],
    number: number,
    onActivity: () => void,
  ) {
    this.#arrivals = arrivals;
    this.#onActivity = onActivity;
    this.remoteAddr = { ...loopback, port: number };
    const most = Math.max(0, ...arrivals.map((it) => it?.length ?? 0));
    this.#buffer = new Uint8Array(most);
    let wanted: PromiseWithResolvers<void> | undefined;
    this.#give = () => wanted?.resolve();
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: async (controller) => {
        onActivity();
        if (this.#waiting.length === 0) {
          wanted = Promise.withResolvers();
          await wanted.promise;
        }
        onActivity();
        if (!this.#isOver) this.#deliver(controller);
      },
      cancel: () => this.#end("read no more"),
    }, { highWaterMark: 0 });
    this.writable = new WritableStream({
      write: (octets) => {
        onActivity();
        const { octets: written } = this.transcript;
        while (written.length < this.#next) written.push("");
        written[written.length - 1] += Buffer.from(
          octets.buffer,
          octets.byteOffset,
          octets.byteLength,
        ).toString("latin1");
      },
      close: () => this.#end("FIN"),
      abort: () => this.#end("broken off"),
    });
  }

  /** Arrivals that the server has not taken yet. */
  #waiting: Arrival[] = [];
  #give: () => void;

  get hasMore(): boolean {
    return this.#next < this.#arrivals.length;
  }

  /** Lets the next arrive. */
  send(): void {
    this.#waiting.push(this.#arrivals[this.#next++]);
    this.#give();
  }

  /** Breaks the connection, if the server has not ended it. */
  leave(): void {
    if (this.transcript.ends.length === 0) {
      this.transcript.ends.push("left open");
    }
    this.#break();
  }

  /** As a socket does: into one buffer, used again for each read. */
  #deliver(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const arrival = this.#waiting.shift()!;
    if (arrival === null) {
      this.#isOver = true;
      return controller.close();
    }
    if (arrival === RESET) return this.#break();
    this.#buffer.fill(0xff);
    Buffer.from(this.#buffer.buffer).write(arrival, "latin1");
    controller.enqueue(this.#buffer.subarray(0, arrival.length));
  }

  #break(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller?.error(new Deno.errors.ConnectionReset("It was reset"));
    this.#give();
  }

  #end(how: string): void {
    this.#onActivity();
    if (how === "read no more") {
      this.#isOver = true;
      this.#give();
    }
    this.transcript.ends.push(how);
  }
}
