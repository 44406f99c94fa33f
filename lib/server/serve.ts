/**
 * The server: accept, limit, shut down.
 *
 * In: options and a handler. Out: all that goes on until the last connection has
 * ended. What is said on a connection is `connection.ts`'s business.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { authorityOf, isEveryAddress, ownAuthority } from "../authority.ts";
import type { Handler } from "../handler.ts";
import { compressAsDeno } from "../handlers/compression.ts";
import { isLimit } from "../limits.ts";
import type { ConnectionState, Observer } from "../observer.ts";
import { Connection } from "./connection.ts";
import { type ConnectionContext, makeContext } from "./connection_context.ts";
import type { ClientTimeouts, Deadline } from "./client_timeouts.ts";
import { Descriptors } from "./descriptor_limit.ts";
import { leastUseful, TransferSpeeds } from "./eviction.ts";
import { type Acceptor, listen } from "./listener.ts";
import type { ListenOptions, ServeOptions } from "./serve_options.ts";
import { Roster } from "./roster.ts";
import { outliveClients, quietly } from "./strays.ts";
import { type Transport, watcherOf } from "./transport.ts";

/**
 * Serves over a Unix socket.
 *
 * @example
 * ```ts
 * import { serve } from "@sluice/http";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const path = `${folder}/socket`;
 * await using server = serve({ path, onListen() {} }, () => new Response("Hi"));
 * assertEquals(server.addr, { transport: "unix", path });
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @param options The path, what to allow, whom to tell.
 * @param handler Answers each request.
 */
export function serve(
  options: ServeOptions<Deno.UnixAddr> & { path: string },
  handler: Handler,
): HttpServer<Deno.UnixAddr>;
/**
 * Serves HTTP/1.1 over TCP (RFC 9112), as `Deno.serve` would, with limits and
 * timeouts on everything that a client can make large or slow.
 *
 * Listens before it returns; throws what `Deno.listen` throws
 * (`Deno.errors.AddrInUse`, `NotCapable` without `--allow-net`) or `onListen`
 * does, and a RangeError for limits and timeouts that are none. HTTPS needs `cert` and `key`.
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
  first?: AnyOptions & { handler?: Handler } | Handler,
  second?: Handler,
): HttpServer<Deno.NetAddr & Deno.UnixAddr> {
  const isBare = typeof first === "function";
  const options = isBare ? {} : first ?? {};
  const handler = isBare ? first : second ?? first?.handler;
  if (typeof handler !== "function") {
    const got = handler === null ? "null" : typeof handler;
    throw new TypeError(
      `Cannot serve: the handler must be a function, got ${got}`,
    );
  }
  return new ListeningServer(
    options,
    options.automaticCompression ?? compressesByDefault()
      ? compressAsDeno(handler)
      : handler,
  );
}

/** As `Deno.serve` has it, where the variable can be read without a prompt. */
function compressesByDefault(): boolean {
  const variable = "DENO_SERVE_AUTOMATIC_COMPRESSION";
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  const value = state === "granted" ? Deno.env.get(variable) : undefined;
  return value !== undefined && !/^(?:0|false)$/i.test(value);
}

// deno-lint-ignore no-explicit-any -- the overloads say which it is
type AnyOptions = ServeOptions<any>;

/** How to shut down. */
export interface ShutdownOptions {
  /**
   * Milliseconds until what still runs is closed; with `Infinity` it never is.
   * Default `timeouts.shutdown`.
   */
  deadline?: number;
}

/** How many connections there are. */
export interface ConnectionCounts {
  /** All of them. */
  open: number;
  /** Those that wait for a request. */
  idle: number;
  /** Those that a handler, or what was made of an upgrade, is at work for. */
  active: number;
}

/** A server that runs. It has the shape of `Deno.HttpServer`. */
export interface HttpServer<Addr extends Deno.Addr = Deno.NetAddr>
  extends AsyncDisposable {
  /**
   * Where it listens; the port is the real one, also if 0 was asked for. Throws
   * a TypeError where `listener` brings streams, which have no address.
   */
  readonly addr: Addr;
  /** Resolves when the server has shut down. */
  readonly finished: Promise<void>;
  /**
   * Stops accepting, lets what runs finish, be its client gone or not, tells each
   * client `Connection: close`, and closes what is left after `timeouts.shutdown`,
   * or after `deadline`. A later call can only make it earlier. Throws a RangeError for a
   * deadline that is none.
   */
  shutdown(options?: ShutdownOptions): Promise<void>;
  /** The connections that there are at this moment. */
  readonly connections: ConnectionCounts;
  /** Lets the server keep the process alive, which it does by default. */
  ref(): void;
  /** Lets the process end although the server listens and has connections. */
  unref(): void;
}

