/**
 * A connection without a socket: octets in, cut wherever a test likes, and the
 * answers out. It needs no permission and no time.
 *
 * @module
 */
import { Connection } from "../../lib/server/connection.ts";
import { makeContext } from "../../lib/server/connection_context.ts";
import type { Deadlines } from "../../lib/server/client_timeouts.ts";
import type { ErrorResponse } from "../../lib/server/error_response.ts";
import type { Exchange } from "../../lib/observer.ts";
import type { Transport } from "../../lib/server/transport.ts";
import type { Handler } from "../../lib/handler.ts";
import type { Limits, Timeouts } from "../../lib/limits.ts";

const loopback: Deno.NetAddr = {
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 4221,
};

/** The client's end of a pipe whose other end is a `Transport`. */
export class Pipe implements Transport {
  readonly remoteAddr = loopback;
  readonly localAddr = loopback;
  readonly isSecure = false;
  readonly readable: ReadableStream<Uint8Array>;
  /** What each write of the server brought, as Latin-1 text. */
  readonly writes: string[] = [];
  isClosed = false;
  hasSentFin = false;
  /** The most octets that one write takes; 0 makes it wait until the close. */
  window = Infinity;
  #arrived: (Uint8Array | null)[] = [];
  #buffer = new Uint8Array(1 << 10);
  #used = 0;
  #wakeReader = Promise.withResolvers<void>();
  #starved = Promise.withResolvers<void>();
  #wakeClient = Promise.withResolvers<void>();
  #blocked = Promise.withResolvers<void>();
  #closed = Promise.withResolvers<never>();

