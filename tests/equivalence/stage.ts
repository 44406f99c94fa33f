/**
 * The servers of one tree, and conversations held with them: many at a time, in
 * step. What arrives next arrives when all servers have come to rest, so the
 * transcripts do not depend on how fast anything is.
 *
 * @module
 */
import type { StreamPair } from "../../mod.ts";
import type { Exchange } from "../../lib/observer.ts";
import { narrowLimits } from "../fuzz/narrow_limits.ts";
import { type Arrival, Client, Transcript } from "./client.ts";
import { withoutDate } from "./difference.ts";
import { makeHandlers } from "./handler.ts";
import type { Library } from "./tree.ts";

/** One conversation, and the server to hold it with. */
export interface Conversation {
  /** What was sent, before it was cut. */
  octets: string;
  arrivals: Arrival[];
  /** Whether the limits are so small that most of them are passed now and then. */
  isNarrow: boolean;
  /** Whether an observer watches. */
  isWatched: boolean;
}

/** The event loop turns so often without any sign of work when all is at rest. */
const QUIET_TURNS = 4;

/** The most turns that are waited for rest. */
const MOST_TURNS = 10_000;

/** Nobody is too slow. */
const noTimeouts = {
  idle: Infinity,
  head: Infinity,
  content: Infinity,
  rate: 0,
  write: Infinity,
  shutdown: Infinity,
};

/** Connections that a test brings, one by one. */
class Listener implements AsyncIterable<StreamPair> {
  #pairs: StreamPair[] = [];
  #wake = Promise.withResolvers<void>();
  #isOver = false;

  add(pair: StreamPair): void {
    this.#pairs.push(pair);
    this.#wake.resolve();
  }

  end(): void {
    this.#isOver = true;
    this.#wake.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamPair> {
    while (!this.#isOver) {
      while (this.#pairs.length > 0) yield this.#pairs.shift()!;
      this.#wake = Promise.withResolvers();
      if (!this.#isOver) await this.#wake.promise;
    }
  }
}

/** All that is needed of a tree. */
export class Stage {
  #clients = new Map<number, Client>();
  #listeners: Listener[] = [];
  #finished: Promise<void>[] = [];
  #count = 0;
  /** Signs of work so far. */
  #activity = 0;

  constructor(library: Library) {
    const handlers = makeHandlers(library, ({ remoteAddr }, text) => {
      this.#transcriptOf(remoteAddr)?.notes.push(text);
    });
    const toResponse = library.toErrorResponse;
    // In the order of `#listenerFor`.
    for (const limits of [{}, narrowLimits]) {
      for (const isWatched of [false, true]) {
        const listener = new Listener();
        const server = library.serve({
          listener,
          limits: { ...limits, connections: Infinity },
          timeouts: noTimeouts,
          connect: handlers.connect,
          onError: (error) =>
            new Response(`onError ${nameOf(error)}`, { status: 500 }),
          errorResponse: ({ status, message, headers }, accept) =>
            toResponse(
              new library.HttpError(status, message, { headers }),
              accept,
            ),
          onExchange: (exchange) => this.#enter(exchange),
          observer: isWatched ? this.#observer() : undefined,
        }, handlers.handler);
        this.#listeners.push(listener);
        this.#finished.push(server.finished);
      }
    }
  }

  /** Holds conversations, all at once; gives their transcripts, in order. */
  async hold(conversations: Conversation[]): Promise<Transcript[]> {
    const clients = conversations.map((conversation) => {
      const client = new Client(
        conversation.arrivals,
        ++this.#count,
        () => this.#activity++,
      );
      this.#clients.set(this.#count, client);
      this.#listenerFor(conversation).add(client);
      return client;
    });
    await this.#rest();
    let sending = clients;
    while ((sending = sending.filter(({ hasMore }) => hasMore)).length > 0) {
      for (const client of sending) client.send();
      await this.#rest();
    }
    for (const client of clients) client.leave();
    await this.#rest();
    for (const { remoteAddr } of clients) {
      this.#clients.delete(remoteAddr.port);
    }
    return clients.map(({ transcript }) => {
      transcript.octets = transcript.octets.map(withoutDate);
      return transcript;
    });
  }

  /** Shuts the servers down. */
  async end(): Promise<void> {
    for (const listener of this.#listeners) listener.end();
    await Promise.all(this.#finished);
  }

  #listenerFor({ isNarrow, isWatched }: Conversation): Listener {
    return this.#listeners[Number(isNarrow) * 2 + Number(isWatched)];
  }

  #transcriptOf(address: Deno.Addr): Transcript | undefined {
    this.#activity++;
    if (!("port" in address)) throw new TypeError("The address is another");
    return this.#clients.get(address.port)?.transcript;
  }

  #enter(exchange: Exchange): void {
    const { remoteAddr, started, duration, error, ...rest } = exchange;
    if (!(started >= 0 && duration >= 0)) throw new RangeError("No times");
    const told = error === undefined ? undefined : nameOf(error);
    this.#transcriptOf(remoteAddr)?.records.push(
      JSON.stringify({ ...sorted(rest), error: told }),
    );
  }

  #observer() {
    return {
      connection: ({ remoteAddr }: { remoteAddr: Deno.Addr }) => {
        const { states, positions } = this.#transcriptOf(remoteAddr) ??
          new Transcript();
        return {
          received: () => {
            this.#activity++;
          },
          sent: () => {
            this.#activity++;
          },
          moved: (
            state: string,
            { received, sent }: { received: number; sent: number },
          ) => {
            this.#activity++;
            states.push(state);
            positions.push(`${state} at ${received}, ${sent}`);
          },
        };
      },
    };
  }

  /** Waits until nothing happens any more. */
  async #rest(): Promise<void> {
    let quiet = 0;
    let last = this.#activity;
    for (let turn = 0; quiet < QUIET_TURNS; turn++) {
      if (turn > MOST_TURNS) throw new Error("A server does not come to rest");
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.#activity === last ? quiet + 1 : 0;
      last = this.#activity;
    }
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error
    ? `${error.name}: ${error.message}`
    : String(error);
}

/** The order in which a record was filled in is nobody's business. */
function sorted(record: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).sort(([a], [b]) => a < b ? -1 : 1),
  );
}
