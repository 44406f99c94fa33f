/**
 * Makes one handler from a table of routes. It knows methods and patterns, and
 * the answers that follow from these alone: 404, 405, 501 and OPTIONS. It does
 * not know what a resource is, nor how a message is sent.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import type {
  Handler,
  HandlerInfo,
  PortableInfo,
  RouteHandler,
} from "../handler.ts";
import { findTelemetry, SPAN, type Span, spanName } from "../telemetry.ts";
import type { PathParameters } from "./path_parameters.ts";
import {
  isPathAlone,
  readPattern,
  type RoutePattern,
} from "./plain_pattern.ts";
import { RouteIndex } from "./route_index.ts";
import { decodePath, pathOf } from "./url_path.ts";

export type { PathParameters, RouteHandler };

/**
 * One entry of the table that {@linkcode route} takes.
 *
 * @typeParam Info The info that its handler needs.
 */
export interface Route<Info extends PortableInfo = HandlerInfo> {
  /**
   * The method or methods it accepts; their case matters (RFC 9110 §9.1).
   * Default: every method. `GET` includes `HEAD`.
   */
  method?: string | string[];
  /**
   * The URLs it accepts. A string is the pattern of a path, in the syntax of
   * URLPattern: `/notes/:id`, `/files/*`.
   */
  pattern: URLPattern | string;
  /** Answers the requests that match. */
  handler: RouteHandler<Info>;
}

/**
 * The methods of RFC 9110 §9.3 and RFC 5789 that a Request can carry: `Allow`
 * lists them for a route that accepts every method.
 */
const requestMethods = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "OPTIONS",
  "PATCH",
];

/** A route, prepared for matching. */
interface PreparedRoute<Info extends PortableInfo> extends RoutePattern {
  /** Undefined accepts every method. */
  methods?: string[];
  handler: RouteHandler<Info>;
}

/**
 * Makes one handler from a table of routes. The first route that accepts both
 * the URL and the method answers; the size of the table matters little.
 *
 * - No pattern matches: the fallback answers; without one, 404 (RFC 9110
 *   §15.5.5).
 * - Patterns match, but no method does: 405 with `Allow` (RFC 9110 §15.5.6).
 * - `OPTIONS` that no route accepts: 204 with `Allow`; `OPTIONS *` lists the
 *   methods of all routes (RFC 9110 §9.3.7).
 * - `HEAD` goes unchanged to the route for `GET`; the server omits the content
 *   (RFC 9110 §9.3.2). Put a route for `HEAD` itself above that one.
 * - A method that neither a route nor RFC 9110 §9.3 knows: 501 for any path
 *   (RFC 9110 §15.6.2).
 *
 * @example Two methods of one resource
 * ```ts
 * import type { PortableInfo } from "@sluice/http";
 * import { route } from "@sluice/http/router";
 * import { assertEquals } from "@std/assert";
 *
 * const notes: string[] = [];
 * const pattern = new URLPattern({ pathname: "/notes" });
 * const handler = route([
 *   { method: "GET", pattern, handler: () => Response.json(notes) },
 *   {
 *     method: "POST",
 *     pattern,
 *     handler: async (request) => {
 *       notes.push(await request.text());
 *       return new Response(null, { status: 204 });
 *     },
 *   },
 * ]);
 *
 * const info: PortableInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * const request = new Request("http://localhost/notes", { method: "OPTIONS" });
 * const response = await handler(request, info);
 * assertEquals(response.headers.get("allow"), "GET, HEAD, POST, OPTIONS");
 * ```
 *
 * @typeParam Info The info that the handlers need; inferred from them, or from
 * the server that the table is written for.
 * @param routes The table; later changes to the array have no effect.
 * @param fallback Answers every URL that no pattern matches, for any method.
 * Default: none.
 * @returns A handler that throws an {@linkcode HttpError} with 404, 405 or 501.
 */
export function route<Info extends PortableInfo = PortableInfo>(
  routes: Route<Info>[],
  fallback?: Handler<Info>,
): Handler<Info> {
  const table = routes.map(prepare);
  const index = new RouteIndex(table);
  const known = new Set([
    ...requestMethods,
    "CONNECT",
    "TRACE",
    ...table.flatMap(({ methods }) => methods ?? []),
  ]);
  return (request, info) => {
    const { method, url } = request;
    if (method === "OPTIONS" && info.requestTarget === "*") {
      return options(table);
    }
    const path = pathOf(url);
    const matching: PreparedRoute<Info>[] = [];
    for (const candidate of index.candidates(path)) {
      const match = candidate.match(url, path);
      if (match === null) continue;
      if (candidate.methods?.includes(method) ?? true) {
        return candidate.handler(request, info, match);
      }
      matching.push(candidate);
    }
    const isFound = matching.length > 0;
    if (!isFound && fallback) return fallback(request, info);
    if (!known.has(method)) {
      throw new HttpError(501, "This server does not know this method");
    }
    if (!isFound) throw new HttpError(404, "There is nothing at this path");
    if (method === "OPTIONS") return options(matching);
    throw new HttpError(405, "This method is not allowed at this path", {
      headers: { allow: allowed(matching) },
    });
  };
}

