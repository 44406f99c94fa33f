/**
 * Functions that wrap a handler in one that does more. The handlers run under
 * `serve`, under `Deno.serve` and below any router.
 *
 * @example Compressed, within a time, and only for pages of this site
 * ```ts
 * import { serve } from "@sluice/http";
 * import { compress, csrf, timeout } from "@sluice/http/handlers";
 * import { assertEquals } from "@std/assert";
 *
 * const handler = csrf(timeout(5_000, compress(() => Response.json(["tea"]))));
 *
 * const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
 * await using server = serve(options, handler);
 * const url = `http://127.0.0.1:${server.addr.port}/`;
 * assertEquals(await (await fetch(url)).json(), ["tea"]);
 *
 * const refused = await fetch(url, {
 *   method: "POST",
 *   headers: { "sec-fetch-site": "cross-site" },
 * });
 * assertEquals(refused.status, 403);
 * await refused.body?.cancel();
 * ```
 *
 * @module
 */
export { compress } from "./compression.ts";
export { csrf } from "./csrf.ts";
export { timeout } from "./timeout.ts";
