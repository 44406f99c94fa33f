/**
 * What a handler is: the web-standard function that `Deno.serve` takes as well.
 *
 * @module
 */

/**
 * What a handler is told beside the request: the info of `Deno.serve`, and
 * optional members that only this server fills in. A handler that does without
 * them runs under both.
 */
export interface HandlerInfo extends Deno.ServeHandlerInfo<Deno.Addr> {
  /** The address of this end of the connection. */
  localAddr?: Deno.Addr;
  /**
   * The request target as it was sent (RFC 9112 §3.2), such as `/a%20b?c`.
   * It is `*` in `OPTIONS *`, whose `request.url` can only say `/`.
   */
  requestTarget?: string;
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
