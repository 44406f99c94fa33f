/**
 * The door to the server: what it may be told, and the ways to start it.
 *
 * In: options and a handler. Out: an `HttpServer`, which runs until it is shut
 * down; `http_server.ts` is what it does meanwhile.
 *
 * @module
 */
import type { Exchange } from "../exchange.ts";
import type { ConnectHandler, Handler } from "../handler.ts";
import type { Limits, Timeouts } from "../limits.ts";
import type { Observer } from "../observer.ts";
import type { ListenOptions } from "./acceptor.ts";
import type { ErrorResponse } from "./error_response.ts";
import { type HttpServer, ListeningServer } from "./http_server.ts";

/**
 * Options of {@linkcode serve}. Those that `Deno.serve` has too mean the same.
 *
 * No callback can end the process or harm another connection: what one throws, or
 * a promise that it returns rejects with, is logged with the method and path of
 * the request; in place of what is no Response, the client gets a 500.
 */
export interface ServeOptions<Addr extends Deno.Addr = Deno.NetAddr>
  extends ListenOptions {
  /** Shuts the server down when it is aborted. */
  signal?: AbortSignal;
  /**
   * Called once the server listens at an address. What it throws, `serve` throws,
   * after it has closed the port. Default: print it.
   */
  onListen?: (addr: Addr) => void;
  /**
   * Answers what a handler throws, other than an {@linkcode HttpError}.
   * Default: log it with the request's method and path, and answer 500 without
   * any detail.
   */
  onError?: (error: unknown) => Response | Promise<Response>;
  /**
   * Makes the response for an {@linkcode HttpError}: the handler's, and the
   * server's own, such as a 400 or 408 that no handler ever sees. `accept` is
   * the Accept field, if there was one. Default: JSON (RFC 9457) for a client
   * that prefers it, a page for a browser, else a line of text.
   */
  errorResponse?: ErrorResponse;
  /** Answers CONNECT. Default: it is refused with 501. */
  connect?: ConnectHandler;
  /** Called when an exchange is over, for logs and metrics. Default: nothing. */
  onExchange?: (exchange: Exchange) => void;
  /** Sees all octets as they cross the wire. Default: nobody, at no cost. */
  observer?: Observer;
  /** Sizes and counts that differ from {@linkcode defaultLimits}. */
  limits?: Partial<Limits>;
  /** Durations that differ from {@linkcode defaultTimeouts}. */
  timeouts?: Partial<Timeouts>;
}

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
  first: AnyOptions & { handler?: Handler } | Handler,
  second?: Handler,
): HttpServer<Deno.NetAddr & Deno.UnixAddr> {
  const [options, handler] = typeof first === "function"
    ? [{}, first]
    : [first, second ?? first.handler];
  if (typeof handler !== "function") {
    throw new TypeError("Cannot serve: the handler must be a function");
  }
  return new ListeningServer(options, handler);
}

// deno-lint-ignore no-explicit-any -- the overloads say which it is
type AnyOptions = ServeOptions<any>;
