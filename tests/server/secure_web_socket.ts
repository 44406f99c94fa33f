/**
 * Asks for a WebSocket over TLS where the process may not connect to itself, and
 * prints what the handler is told.
 *
 * @module
 */
import { serve } from "../../mod.ts";
import { pairOf, TlsClient } from "./tls_client.ts";

const pair = pairOf("localhost");
await using server = serve(
  { hostname: "localhost", port: 0, ...pair, onListen() {} },
  (request) => {
    try {
      return Deno.upgradeWebSocket(request).response;
    } catch (error) {
      return new Response((error as Error).message);
    }
  },
);
const { port } = server.addr;
const conn = await Deno.connect({ hostname: "localhost", port });
using client = await TlsClient.over(conn);
await client.send([
  "GET / HTTP/1.1",
  "Host: localhost",
  "Connection: close, upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  "Sec-WebSocket-Version: 13",
  "",
  "",
].join("\r\n"));
const answer = await client.readAll();
console.log(answer.slice(answer.indexOf("\r\n\r\n") + 4));
