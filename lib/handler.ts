/**
 * The handler: the web-standard function that `Deno.serve` takes as well; what
 * it is told beside the Request; how it leaves HTTP; and what becomes of what
 * it throws.
 *
 * @module
 */

/** What to upgrade to. */
export interface UpgradeOptions {
  /**
   * The protocol, such as `websocket`: one of those that the request's `Upgrade`
   * field names. Not for CONNECT.
   */
  protocol?: string;
  /** Fields of the response beside `Connection` and `Upgrade`. */
  headers?: HeadersInit;
}

/** A connection that goes on with another protocol. */
export interface Upgraded {
  /** To be returned by the handler: 101, or 200 to CONNECT. */
  readonly response: Response;
  /**
   * The raw octets, from behind the request's head on, as soon as the response
   * has gone out. Both streams fail if the handler returns another response, or
   * the client is gone before.
   */
  readonly socket: {
    readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
    readonly writable: WritableStream<Uint8Array>;
    readonly remoteAddr: Deno.Addr;
    readonly localAddr: Deno.Addr;
  };
}

/**
 * What a handler is told beside the request: the info of `Deno.serve`, and more.
 * A handler that shall run under `Deno.serve` too takes a
 * {@linkcode PortableInfo}.
 *
 * @example A page that lets its style be fetched while it is made
 * ```ts
 * import type { Handler } from "@sluice/http";
 *
 * const page: Handler = async (_request, info) => {
 *   await info.sendInformational(103, { link: "</a.css>; rel=preload" });
 *   return new Response("<!doctype html>…");
 * };
 * ```
 *
 * @example Content with its digest behind it
 * ```ts
 * import type { Handler } from "@sluice/http";
 *
 * const digested: Handler = (_request, info) => {
 *   const body = new ReadableStream<Uint8Array>({
 *     pull(controller) {
 *       controller.enqueue(new TextEncoder().encode("all of it"));
 *       info.responseTrailers.set("content-digest", "sha-256=:…:");
 *       controller.close();
 *     },
 *   });
 *   return new Response(body, { headers: { trailer: "content-digest" } });
 * };
 * ```
 */
export interface HandlerInfo extends Deno.ServeHandlerInfo {
  /**
   * Resolves when the response is sent, and rejects when it could not be, with a
   * {@linkcode ConnectionLost} if the client is gone. The rejection may be
   * ignored, also after `then`: `completed.then(count)` ends no process, and what
   * `count` throws is logged.
   */
  readonly completed: Promise<void>;
  /** The address of this end of the connection. */
  readonly localAddr: Deno.Addr;
  /**
   * The request target as it was sent (RFC 9112 §3.2), such as `/a%20b?c`.
   * It is `*` in `OPTIONS *`, whose `request.url` can only say `/`.
   */
  readonly requestTarget: string;
  /**
   * The field lines of the request as they were sent: in their order, each by
   * itself, and in their case (RFC 9110 §5.2, §5.3). They are frozen.
   */
  readonly fieldLines: readonly (readonly [name: string, value: string])[];
  /**
   * The trailer fields of the request (RFC 9110 §6.5), kept apart from its
   * headers; undefined until all of the content has been read, and where no
   * content in chunks came.
   */
  readonly requestTrailers: Headers | undefined;
  /**
   * What is set here, until the body ends, goes out after it as trailer fields
   * (RFC 9110 §6.5): to a client that says `TE: trailers`, and after a body
   * without a Content-Length. Fields that a recipient must know beforehand, such
   * as `content-type`, are left out. Name them in a `Trailer` field of the
   * response, if they are set only later.
   */
  readonly responseTrailers: Headers;
  /**
   * Sends an interim response (RFC 9110 §15.2), such as 102, 103 or 104, before
   * the one that the handler returns; to a client of HTTP/1.0, nothing. Not every
   * proxy passes it on: nginx with `proxy_http_version 1.1` takes it for the final
   * response, and makes its client wait. Behind such a proxy send none.
   *
   * Resolves when it is sent. Rejects with a {@linkcode ConnectionLost} if the
   * client is gone, and with a TypeError if the response has begun; the rejection
   * may be ignored. Throws a RangeError where `status` is not from 102 to
   * 199: 100 goes out by itself when the content is read.
   */
  readonly sendInformational: (
    status: number,
    headers?: HeadersInit,
  ) => Promise<void>;
  /**
   * Leaves HTTP: the connection goes on with a protocol that the client asks for
   * (RFC 9110 §7.8), or as the tunnel of a CONNECT (RFC 9110 §9.3.6). From then on
   * only `timeouts.write` holds, and a shutdown waits for its end as long as for
   * a response. For WebSockets there is `Deno.upgradeWebSocket`.
   *
   * Throws an {@linkcode HttpError} with 426 where the client does not ask for
   * the protocol, and a TypeError where none is named, the request has content
   * that was not read, or it was called before.
   */
  readonly upgrade: (options?: UpgradeOptions) => Upgraded;
}

