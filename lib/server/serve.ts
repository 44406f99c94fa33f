/**
 * The server: listen, accept, limit, shut down.
 *
 * In: options and a handler. Out: an `HttpServer`, which runs until it is shut
 * down. What is said on a connection is `connection.ts`'s business.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { authorityOf } from "../authority.ts";
import type { Handler } from "../handler.ts";
import {
  type Limits,
  resolveLimits,
  resolveTimeouts,
  type Timeouts,
} from "../limits.ts";
import { Connection, type ConnectionContext } from "./connection.ts";
import type { State } from "./connection_state.ts";
import { Deadlines } from "./deadlines.ts";
import {
  defaultErrorResponse,
  type ErrorResponse,
  logError,
} from "./error_response.ts";
import type { Exchange } from "./exchange.ts";
import { Fairness } from "./fairness.ts";
import { openSocket } from "./socket.ts";

/** Options of {@linkcode serve}. Those that `Deno.serve` has too mean the same. */
export interface ServeOptions {
  /** The port to listen on; 0 for any that is free. Default 8000. */
  port?: number;
  /** The address to listen on. Default `0.0.0.0`: every network there is. */
  hostname?: string;
  /** Shuts the server down when it is aborted. */
  signal?: AbortSignal;
  /** Called once the server listens. Default: print the URL. */
  onListen?: (addr: Deno.NetAddr) => void;
  /**
   * Answers what a handler throws, other than an {@linkcode HttpError}.
   * Default: log it, and answer 500 without any detail.
   */
  onError?: (error: unknown) => Response | Promise<Response>;
  /**
   * Makes the response for an {@linkcode HttpError}: the handler's, and the
   * server's own, such as a 400 or 408 that no handler ever sees. `accept` is
   * the Accept field, if there was one. Default: JSON (RFC 9457) for a client
   * that prefers it, a page for a browser, else a line of text.
   */
  errorResponse?: ErrorResponse;
  /** Called when an exchange is over, for logs and metrics. Default: nothing. */
  onExchange?: (exchange: Exchange) => void;
  /** Sizes and counts that differ from {@linkcode defaultLimits}. */
  limits?: Partial<Limits>;
  /** Durations that differ from {@linkcode defaultTimeouts}. */
  timeouts?: Partial<Timeouts>;
}

/** A server that runs. It has the shape of `Deno.HttpServer`. */
export interface HttpServer extends AsyncDisposable {
  /** Where it listens; the port is the real one, also if 0 was asked for. */
  readonly addr: Deno.NetAddr;
  /** Resolves when the server has shut down. */
  readonly finished: Promise<void>;
  /**
   * Stops accepting, lets what runs finish, tells each client `Connection:
   * close`, and closes what is left after `timeouts.shutdown`.
   */
  shutdown(): Promise<void>;
  /** Lets the server keep the process alive, which it does by default. */
  ref(): void;
  /** Lets the process end although the server listens. */
  unref(): void;
}

/**
 * Serves HTTP/1.1 over TCP (RFC 9112), as `Deno.serve` would, with limits and
 * timeouts on everything that a client can make large or slow.
 *
 * Listens before it returns; throws what `Deno.listen` throws
 * (`Deno.errors.AddrInUse`, `NotCapable` without `--allow-net`), and a
 * RangeError for limits and timeouts that are none.
 *
 * @example A server, asked once
 * ```ts
 * import { serve } from "@sluice/http";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve(
 *   { port: 0, hostname: "127.0.0.1", onListen() {}, timeouts: { head: 5000 } },
 *   (request) => new Response(new URL(request.url).pathname),
 * );
 * const response = await fetch(`http://127.0.0.1:${server.addr.port}/hello`);
 * assertEquals(await response.text(), "/hello");
 * ```
 *
 * @param options Where to listen, what to allow, whom to tell.
 * @param handler Answers each request.
 */
export function serve(options: ServeOptions, handler: Handler): HttpServer;
/**
 * Serves with every option at its default: on port 8000 of every network.
 *
 * @example
 * ```ts ignore
 * import { serve } from "@sluice/http";
 *
 * serve(() => new Response("Hello"));
 * ```
 *
 * @param handler Answers each request.
 */
export function serve(handler: Handler): HttpServer;
/**
 * Serves with the handler among the options.
 *
 * @example
 * ```ts
 * import { serve } from "@sluice/http";
 *
 * const handler = () => new Response("Hello");
 * await using server = serve({ port: 0, hostname: "127.0.0.1", handler });
 * ```
 *
 * @param options Where to listen, what to allow, whom to tell and to ask.
 */
export function serve(options: ServeOptions & { handler: Handler }): HttpServer;
export function serve(
  first: ServeOptions & { handler?: Handler } | Handler,
  second?: Handler,
): HttpServer {
  const [options, handler] = typeof first === "function"
    ? [{}, first]
    : [first, second ?? first.handler];
  if (typeof handler !== "function") {
    throw new TypeError("Cannot serve: the handler must be a function");
  }
  for (const name of ["cert", "key", "path"]) {
    // To ignore these would serve in the clear, or in another place.
    if (name in options) {
      throw new TypeError(`Cannot serve: there is no option ${name} yet`);
    }
  }
  return new ListeningServer(options, handler);
}

