/**
 * A log that names the client although a proxy stands in front. Anybody can send
 * `X-Forwarded-For`, so it is believed from the proxy alone.
 *
 * ```sh
 * deno run --allow-net=127.0.0.1:8000 examples/behind_proxy.ts
 * curl -H 'X-Forwarded-For: 192.0.2.7' http://127.0.0.1:8000/
 * ```
 *
 * @module
 */

import { type Handler, type PortableInfo, serve } from "@sluice/http";

const proxies = new Set(["127.0.0.1"]);

/** The client's address: the last in the list, which the proxy has added. */
function clientOf(request: Request, { remoteAddr }: PortableInfo): string {
  const peer = "hostname" in remoteAddr ? remoteAddr.hostname : "local";
  const forwarded = request.headers.get("x-forwarded-for");
  if (!proxies.has(peer) || forwarded === null) return peer;
  return forwarded.split(",").at(-1)!.trim();
}

/** Logs each request once its response has been sent, or could not be. */
export function logged(handler: Handler<PortableInfo>): Handler<PortableInfo> {
  return async (request, info) => {
    const response = await handler(request, info);
    const { pathname } = new URL(request.url);
    const line = `${clientOf(request, info)} ${request.method} ${pathname} ` +
      response.status;
    info.completed.then(
      () => console.log(line),
      () => console.log(`${line} (broken off)`),
    );
    return response;
  };
}

if (import.meta.main) {
  serve(
    { port: 8000, hostname: "127.0.0.1" },
    logged(() => new Response("Hello\n")),
  );
}
