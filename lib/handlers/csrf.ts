/**
 * Wraps a handler so that it refuses requests that pages of other sites make a
 * browser send. It trusts the fields that browsers set, and clients that are
 * not browsers.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import type { Handler, PortableInfo } from "../handler.ts";

/** Methods that change nothing (RFC 9110 §9.2.1). */
const safeMethods = ["GET", "HEAD", "OPTIONS"];

/**
 * Refuses changes that pages of other sites request. Any web page can make a
 * browser POST to a server on its own machine or network, without reading the
 * answer. So a request whose method is not safe is refused with 403 if
 *
 * - `Sec-Fetch-Site` is neither `same-origin` nor `none` (Fetch Metadata §2.3),
 * - or `Origin` names another host or port than the request does (RFC 6454 §7).
 *   The scheme may differ, because a proxy in front may speak TLS.
 *
 * A client that sends neither field, such as curl, is served.
 *
 * @example
 * ```ts
 * import { HttpError, type PortableInfo } from "@sluice/http";
 * import { csrf } from "@sluice/http/handlers";
 * import { assertThrows } from "@std/assert";
 *
 * const handler = csrf(() => new Response("Done"));
 *
 * const info: PortableInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * const request = new Request("http://localhost:4221/", {
 *   method: "POST",
 *   headers: { origin: "https://elsewhere.example" },
 * });
 * assertThrows(() => handler(request, info), HttpError, "another site");
 * ```
 *
 * @typeParam Info The info that the handler needs.
 * @param handler Answers the other requests.
 * @returns A handler that throws an {@linkcode HttpError} with 403.
 */
export function csrf<Info extends PortableInfo = PortableInfo>(
  handler: Handler<Info>,
): Handler<Info> {
  return (request, info) => {
    if (!safeMethods.includes(request.method) && isCrossSite(request)) {
      throw new HttpError(
        403,
        "A page of another site must not change anything here",
      );
    }
    return handler(request, info);
  };
}

function isCrossSite({ headers, url }: Request): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return true;
  const origin = headers.get("origin");
  return origin !== null && hostOf(origin) !== hostOf(url);
}

/** Host and port, a scheme's default port left out; nothing for `null`. */
function hostOf(url: string): string | undefined {
  return URL.parse(url)?.host;
}
