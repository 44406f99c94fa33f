/**
 * A program with a server that does not keep it alive: it serves one request,
 * over a connection that the client leaves open, then has nothing more to do.
 * With `ref` as its argument it is kept alive after all.
 *
 * @module
 */
import { serve } from "../../mod.ts";

const server = serve(
  { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(port) },
  (_request, info) => {
    info.completed.then(() => {
      server.unref();
      if (Deno.args[0] === "ref") server.ref();
    });
    return new Response("hello");
  },
);