/** The one there is. */
class ListeningServer implements HttpServer<never> {
  #acceptor: Acceptor;
  #context: ConnectionContext;
  #connections = new Roster<Connection>();
  /** How many are served, or were while their handlers are still at work. */
  #running = 0;
  #descriptors: Descriptors;
  #speeds: TransferSpeeds<ClientTimeouts>;
  #isShedding = false;
  #observer: Observer | undefined;
  #isReferenced = true;
  #accepting: Promise<void>;
  /** When what is left is closed. */
  #end = Infinity;
  #endDeadline: Deadline | undefined;
  /** Whether nothing that is left is waited for. */
  #isOver = false;
  #finish = Promise.withResolvers<void>();
  /** Wakes whoever waits for a connection to end or to fall idle. */
  #wake: PromiseWithResolvers<void> | undefined;

  constructor(options: ServeOptions<never>, handler: Handler) {
    const { signal } = options;
    this.#observer = options.observer;
    this.#context = makeContext(options, handler, {
      onClosed: (connection) => {
        this.#connections.delete(connection);
        this.#wakeWaiting();
      },
      onEnded: () => {
        this.#running--;
        this.#wakeWaiting();
      },
      onOutOfDescriptors: (error) => {
        this.#runOut(error);
        this.#shed();
      },
    });
    const { deadlines } = this.#context;
    this.#descriptors = new Descriptors(deadlines.now);
    this.#speeds = new TransferSpeeds(
      () => [...this.#connections].map(({ client }) => client),
      deadlines,
      () => this.#wakeWaiting(),
    );
    this.#acceptor = listen(options, {
      ...this.#context,
      descriptors: this.#descriptors,
    });
    const { addr } = this.#acceptor;
    if (addr) this.#context.authority = ownAuthority(addr);
    try {
      this.#announce(options);
      signal?.addEventListener("abort", () => this.#stop(), { once: true });
    } catch (error) {
      // Nobody gets this server, and so nobody could close it.
      this.#acceptor.close();
      throw error;
    }
    outliveClients();
    this.#accepting = this.#accept();
    this.#endWithListener();
    if (signal?.aborted) this.#stop();
  }

  /** Throws what `onListen` throws. */
  #announce(options: ServeOptions<never>): void {
    const { addr } = this.#acceptor;
    if (!addr) return;
    const told = (options.onListen ?? printerOf(options))(addr as never);
    quietly(() => told);
  }

  get addr(): never {
    const { addr } = this.#acceptor;
    if (addr) return addr as never;
    throw new TypeError("Cannot tell the address: streams have none");
  }

  get finished(): Promise<void> {
    return this.#finish.promise;
  }

  ref(): void {
    this.#isReferenced = true;
    this.#acceptor.ref();
    this.#context.deadlines.ref();
    for (const connection of this.#connections) connection.ref();
  }

  unref(): void {
    this.#isReferenced = false;
    this.#acceptor.unref();
    this.#context.deadlines.unref();
    for (const connection of this.#connections) connection.unref();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  get connections(): ConnectionCounts {
    const states = [...this.#connections].map(({ state }) => state);
    return {
      open: states.length,
      idle: states.filter((state) => state === "idle").length,
      active: states.filter((state) => atWork.has(state)).length,
    };
  }

  shutdown({ deadline }: ShutdownOptions = {}): Promise<void> {
    if (deadline !== undefined && !isLimit(deadline)) {
      throw new RangeError(
        `Cannot use shutdown.deadline: got ${deadline}, not a whole number`,
      );
    }
    const { shutdown } = this.#context.timeouts;
    if (!this.#context.isShuttingDown) this.#drain(deadline ?? shutdown);
    else if (deadline !== undefined) this.#hasten(deadline);
    return this.finished;
  }

  /** Closes what is left, if no earlier call does so before. */
  #hasten(deadline: number): void {
    const end = this.#context.deadlines.now() + deadline;
    if (end >= this.#end) return;
    this.#end = end;
    const { deadlines } = this.#context;
    this.#endDeadline ??= deadlines.create(() => this.#closeAll());
    this.#endDeadline.start(deadline);
  }

  /** Ends at once, whatever is at work. */
  #stop(): void {
    this.shutdown();
    this.#closeAll();
  }

  #closeAll(): void {
    this.#isOver = true;
    for (const connection of this.#connections) connection.close();
    this.#wakeWaiting();
  }

  async #drain(deadline: number): Promise<void> {
    this.#context.isShuttingDown = true;
    this.#acceptor.close();
    this.#speeds.stop();
    this.#wakeWaiting();
    for (const connection of this.#connections) {
      if (connection.state === "idle") connection.client.giveUp();
      else connection.leave();
    }
    this.#hasten(deadline);
    while (this.#connections.size > 0 || this.#running > 0 && !this.#isOver) {
      await this.#awaitChange();
    }
    // A port is in use as long as an accept is under way.
    await this.#accepting;
    this.#endDeadline?.release();
    this.#context.fairness.stop();
    this.#finish.resolve();
  }

  async #accept(): Promise<void> {
    while (!this.#context.isShuttingDown) {
      let transport;
      try {
        transport = await this.#acceptor.accept();
      } catch (error) {
        this.#runOut(error);
        await this.#awaitRoom();
        // What was closed is free after a turn of the event loop.
        await delay(DESCRIPTOR_PAUSE);
        continue;
      }
      if (!transport) break;
      await this.#awaitRoom();
      if (this.#context.isShuttingDown) transport.close();
      else this.#serve(transport);
    }
  }

  /** Whose listener has ended serves those that it has brought. */
  async #endWithListener(): Promise<void> {
    await this.#accepting;
    while (this.#connections.size > 0) await this.#awaitChange();
    if (!this.#context.isShuttingDown) await this.shutdown();
  }

  #serve(transport: Transport): void {
    const watcher = this.#observer && watcherOf(this.#observer, transport);
    const connection = new Connection(transport, this.#context, watcher);
    if (!this.#isReferenced) connection.unref();
    this.#connections.add(connection);
    this.#running++;
    connection.run();
  }

  /** How many connections there may be at this moment. */
  get #most(): number {
    const { connections } = this.#context.limits;
    const { most } = this.#descriptors;
    return Math.min(connections, Math.max(1, most - this.#acceptor.pending));
  }

  #runOut(error: unknown): void {
    const open = this.#connections.size + this.#acceptor.pending;
    this.#descriptors.ranOut(open, error);
  }

  /** So that no silent or slow client can lock others out. */
  async #awaitRoom(): Promise<void> {
    while (
      this.#connections.size >= this.#most && !this.#context.isShuttingDown
    ) {
      const least = leastUseful(this.#connections)?.client ??
        this.#speeds.slowest();
      least?.giveUp();
      await this.#awaitChange();
    }
  }

  /** The same for files, which can't wait: it gives up what no client needs. */
  async #shed(): Promise<void> {
    if (this.#isShedding) return;
    this.#isShedding = true;
    while (
      this.#connections.size > this.#most && !this.#context.isShuttingDown
    ) {
      const least = leastUseful(this.#connections);
      if (!least) break;
      least.client.giveUp();
      await this.#awaitChange();
    }
    this.#isShedding = false;
  }

  #awaitChange(): Promise<void> {
    this.#wake ??= Promise.withResolvers();
    this.#context.onRest ??= () => this.#wakeWaiting();
    return this.#wake.promise;
  }

  #wakeWaiting(): void {
    this.#context.onRest = undefined;
    this.#wake?.resolve();
    this.#wake = undefined;
  }
}

/** Pause (ms) after an accept that failed for want of descriptors. */
const DESCRIPTOR_PAUSE = 100;

/** What somebody is at work for. */
const atWork = new Set<ConnectionState>(["handling", "responding", "upgraded"]);

/** As `Deno.serve` tells it, on the standard error. */
function printerOf({ cert }: ListenOptions): (addr: Deno.Addr) => void {
  const scheme = cert === undefined ? "http" : "https";
  return (addr) => console.error(`Listening on ${whereIs(addr, scheme)}`);
}

function whereIs(addr: Deno.Addr, scheme: string): string {
  if (!("hostname" in addr)) return "path" in addr ? addr.path : "a socket";
  const url = `${scheme}://${authorityOf(addr)}/`;
  return isEveryAddress(addr)
    ? `${url} (${scheme}://localhost:${addr.port}/)`
    : url;
}