  constructor() {
    this.#closed.promise.catch(() => {});
    this.readable = new ReadableStream({
      pull: async (controller) => {
        while (this.#arrived.length === 0) {
          this.#starved.resolve();
          await Promise.race([this.#wakeReader.promise, this.#closed.promise]);
        }
        const octets = this.#arrived.shift()!;
        if (octets === null) return controller.close();
        // As the socket does: one buffer, used again for each read.
        this.#buffer.fill(0xff, 0, this.#used);
        this.#used = octets.length;
        if (octets.length > this.#buffer.length) {
          this.#buffer = new Uint8Array(octets.length);
        }
        this.#buffer.set(octets);
        controller.enqueue(this.#buffer.subarray(0, octets.length));
      },
    }, { highWaterMark: 0 });
  }

  /** Sends octets, each string as one arrival; null is a FIN. */
  send(...arrivals: (string | Uint8Array | null)[]): void {
    this.#arrived.push(
      ...arrivals.map((it) => typeof it === "string" ? latin1(it) : it),
    );
    this.#starved = Promise.withResolvers();
    this.#wakeReader.resolve();
    this.#wakeReader = Promise.withResolvers();
  }

  /** Waits until the server has taken all that was sent, and wants more. */
  untilRead(): Promise<void> {
    return this.#starved.promise;
  }

  /** Waits until the server writes what is not taken. */
  untilWriting(): Promise<void> {
    return this.#blocked.promise;
  }

  /** All that the server has written. */
  get received(): string {
    return this.writes.join("");
  }

  /** Waits until what was received holds `text`. */
  async until(text: string): Promise<void> {
    while (!this.received.includes(text)) {
      await Promise.race([this.#wakeClient.promise, this.#closed.promise]);
    }
  }

  async write(octets: Uint8Array): Promise<number> {
    if (this.isClosed) throw new Deno.errors.BadResource("It is closed");
    if (this.window === 0) {
      this.#blocked.resolve();
      await this.#closed.promise;
    }
    const taken = octets.subarray(0, this.window);
    this.writes.push(text(taken));
    this.#wakeClient.resolve();
    this.#wakeClient = Promise.withResolvers();
    return taken.length;
  }

  closeWrite(): Promise<void> {
    this.hasSentFin = true;
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
    this.#closed.reject(new Deno.errors.Interrupted("It was closed"));
  }
}

/** What a test may set. */
export interface Setting {
  handler?: Handler;
  limits?: Partial<Limits>;
  timeouts?: Partial<Timeouts>;
  deadlines?: Deadlines;
  isShuttingDown?: () => boolean;
  errorResponse?: ErrorResponse;
  onError?: (error: unknown) => Response;
  onExchange?: (exchange: Exchange) => void;
  trustProxy?: (hostname: string) => boolean;
  proxyProtocol?: (hostname: string) => boolean;
}

/**
 * Octets of unread content that are awaited, unless a test says how many. By
 * default only what has arrived is dropped, so that the outcome would depend on
 * how the octets arrive.
 */
const DISCARDED = 64 * 1024;

/** A connection over a pipe. */
export function connect(setting: Setting = {}) {
  const pipe = new Pipe();
  const exchanges: Exchange[] = [];
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const {
    handler = describeRequest,
    deadlines,
    isShuttingDown = () => false,
    limits,
    ...options
  } = setting;
  const context = makeContext(
    {
      onExchange: (exchange) => exchanges.push(exchange),
      limits: { discarded: DISCARDED, ...limits },
      ...options,
    },
    handler,
    {
      onClosed() {
        context.fairness.stop();
        resolve();
      },
      onEnded() {},
      onOutOfDescriptors() {},
    },
  );
  if (deadlines) context.deadlines = deadlines;
  Object.defineProperties(context, {
    isDraining: { get: isShuttingDown },
    isShuttingDown: { get: isShuttingDown },
  });
  const connection = new Connection(pipe, context);
  connection.run();
  return { pipe, exchanges, connection, done };
}

/** Sends the arrivals and a FIN; gives all answers. */
export async function converse(
  arrivals: string[],
  setting: Setting = {},
): Promise<Answer[]> {
  const { pipe, done } = connect(setting);
  pipe.send(...arrivals, null);
  await done;
  return parseAnswers(pipe.received);
}

/** A handler that tells what it was given: `GET http://h/path [content]`. */
export async function describeRequest(request: Request): Promise<Response> {
  const content = text(await request.bytes());
  return new Response(`${request.method} ${request.url} [${content}]`);
}

/** A response, taken apart by a reader of our own. */
export interface Answer {
  status: number;
  reason: string;
  fields: Record<string, string>;
  content: string;
}

/** Takes all of `octets` apart; throws at what is no response. */
export function parseAnswers(octets: string, methods: string[] = []): Answer[] {
  const answers: Answer[] = [];
  let rest = octets;
  while (rest !== "") {
    const head = /^HTTP\/1\.1 (\d{3}) ([^\r\n]*)\r\n((?:[^\r\n]+\r\n)*)\r\n/
      .exec(rest);
    if (!head) throw new Error(`No response: ${JSON.stringify(rest)}`);
    rest = rest.slice(head[0].length);
    const fields: Record<string, string> = {};
    for (const line of head[3].split("\r\n").slice(0, -1)) {
      const [, name, value] = /^([^:]+): (.*)$/.exec(line)!;
      fields[name] = name in fields ? `${fields[name]}, ${value}` : value;
    }
    const answer = { status: Number(head[1]), reason: head[2], fields };
    const hasContent = methods[answers.length] !== "HEAD" &&
      answer.status >= 200 && ![204, 304].includes(answer.status);
    const [content, after] = hasContent
      ? takeContent(fields, rest)
      : ["", rest];
    rest = after;
    answers.push({ ...answer, content });
  }
  return answers;
}

function takeContent(fields: Record<string, string>, rest: string) {
  if (fields["transfer-encoding"] === "chunked") return takeChunks(rest);
  if (fields["content-length"] === undefined) return [rest, ""];
  const length = Number(fields["content-length"]);
  if (rest.length < length) throw new Error("The content was cut short");
  return [rest.slice(0, length), rest.slice(length)];
}

function takeChunks(rest: string): [string, string] {
  let content = "";
  for (;;) {
    const line = /^([0-9a-f]+)\r\n/.exec(rest);
    if (!line) throw new Error(`No chunk: ${JSON.stringify(rest)}`);
    const size = parseInt(line[1], 16);
    const start = line[0].length;
    content += rest.slice(start, start + size);
    if (rest.slice(start + size, start + size + 2) !== "\r\n") {
      throw new Error("A chunk does not end with CRLF");
    }
    rest = rest.slice(start + size + 2);
    if (size === 0) return [content, rest];
  }
}

/** Text of characters up to U+00FF as octets. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Octets as text, a character each. */
export function text(octets: Uint8Array): string {
  return Array.from(octets, (octet) => String.fromCharCode(octet)).join("");
}
