/**
 * Answers of the command to try a client with: the text in a path, and the
 * client's own name, both as plain text.
 *
 * @module
 */

import type { Handler, PortableInfo, RouteHandler } from "../handler.ts";
import { decodePath } from "../router/url_path.ts";

/** The author of a link chooses the text, so it must not become a page. */
const plainText: Record<string, string> = {
  "content-type": "text/plain",
  "x-content-type-options": "nosniff",
};

/**
 * Answers with the text that the pattern's `*` matches, percent-decoded (RFC
 * 3986 §2.1), as UTF-8. Throws an HttpError with 400 if it is not
 * percent-encoded UTF-8.
 */
export const echo: RouteHandler<PortableInfo> = (
  _request,
  _info,
  match,
): Response =>
  new Response(decodePath(match.pathname.groups["0"] ?? ""), {
    headers: plainText,
  });

/**
 * Answers with the value of `User-Agent` (RFC 9110 §10.1.5), octet for octet;
 * without that field, with empty content.
 */
export const userAgent: Handler<PortableInfo> = (request): Response => {
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
