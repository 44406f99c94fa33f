/**
 * The Hono application under `Deno.serve`.
 *
 *     deno run --allow-net hono_on_deno_serve.ts PORT
 *
 * @module
 */
import { app } from "./hono_app.mjs";

const port = Number(Deno.args[0]);
Deno.serve(
  { hostname: "127.0.0.1", port, onListen() {} },
  (request) => app.fetch(request),
);
