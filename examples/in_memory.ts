/** An application asked over a pipe in memory: real HTTP, and no socket. */

import { type Handler, serve, type StreamPair } from "../mod.ts";

/** Sends octets to a handler's server; gives all that it answers. */
export async function askInMemory(
  handler: Handler,
  octets: string,
): Promise<string> {
  const answer = new TransformStream<Uint8Array, Uint8Array>();
  const pair: StreamPair = {
    readable: new Blob([octets]).stream(),
    writable: answer.writable,
  };
  const server = serve({ listener: ReadableStream.from([pair]) }, handler);
  const text = await new Response(answer.readable).text();
  await server.finished;
  return text;
}

if (import.meta.main) {
  const hello: Handler = () => new Response("hello");
  console.log(await askInMemory(hello, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
}
