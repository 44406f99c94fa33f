/**
 * Turns a table of routes into one handler, which itself answers 404, 405 and
 * `OPTIONS`. It runs under `serve` and `Deno.serve` alike.
 *
 * @example Two methods of one resource
 * ```ts
 * import { serve } from "@sluice/http";
 * import { on, route } from "@sluice/http/router";
 * import { assertEquals } from "@std/assert";
 *
 * const notes = new Map<string, string>();
 *
 * const handler = route([
 *   on("GET", "/notes/:id", (_request, { id }) =>
 *     new Response(notes.get(id) ?? "Nothing yet")),
 *   on("PUT", "/notes/:id", async (request, { id }) => {
 *     notes.set(id, await request.text());
 *     return new Response(null, { status: 204 });
 *   }),
 * ]);
 *
 * const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
 * await using server = serve(options, handler);
 * const url = `http://127.0.0.1:${server.addr.port}/notes/7`;
 * await fetch(url, { method: "PUT", body: "Buy tea" });
 * assertEquals(await (await fetch(url)).text(), "Buy tea");
 * ```
 *
 * @module
 */
export type { RouteHandler } from "../handler.ts";
export type { PathParameters } from "./path_parameters.ts";
export { mount, on, type Route, route } from "./router.ts";
