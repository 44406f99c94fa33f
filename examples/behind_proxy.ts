/**
 * A log that tells who the client is, although a proxy stands in front. Anybody can
 * send `X-Forwarded-For`; it is believed from the proxy alone.
 */

import { type Handler, serve } from "../mod.ts";

/** The address of the client: the last one that the proxy has added. */
export function clientOf(
  request: Request,
  remoteAddr: Deno.Addr,
  proxies: ReadonlySet<string>,
): string {
  const peer = "hostname" in remoteAddr ? remoteAddr.hostname : "local";
  const forwarded = request.headers.get("x-forwarded-for");
  if (!proxies.has(peer) || forwarded === null) return peer;
  return forwarded.split(",").at(-1)!.trim();
}

/** Logs each request once its response has been sent, or has not. */
export function logged(
  handler: Handler,
  proxies: ReadonlySet<string>,
  log: (line: string) => void,
): Handler {
  return async (request, info) => {
    const client = clientOf(request, info.remoteAddr, proxies);
    const response = await handler(request, info);
    const line =
      `${client} ${request.method} ${info.requestTarget} ${response.status}`;
    info.completed.then(() => log(line), () => log(`${line} (broken off)`));
    return response;
  };
}

if (import.meta.main) {
  serve(
    { port: 8000, hostname: "127.0.0.1" },
    logged(() => new Response("hello"), new Set(["127.0.0.1"]), console.log),
  );
}
