/**
 * A user's handler under `serve()`.
 *
 *     deno run --allow-net sluice.ts PORT HANDLER
 *     deno run --unstable-net --allow-net sluice.ts PORT HANDLER shared
 *
 * With `shared`, other processes may listen on the same port.
 *
 * @module
 */
import { serve } from "../../../mod.ts";
import { compress } from "../../../lib/handlers/mod.ts";
import { text, webHandler } from "./web_handlers.ts";

const [port, name, sharing] = Deno.args;

const compressed: Record<string, number> = {
  "gzip-1k": 2 ** 10,
  "gzip-1m": 2 ** 20,
};

serve(
  {
    hostname: "127.0.0.1",
    port: Number(port),
    reusePort: sharing === "shared",
    onListen() {},
  },
  name in compressed
    ? compress(text(compressed[name]))
    : await webHandler(name),
);
