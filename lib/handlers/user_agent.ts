/**
 * A request goes in, the value of its User-Agent field comes out.
 *
 * @module
 */

import type { Handler } from "../handler.ts";
import { plainText } from "./plain_text.ts";

/**
 * Answers with the value of `User-Agent` (RFC 9110 §10.1.5), octet for octet,
 * in `text/plain`; without that field, with nothing.
 *
 * @example
 * ```ts
 * import { type HandlerInfo, userAgent } from "@sluice/http";
 * import { assertEquals } from "@std/assert";
 *
 * const info: HandlerInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * const request = new Request("http://localhost/user-agent", {
 *   headers: { "user-agent": "foobar/1.2.3" },
 * });
 * const response = await userAgent(request, info);
 * assertEquals(await response.text(), "foobar/1.2.3");
 * ```
 */
export const userAgent: Handler = (request): Response => {
  const value = request.headers.get("user-agent") ?? "";
  return new Response(octetsOf(value), { headers: plainText });
};

/**
 * Headers hold one character for each octet. A string body is encoded as UTF-8,
 * and every octet above 0x7F would become two.
 */
function octetsOf(value: string): BodyInit {
  return /[^\0-\x7f]/.test(value)
    ? Uint8Array.from(value, (char) => char.charCodeAt(0))
    : value;
}
