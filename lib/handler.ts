/**
 * What a handler is: the web-standard function that `Deno.serve` takes as well.
 *
 * @module
 */

/**
 * What a handler is told beside the request: the info of `Deno.serve`, and
 * optional members that only this server fills in. A handler that does without
 * them runs under both.
 *
 * @example A page that lets its style be fetched while it is made
 * ```ts
 * import type { Handler } from "@sluice/http";
 *
 * const page: Handler = async (_request, info) => {
 *   await info.sendInformational?.(103, { link: "</a.css>; rel=preload" });
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
 *       info.responseTrailers?.set("content-digest", "sha-256=:…:");
 *       controller.close();
 *     },
 *   });
 *   return new Response(body, { headers: { trailer: "content-digest" } });
 * };
 * ```
 */
export interface HandlerInfo extends Deno.ServeHandlerInfo<Deno.Addr> {
  /** The address of this end of the connection. */
  localAddr?: Deno.Addr;
  /**
   * The request target as it was sent (RFC 9112 §3.2), such as `/a%20b?c`.
   * It is `*` in `OPTIONS *`, whose `request.url` can only say `/`.
   */
  requestTarget?: string;
  /**
   * The trailer fields of the request (RFC 9110 §6.5), kept apart from its
   * headers; undefined until all of the content has been read, and where no
   * content in chunks came.
   */
  readonly requestTrailers?: Headers;
  /**
   * What is set here, until the body ends, goes out after it as trailer fields
   * (RFC 9110 §6.5): to a client that says `TE: trailers`, and after a body
   * without a Content-Length. Fields that a recipient must know beforehand, such
   * as `content-type`, are left out. Name them in a `Trailer` field of the
   * response, if they are set only later.
   */
  readonly responseTrailers?: Headers;
  /**
   * Sends an interim response (RFC 9110 §15.2), such as 102, 103 or 104, before
   * the one that the handler returns; to a client of HTTP/1.0, nothing.
   *
   * Resolves when it is sent. Rejects with a {@linkcode ConnectionLost} if the
   * client is gone, and with a TypeError if the response has begun; who does not
   * care need not catch it. Throws a RangeError where `status` is not from 102 to
   * 199: 100 goes out by itself when the content is read.
   */
  readonly sendInformational?: (
    status: number,
    headers?: HeadersInit,
  ) => Promise<void>;
}

/**
 * Answers a request. What it throws becomes an error response: an
 * {@linkcode HttpError} its own, anything else a 500.
 *
 * @example
 * ```ts
 * import type { Handler } from "@sluice/http";
 *
 * const hello: Handler = (request) =>
 *   new Response(`Hello from ${new URL(request.url).pathname}`);
 * ```
 */
export type Handler = (
  request: Request,
  info: HandlerInfo,
) => Response | Promise<Response>;

/**
 * A handler that is told how the URL matched its route's pattern as well. Any
 * {@linkcode Handler} is one.
 *
 * @example
 * ```ts
 * import type { RouteHandler } from "@sluice/http";
 *
 * const hello: RouteHandler = (_request, _info, match) =>
 *   new Response(`Hello, ${match.pathname.groups.name}`);
 * ```
 */
export type RouteHandler = (
  request: Request,
  info: HandlerInfo,
  match: URLPatternResult,
) => Response | Promise<Response>;
