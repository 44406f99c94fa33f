/**
 * Lets clients bring files and nothing else: what `--upload-only` makes of the
 * handler of uploads. It touches no file itself.
 *
 * @module
 */

import type { RouteHandler } from "../handler.ts";

/**
 * Wraps a handler of uploads so that it replaces nothing: each request is
 * treated as if it had `If-None-Match: *`, and each form `?existing=keep`, and
 * gets 412 (RFC 9110 §13.1.2) where there is a file already.
 *
 * @param onCopy Learns which request stands in for which.
 */
export function onlyNew(
  upload: RouteHandler<Deno.ServeHandlerInfo>,
  prefix: string,
  onCopy?: (request: Request, copy: Request) => void,
): RouteHandler<Deno.ServeHandlerInfo> {
  const received = `${prefix}/?received`;
  return async (request, info, match) => {
    const headers = new Headers(request.headers);
    headers.set("if-none-match", "*");
    const url = new URL(request.url);
    url.searchParams.set("existing", "keep");
    const asked = new Request(request, { headers });
    const copy = new Request(url, asked);
    onCopy?.(request, copy);
    const response = await upload(copy, info, match);
    // The path of a form may be a directory that nobody is shown.
    if (response.status === 303) response.headers.set("location", received);
    return response;
  };
}
