/**
 * The Hono application under `serve()`.
 *
 *     deno run --allow-net hono_on_sluice.ts PORT
 *
 * @module
 */
import { serve } from "../../../mod.ts";
import { app } from "./hono_app.mjs";

const port = Number(Deno.args[0]);
serve(
  { hostname: "127.0.0.1", port, onListen() {} },
  (request) => app.fetch(request),
);
