/**
 * The folder `public` as a static site: `index.html` for a directory, `/about`
 * for `about.html`, `404.html` for what is not there; ranges and conditional
 * requests included. It may read that folder, and no other file.
 *
 * ```sh
 * deno run --allow-net=127.0.0.1:8000 --allow-read=public examples/static_site.ts
 * curl http://127.0.0.1:8000/hello.txt
 * ```
 *
 * @module
 */

import {
  type Handler,
  HttpError,
  type PortableInfo,
  serve,
  toErrorResponse,
} from "@sluice/http";
import { serveDir } from "@sluice/http/files";

/** By default a browser asks again before each use: `cache-control: no-cache`. */
export const handler: Handler<PortableInfo> = serveDir("public", {
  headers: { "content-security-policy": "default-src 'self'" },
  setHeaders(headers, { path }) {
    // A build puts a hash into these names, so what they stand for never changes.
    if (!path.startsWith("assets/")) return;
    headers.set("cache-control", "max-age=31536000, immutable");
  },
});

/**
 * Makes answers of the 404 and 405 that `serveDir` throws. Only Deno.serve needs
 * that, or each would be a 500. What is thrown on from here, both servers log.
 */
function onError(error: unknown): Response {
  if (error instanceof HttpError) return toErrorResponse(error);
  throw error;
}

if (import.meta.main) {
  serve({ port: 8000, hostname: "127.0.0.1", onError }, handler);
}