/**
 * What a handler is told under {@linkcode serve} and under `Deno.serve`, which
 * leaves out all but two of its members. `route`, `compress` and the other
 * functions that make a handler of handlers take handlers of either kind, and give
 * back the same.
 *
 * @example A handler for both servers
 * ```ts
 * import { type Handler, type PortableInfo, serve } from "@sluice/http";
 * import { assertEquals } from "@std/assert";
 *
 * const handler: Handler<PortableInfo> = (request, info) =>
 *   new Response(info.requestTarget ?? new URL(request.url).pathname);
 *
 * const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
 * await using ours = serve(options, handler);
 * await using deno = Deno.serve(options, handler);
 * for (const { addr } of [ours, deno]) {
 *   const response = await fetch(`http://127.0.0.1:${addr.port}/hello`);
 *   assertEquals(await response.text(), "/hello");
 * }
 * ```
 */
export interface PortableInfo
  extends
    Deno.ServeHandlerInfo,
    Partial<Omit<HandlerInfo, keyof Deno.ServeHandlerInfo>> {}

/**
 * Answers a request. What it throws becomes an error response: an
 * {@linkcode HttpError} its own, anything else a 500.
 *
 * `Deno.upgradeWebSocket(request)` works as under `Deno.serve`, over TCP, TLS and
 * Unix sockets: the WebSocket is Deno's own, on the connection of the request. A
 * shutdown closes it with 1001 and waits a second for the client's answer. Where
 * this can't be, as on a pair of streams, the call throws a TypeError that names
 * `info.upgrade`.
 *
 * A promise that it does not look after ends the process, as ever, but not where a
 * client has made it reject with a {@linkcode ConnectionLost} or a
 * {@linkcode ProtocolError}: by leaving, or by sending less than it said.
 *
 * `request.signal` aborts when the client is gone before it has the response:
 * when it resets the connection, takes nothing for `timeouts.write`, or is given
 * up at the end of a shutdown. A FIN is none of these, as who has sent it still
 * reads (RFC 9112 §9.6); after it the client is waited for as long as an idle
 * one. Read the content first: as long as some of it is not read, nothing is
 * looked for from the client, and that it is gone is only seen by sending to it.
 *
 * @example A WebSocket that sends back what it gets
 * ```ts
 * import { serve } from "@sluice/http";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve(
 *   { port: 0, hostname: "127.0.0.1", onListen() {} },
 *   (request) => {
 *     const { socket, response } = Deno.upgradeWebSocket(request);
 *     socket.onmessage = ({ data }) => socket.send(data);
 *     return response;
 *   },
 * );
 * const client = new WebSocket(`ws://127.0.0.1:${server.addr.port}/`);
 * client.onopen = () => client.send("hello");
 * const { data } = await new Promise<MessageEvent>((resolve) =>
 *   client.onmessage = resolve
 * );
 * assertEquals(data, "hello");
 * client.close();
 * ```
 *
 * @example
 * ```ts
 * import type { Handler } from "@sluice/http";
 *
 * const hello: Handler = (request) =>
 *   new Response(`Hello from ${new URL(request.url).pathname}`);
 * ```
 *
 * @typeParam Info What it must be told: all that {@linkcode serve} tells, or less.
 */
export type Handler<Info extends PortableInfo = HandlerInfo> = (
  request: Request,
  info: Info,
) => Response | Promise<Response>;

/**
 * A handler that is told how the URL matched its route's pattern as well. Any
 * {@linkcode Handler} is one.
 *
 * @example
 * ```ts
 * import type { RouteHandler } from "@sluice/http/router";
 *
 * const hello: RouteHandler = (_request, _info, match) =>
 *   new Response(`Hello, ${match.pathname.groups.name}`);
 * ```
 *
 * @typeParam Info As a {@linkcode Handler} has it.
 */
export type RouteHandler<Info extends PortableInfo = HandlerInfo> = (
  request: Request,
  info: Info,
  match: URLPatternResult,
) => Response | Promise<Response>;

/** Either of the two. */
export type AnyHandler<Info, Match extends [URLPatternResult?]> = (
  request: Request,
  info: Info,
  ...match: Match
) => Response | Promise<Response>;

/**
 * Answers CONNECT (RFC 9110 §9.3.6), which no `Request` can carry.
 *
 * @example A tunnel to one host, and to no other
 * ```ts
 * import { type ConnectHandler, HttpError } from "@sluice/http";
 *
 * const connect: ConnectHandler = async (authority, info) => {
 *   if (authority !== "example.com:443") {
 *     throw new HttpError(403, "There is no tunnel to that host");
 *   }
 *   const there = await Deno.connect({ hostname: "example.com", port: 443 });
 *   const { response, socket } = info.upgrade();
 *   socket.readable.pipeTo(there.writable).catch(() => {});
 *   there.readable.pipeTo(socket.writable).catch(() => {});
 *   return response;
 * };
 * ```
 *
 * @param authority The host and port to connect to, as they were sent.
 */
export type ConnectHandler = (
  authority: string,
  info: HandlerInfo,
) => Response | Promise<Response>;
