/**
 * A program that prints how a server codes a text that says nothing of it.
 *
 * @module
 */
import { serve } from "../../mod.ts";

const server = serve(
  { hostname: "127.0.0.1", port: 0, onListen() {} },
  () => new Response("abc"),
);
const headers = { "accept-encoding": "gzip" };
const url = `http://127.0.0.1:${server.addr.port}/`;
const response = await fetch(url, { headers });
console.log(response.headers.get("content-encoding"));
await response.body?.cancel();
await server.shutdown();
