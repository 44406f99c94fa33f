/**
 * The rest of a path goes in, the text that it spells comes out.
 *
 * @module
 */

import type { RouteHandler } from "../handler.ts";
import { decodePath } from "../router/url_path.ts";
import { plainText } from "./plain_text.ts";

/**
 * Answers with the text of the path behind the pattern's `*`, percent-decoded
 * (RFC 3986 §2.1), as UTF-8 in `text/plain`. Throws an {@linkcode HttpError}
 * with 400 when that is no percent-encoded UTF-8.
 *
 * @example
 * ```ts
 * import { echo, type HandlerInfo, route } from "@sluice/http";
 * import { assertEquals } from "@std/assert";
 *
 * const pattern = new URLPattern({ pathname: "/echo/*" });
 * const handler = route([{ method: "GET", pattern, handler: echo }]);
 *
 * const info: HandlerInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * const request = new Request("http://localhost/echo/a%20cup");
 * assertEquals(await (await handler(request, info)).text(), "a cup");
 * ```
 */
export const echo: RouteHandler = (_request, _info, match): Response =>
  new Response(decodePath(match.pathname.groups["0"] ?? ""), {
    headers: plainText,
  });
