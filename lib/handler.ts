/**
 * The handler: the web-standard function that `Deno.serve` also takes, the info
 * it gets beside the Request, how it leaves HTTP, and how its errors are
 * answered.
 *
 * @module
 */

/** Options of `info.upgrade`. */
export interface UpgradeOptions {
  /**
   * The protocol, such as `websocket`: one of those that the request's `Upgrade`
   * field names. Not for CONNECT.
   */
  protocol?: string;
  /** Fields of the response in addition to `Connection` and `Upgrade`. */
  headers?: HeadersInit;
}

/** A connection that continues with another protocol. */
export interface Upgraded {
  /** The response to return from the handler: 101, or 200 to CONNECT. */
  readonly response: Response;
  /**
   * The raw octets after the request's head, once the response is sent. Both
   * streams fail if the handler returns another response, or the client leaves
   * first.
   */
  readonly socket: {
    readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
    readonly writable: WritableStream<Uint8Array>;
    readonly remoteAddr: Deno.Addr;
    readonly localAddr: Deno.Addr;
  };
}

/**
 * The info that a handler gets beside the request: that of `Deno.serve`, and
 * more. A handler that also runs under `Deno.serve` takes a
 * {@linkcode PortableInfo}.
 *
 * @example A page whose style sheet loads while the page is made
 * ```ts
 * import type { Handler } from "@sluice/http";
 *
 * const page: Handler = async (_request, info) => {
 *   await info.sendInformational(103, { link: "</a.css>; rel=preload" });
 *   return new Response("<!doctype html>…");
 * };
 * ```
 *
 * @example Content followed by its digest
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
   * Resolves when the response is sent. Rejects if it cannot be sent, with a
   * {@linkcode ConnectionLost} if the client is gone. The rejection may be
   * ignored, even after `then`: `completed.then(count)` does not end the
   * process, and errors of `count` are logged.
   */
  readonly completed: Promise<void>;
  /** The local address of the connection. */
  readonly localAddr: Deno.Addr;
  /**
   * The remote address of the connection, or the one that a PROXY header names
   * in its place. It differs from `remoteAddr` if a trusted proxy has told the
   * address of its client.
   */
  readonly peerAddr: Deno.Addr;
  /**
   * The request target as it was sent (RFC 9112 §3.2), such as `/a%20b?c`.
   * It is `*` in `OPTIONS *`, whose `request.url` can only say `/`.
   */
  readonly requestTarget: string;
  /**
   * The field lines of the request as they were sent: separate, in their order
   * and in their case (RFC 9110 §5.2, §5.3). They are frozen.
   */
  readonly fieldLines: readonly (readonly [name: string, value: string])[];
  /**
   * The trailer fields of the request (RFC 9110 §6.5), separate from its
   * headers. Undefined until all of the content has been read, and if the
   * content is not chunked.
   */
  readonly requestTrailers: Headers | undefined;
  /**
   * Trailer fields to send after the body (RFC 9110 §6.5). Set them before the
   * body ends. They are sent to a client that says `TE: trailers`, after a body
   * without a Content-Length. Fields that a recipient must know beforehand,
   * such as `content-type`, are left out. Name fields that are set late in a
   * `Trailer` field of the response.
   */
  readonly responseTrailers: Headers;
  /**
   * Sends an interim response (RFC 9110 §15.2), such as 102, 103 or 104, before
   * the one that the handler returns. A client of HTTP/1.0 gets none. Send none
   * behind a proxy that does not forward it: nginx with
   * `proxy_http_version 1.1` takes it for the final response, and makes its
   * client wait.
   *
   * Resolves when it is sent. Rejects with a {@linkcode ConnectionLost} if the
   * client is gone, and with a TypeError if the response has begun; the
   * rejection may be ignored. Throws a RangeError if `status` is not from 102
   * to 199: 100 is sent automatically when the content is read.
   */
  readonly sendInformational: (
    status: number,
    headers?: HeadersInit,
  ) => Promise<void>;
  /**
   * Leaves HTTP: the connection continues with a protocol that the client asks
   * for (RFC 9110 §7.8), or as the tunnel of a CONNECT (RFC 9110 §9.3.6). From
   * then on only `timeouts.write` applies, and a shutdown waits for its end as
   * long as for a response. For WebSockets, use `Deno.upgradeWebSocket`.
   *
   * Throws an {@linkcode HttpError} with 426 if the client does not ask for the
   * protocol. Throws a TypeError if no protocol is named, the request has
   * unread content, or it was called before.
   */
  readonly upgrade: (options?: UpgradeOptions) => Upgraded;
}

/**
 * The info that a handler gets under {@linkcode serve} and under `Deno.serve`,
 * which provides only two of its members. `route`, `compress` and the other
 * functions that wrap handlers take handlers of either kind, and return the
 * same kind.
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
 * Answers a request. Its errors become error responses: an
 * {@linkcode HttpError} gives its own status, any other error 500.
 *
 * `Deno.upgradeWebSocket(request)` works as under `Deno.serve`, over TCP, TLS
 * and Unix sockets: the WebSocket is Deno's own, on the connection of the
 * request. Over TLS the server carries it over a connection to itself, which
 * needs `--allow-net=127.0.0.1`. A shutdown closes it with 1001 and waits a
 * second for the client's answer. Where this is impossible, as on a pair of
 * streams, the call throws a TypeError that names `info.upgrade`.
 *
 * An unhandled rejection in a handler ends the process, as usual. The exception
 * is a {@linkcode ConnectionLost} or {@linkcode ProtocolError} that the client
 * causes, by leaving or by sending less than announced.
 *
 * `request.signal` aborts if the client is gone before it has the response:
 * when it resets the connection, reads nothing for `timeouts.write`, or is cut
 * off at the end of a shutdown. A FIN does not abort it, because a client that
 * has sent one still reads (RFC 9112 §9.6); the server then waits for it as
 * long as for an idle one. Read the content first: while some of it is unread,
 * the server does not watch the client, and only a write shows that it is gone.
 *
 * @example A WebSocket that echoes messages
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
 * @typeParam Info The info that it needs: all that {@linkcode serve} provides,
 * or less.
 */
export type Handler<Info extends PortableInfo = HandlerInfo> = (
  request: Request,
  info: Info,
) => Response | Promise<Response>;

/**
 * A handler that also gets the match of its route's pattern. Any
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
 * @typeParam Info As for a {@linkcode Handler}.
 */
export type RouteHandler<Info extends PortableInfo = HandlerInfo> = (
  request: Request,
  info: Info,
  match: URLPatternResult,
) => Response | Promise<Response>;

/** A handler with or without the match. */
export type AnyHandler<Info, Match extends [URLPatternResult?]> = (
  request: Request,
  info: Info,
  ...match: Match
) => Response | Promise<Response>;

/**
 * Answers CONNECT (RFC 9110 §9.3.6), which no `Request` can carry.
 *
 * @example A tunnel to one host only
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
 * @param authority The host and port to connect to, as sent.
 */
export type ConnectHandler = (
  authority: string,
  info: HandlerInfo,
) => Response | Promise<Response>;
