/** A server in five lines; `--allow-net` is all it needs. */

import { on, route } from "../lib/router/mod.ts";
import { serve } from "../mod.ts";

/** Greets whom the path names. */
export const handler = route([
  on(
    "GET",
    "/hello/:name",
    (_request, { name }) => new Response(`Hello, ${name}!\n`),
  ),
]);

if (import.meta.main) serve({ port: 8000, hostname: "127.0.0.1" }, handler);