function prepare<Info extends PortableInfo>(
  route: Route<Info>,
): PreparedRoute<Info> {
  const { pattern } = route;
  if (typeof pattern === "string") refuseRelative(pattern);
  const handler = named(route);
  return { ...readPattern(pattern), methods: methodsOf(route), handler };
}

/** If requests are traced, tells the span of each which route answers. */
function named<Info extends PortableInfo>(
  { pattern, handler }: Route<Info>,
): RouteHandler<Info> {
  const telemetry = findTelemetry();
  if (!telemetry) return handler;
  const path = typeof pattern === "string" ? pattern : pattern.pathname;
  return (request, info, match) => {
    const span = telemetry.context.active().getValue(SPAN) as Span | undefined;
    span?.setAttribute("http.route", path);
    span?.updateName(spanName(request.method, path));
    return handler(request, info, match);
  };
}

function refuseRelative(pattern: string): void {
  if (beginsWithSlash.test(pattern)) return;
  throw new TypeError(
    `Cannot route a path that does not begin with /: got "${pattern}"`,
  );
}

/** The `/` that begins a path may stand in a group. */
const beginsWithSlash = /^\{?\//;

/**
 * Puts routes below a path, to nest one table in another. The outer table
 * answers with 404, 405 and `Allow`.
 *
 * @example
 * ```ts
 * import type { PortableInfo } from "@sluice/http";
 * import { mount, type Route, route } from "@sluice/http/router";
 * import { assertEquals } from "@std/assert";
 *
 * const notes: Route<PortableInfo>[] = [
 *   { method: "GET", pattern: "/notes/:id", handler: () => new Response("a note") },
 * ];
 * const handler = route([...mount("/api/v1", notes), ...mount("/api/v2", notes)]);
 *
 * const info: PortableInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * const request = new Request("http://localhost/api/v2/notes/7");
 * assertEquals(await (await handler(request, info)).text(), "a note");
 * ```
 *
 * @typeParam Info The info that the handlers need.
 * @param path The path above, without `/` at its end; it may have parameters.
 * @param routes The table, whose patterns are only paths.
 * @returns The same routes, with longer patterns.
 * @throws {TypeError} If a pattern is more than a path, a path does not begin
 * with `/`, or `path` ends with `/`.
 */
export function mount<Info extends PortableInfo = PortableInfo>(
  path: string,
  routes: Route<Info>[],
): Route<Info>[] {
  if (!beginsWithSlash.test(path) || path.endsWith("/")) {
    throw new TypeError(
      `Cannot mount below path: got "${path}", write it like /a/b`,
    );
  }
  return routes.map((route) => {
    const pattern = urlPatternOf(route);
    const { pathname } = pattern;
    if (!beginsWithSlash.test(pathname) || !isPathAlone(pattern)) {
      throw new TypeError(
        `Cannot mount a pattern that is more than a path: got "${pathname}"`,
      );
    }
    return { ...route, pattern: path + pathname };
  });
}

/**
 * Makes a route whose handler gets the decoded parameters of the path, with
 * their names checked by TypeScript.
 *
 * @example
 * ```ts
 * import type { PortableInfo } from "@sluice/http";
 * import { on, route } from "@sluice/http/router";
 * import { assertEquals } from "@std/assert";
 *
 * const handler = route([
 *   on("GET", "/users/:user/notes/:note", (_request, { user, note }) =>
 *     new Response(`${note} by ${user}`)),
 * ]);
 *
 * const info: PortableInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * const request = new Request("http://localhost/users/Zo%C3%AB/notes/7");
 * assertEquals(await (await handler(request, info)).text(), "7 by Zoë");
 * ```
 *
 * @typeParam Path The path itself, which holds the names.
 * @typeParam Info The info that the handler needs.
 * @param method The method or methods, as in a {@linkcode Route}.
 * @param path Plain segments and parameters: `/users/:user`.
 * @param handler Answers the requests that match. A path that is not
 * percent-encoded UTF-8 is refused with 400 first.
 */
export function on<
  Path extends string,
  Info extends PortableInfo = PortableInfo,
>(
  method: string | string[],
  path: Path,
  handler: (
    request: Request,
    parameters: PathParameters<Path>,
    info: Info,
  ) => Response | Promise<Response>,
): Route<Info> {
  return {
    method,
    pattern: path,
    handler: (request, info, match) => {
      const parameters = Object.fromEntries(
        Object.entries(match.pathname.groups)
          .map(([name, value]) => [name, decodePath(value ?? "")]),
      );
      return handler(request, parameters as PathParameters<Path>, info);
    },
  };
}

function urlPatternOf({ pattern }: Pick<Route, "pattern">): URLPattern {
  if (typeof pattern !== "string") return pattern;
  refuseRelative(pattern);
  return new URLPattern({ pathname: pattern });
}

function methodsOf({ method }: Pick<Route, "method">): string[] | undefined {
  if (method === undefined) return undefined;
  return [method].flat().flatMap((one) => one === "GET" ? [one, "HEAD"] : one);
}

function options(routes: { methods?: string[] }[]): Response {
  return new Response(null, {
    status: 204,
    headers: { allow: allowed(routes) },
  });
}

/** The value of `Allow`; it contains OPTIONS, which every path answers. */
function allowed(routes: { methods?: string[] }[]): string {
  const methods = routes.flatMap(({ methods }) => methods ?? requestMethods);
  return [...new Set([...methods, "OPTIONS"])].join(", ");
}
