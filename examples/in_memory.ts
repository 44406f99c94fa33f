/**
 * An application asked over a pipe in memory: real HTTP, but no socket, so a test
 * needs no permission. `serve` alone can do this: Deno.serve has no `listener`.
 *
 * ```sh
 * deno run examples/in_memory.ts
 * ```
 *
 * @module
 */

import { type Handler, serve, type StreamPair } from "@sluice/http";

/** Sends octets to a server of this handler; returns all that it answers. */
export async function askInMemory(
  handler: Handler,
  octets: string,
): Promise<string> {
  const answer = new TransformStream<Uint8Array, Uint8Array>();
  const pair: StreamPair = {
    readable: new Blob([octets]).stream(),
    writable: answer.writable,
  };
  // The server ends by itself when its listener brings no more connections.
  const server = serve({ listener: ReadableStream.from([pair]) }, handler);
  const text = await new Response(answer.readable).text();
  await server.finished;
  return text;
}

if (import.meta.main) {
  const hello: Handler = () => new Response("Hello\n");
  console.log(await askInMemory(hello, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
}