/** Pause (ms) after an accept that failed for want of descriptors or memory. */
const ACCEPT_PAUSE = 100;

/** Whether accept failed for a client that left before: the next may be fine. */
export function isOfOneClient(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset;
}

class ListeningServer implements HttpServer {
  #listener: Deno.TcpListener;
  #context: ConnectionContext;
  #connections = new Set<Connection>();
  #isShuttingDown = false;
  #finish = Promise.withResolvers<void>();
  /** Wakes whoever waits for a connection to end or to fall idle. */
  #wake: PromiseWithResolvers<void> | undefined;

  constructor(options: ServeOptions, handler: Handler) {
    const { port = 8000, hostname = "0.0.0.0", signal } = options;
    this.#context = {
      handler,
      limits: resolveLimits(options.limits),
      timeouts: resolveTimeouts(options.timeouts),
      deadlines: new Deadlines(),
      fairness: new Fairness(),
      onError: options.onError ?? logError,
      errorResponse: options.errorResponse ?? defaultErrorResponse,
      onExchange: options.onExchange,
      onRest: () => this.#wakeWaiting(),
      isShuttingDown: () => this.#isShuttingDown,
    };
    this.#listener = Deno.listen({ port, hostname });
    (options.onListen ?? printUrl)(this.addr);
    this.#accept();
    if (signal?.aborted) this.shutdown();
    signal?.addEventListener("abort", () => this.shutdown(), { once: true });
  }

  get addr(): Deno.NetAddr {
    return this.#listener.addr as Deno.NetAddr;
  }

  get finished(): Promise<void> {
    return this.#finish.promise;
  }

  ref(): void {
    this.#listener.ref();
  }

  unref(): void {
    this.#listener.unref();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  shutdown(): Promise<void> {
    if (!this.#isShuttingDown) this.#drain();
    return this.finished;
  }

  async #drain(): Promise<void> {
    this.#isShuttingDown = true;
    this.#listener.close();
    this.#wakeWaiting();
    for (const connection of this.#connections) {
      if (connection.state.name === "idle") connection.evict();
    }
    const deadline = this.#context.deadlines.create(() => {
      this.#connections.forEach((connection) => connection.close());
    });
    deadline.start(this.#context.timeouts.shutdown);
    while (this.#connections.size > 0) await this.#awaitChange();
    deadline.release();
    this.#context.fairness.stop();
    this.#finish.resolve();
  }

  async #accept(): Promise<void> {
    while (!this.#isShuttingDown) {
      let conn: Deno.TcpConn;
      try {
        conn = await this.#listener.accept();
      } catch (error) {
        if (!this.#isShuttingDown && !isOfOneClient(error)) {
          await delay(ACCEPT_PAUSE);
        }
        continue;
      }
      await this.#awaitRoom();
      if (this.#isShuttingDown) conn.close();
      else this.#serve(conn);
    }
  }

  async #serve(conn: Deno.TcpConn): Promise<void> {
    const connection = new Connection(
      openSocket(conn, this.#context.fairness),
      this.#context,
    );
    this.#connections.add(connection);
    await connection.run().finally(() => {
      this.#connections.delete(connection);
      this.#wakeWaiting();
    });
  }

  /** So that no silent or slow client can lock others out. */
  async #awaitRoom(): Promise<void> {
    const { connections } = this.#context.limits;
    while (this.#connections.size >= connections && !this.#isShuttingDown) {
      leastUseful(this.#connections)?.evict();
      await this.#awaitChange();
    }
  }

  #awaitChange(): Promise<void> {
    this.#wake ??= Promise.withResolvers();
    return this.#wake.promise;
  }

  #wakeWaiting(): void {
    this.#wake?.resolve();
    this.#wake = undefined;
  }
}

/** Which to give up first, of the states that no request is at work in. */
const usefulness: Partial<Record<State, number>> = {
  "lingering": 0,
  "idle": 0,
  "draining": 0,
  "reading head": 1,
};

/** What is at work for a client that may be gone. */
const HALF_CLOSED = 2;

/** The longest idle connection, else the slowest head, else none. */
function leastUseful(connections: Set<Connection>): Connection | undefined {
  let least: Connection | undefined;
  let leastUse = Infinity;
  for (const connection of connections) {
    const { name, since } = connection.state;
    const use = usefulness[name] ??
      (connection.isHalfClosed ? HALF_CLOSED : undefined);
    if (use === undefined) continue;
    if (use < leastUse || use === leastUse && since < least!.state.since) {
      least = connection;
      leastUse = use;
    }
  }
  return least;
}

function printUrl(addr: Deno.NetAddr): void {
  console.log(`Listening on http://${authorityOf(addr)}/`);
}
