/**
 * The smallest server: it greets by name.
 *
 * ```sh
 * deno run --allow-net=127.0.0.1:8000 examples/hello.ts
 * curl 'http://127.0.0.1:8000/?name=Ada'
 * ```
 *
 * @module
 */

import { serve } from "@sluice/http";

/** A handler takes a Request and returns a Response; more is optional. */
export function handler(request: Request): Response {
  const name = new URL(request.url).searchParams.get("name") ?? "world";
  return new Response(`Hello, ${name}!\n`);
}

// Without a `hostname` it would listen on every network that there is.
if (import.meta.main) serve({ port: 8000, hostname: "127.0.0.1" }, handler);
