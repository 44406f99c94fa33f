/**
 * The server: accepts, limits, shuts down.
 *
 * In: options and a handler. Out: a server, until its last connection has
 * ended. `connection.ts` handles what happens on a connection.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { ownAuthority } from "../authority.ts";
import type { Handler } from "../handler.ts";
import { compressAsDeno } from "../handlers/compression.ts";
import { requireLimit } from "../limits.ts";
import type { ConnectionState, Observer } from "../observer.ts";
import { ClientConnections } from "./client_limits.ts";
import { Connection } from "./connection.ts";
import { type ConnectionContext, makeContext } from "./connection_context.ts";
import type { ClientTimeouts, Deadline } from "./client_timeouts.ts";
import { Descriptors } from "./descriptor_limit.ts";
import { leastUseful, TransferSpeeds } from "./eviction.ts";
import type {
  ConnectionCounts,
  HttpServer,
  ShutdownOptions,
} from "./http_server.ts";
import { type Acceptor, listen } from "./listener.ts";
import { printerOf, type ServeOptions } from "./serve_options.ts";
import type { CertificatePair } from "./secure_listener.ts";
import { Roster } from "./roster.ts";
import { outliveClients, quietly } from "./strays.ts";
import { traced } from "./tracing.ts";
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
 * @param options The path, limits and callbacks.
 * @param handler Answers each request.
 */
export function serve(
  options: ServeOptions<Deno.UnixAddr> & { path: string },
  handler: Handler,
): HttpServer<Deno.UnixAddr>;
/**
 * Serves HTTP/1.1 over TCP (RFC 9112), as `Deno.serve` does, with limits and
 * timeouts on everything that a client can make large or slow.
 *
 * Listens before it returns; throws what `Deno.listen` throws
 * (`Deno.errors.AddrInUse`, `NotCapable` without `--allow-net`) or `onListen`
 * does, and a RangeError for invalid limits and timeouts. HTTPS needs `cert`
 * and `key`.
 *
 * @example A server and one request
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
 * @param options Where to listen, limits and callbacks.
 * @param handler Answers each request.
 */
export function serve(options: ServeOptions, handler: Handler): HttpServer;
/**
 * Serves with all options at their defaults: on port 8000 of every network.
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
 * @param options Where to listen, limits, callbacks and the handler.
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
  const serving = traced(
    options,
    options.automaticCompression ?? compressesByDefault()
      ? compressAsDeno(handler)
      : handler,
  );
  return new ListeningServer(serving.options, serving.handler);
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

/** The only implementation. */
class ListeningServer implements HttpServer<never> {
  #acceptor: Acceptor;
  #context: ConnectionContext;
  #connections = new Roster<Connection>();
  #clients: ClientConnections | undefined;
  /** How many are served, or were while their handlers are still at work. */
  #running = 0;
  #descriptors: Descriptors;
  #speeds: TransferSpeeds<ClientTimeouts>;
  #isShedding = false;
  #observer: Observer | undefined;
  #isReferenced = true;
  #accepting: Promise<void>;
  #isAccepting = true;
  /** Ends the time in which the server goes on serving before it shuts down. */
  #delay: Deadline | undefined;
  /** When that time ends. */
  #delayEnd = Infinity;
  /** When what is left is closed. */
  #end = Infinity;
  #endDeadline: Deadline | undefined;
  /** Whether nothing that is left is waited for. */
  #isOver = false;
  #finish = Promise.withResolvers<void>();
  /** Wakes a wait for a connection to end or become idle. */
  #wake: PromiseWithResolvers<void> | undefined;

  constructor(options: ServeOptions<never>, handler: Handler) {
    const { signal } = options;
    this.#observer = options.observer;
    this.#context = makeContext(options, handler, {
      onClosed: (connection) => {
        this.#connections.delete(connection);
        this.#clients?.leave(connection.transport);
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
    this.#clients = ClientConnections.of(this.#context);
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
      // No caller gets this server, so none could close it.
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

  setCertificate(pair: CertificatePair): void {
    const { certificate } = this.#acceptor;
    if (certificate) return certificate.renew(pair);
    throw new TypeError(
      "Cannot set the certificate: the server has none that can be renewed",
    );
  }

  get connections(): ConnectionCounts {
    const states = [...this.#connections].map(({ state }) => state);
    return {
      open: states.length,
      idle: states.filter((state) => state === "idle").length,
      active: states.filter((state) => atWork.has(state)).length,
    };
  }

  shutdown({ deadline, delay = 0 }: ShutdownOptions = {}): Promise<void> {
    const { shutdown } = this.#context.timeouts;
    requireLimit("shutdown.deadline", deadline ?? shutdown);
    requireLimit("shutdown.delay", delay);
    if (this.#context.isShuttingDown) {
      if (deadline !== undefined) this.#hasten(deadline);
    } else if (delay > 0) {
      this.#serveOn(delay, deadline ?? shutdown);
    } else this.#drain(deadline ?? shutdown);
    return this.finished;
  }

  /** Goes on serving, with the last answer of each connection. */
  #serveOn(delay: number, deadline: number): void {
    this.#context.isDraining = true;
    const { deadlines } = this.#context;
    const end = deadlines.now() + delay;
    if (end >= this.#delayEnd) return;
    this.#delayEnd = end;
    this.#delay?.release();
    this.#delay = deadlines.create(() => {
      this.#stopAccepting();
      // A request in transit is still answered.
      this.#delay!.release();
      this.#delay = deadlines.create(() => this.#drain(deadline));
      this.#delay.start(LAST_CHANCE);
    });
    this.#delay.start(delay);
  }

  #stopAccepting(): void {
    if (this.#isAccepting) this.#acceptor.close();
    this.#isAccepting = false;
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
    this.#context.isDraining = true;
    this.#context.isShuttingDown = true;
    this.#delay?.release();
    this.#stopAccepting();
    this.#speeds.stop();
    this.#clients?.close();
    this.#wakeWaiting();
    for (const connection of this.#connections) {
      if (connection.state === "idle") connection.client.giveUp();
      else connection.leave();
    }
    this.#hasten(deadline);
    while (this.#connections.size > 0 || this.#running > 0 && !this.#isOver) {
      await this.#awaitChange();
    }
    // A port is in use while an accept is in progress.
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
      if (this.#clients && !this.#clients.admit(transport)) {
        await this.#context.fairness.overdueTurn;
        continue;
      }
      await this.#awaitRoom();
      if (this.#context.isShuttingDown) transport.close();
      else this.#serve(transport);
    }
  }

  /** After its listener has ended, serves the accepted connections. */
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

  /** Waits for room, so that no silent or slow client can lock others out. */
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

/** Milliseconds within which a request in transit reaches an idle connection. */
const LAST_CHANCE = 250;

/** The states in which work is in progress. */
const atWork = new Set<ConnectionState>(["handling", "responding", "upgraded"]);
