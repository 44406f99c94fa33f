/**
 * A program that serves a thousand pairs of streams, then prints how many of
 * them are still in memory. It needs `--v8-flags=--expose-gc`.
 *
 * @module
 */
import { serve, type StreamPair } from "../../mod.ts";

const { gc } = globalThis as typeof globalThis & { gc(): void };
const pairs: WeakRef<StreamPair>[] = [];
let connect!: (pair: StreamPair) => void;
const listener = new ReadableStream<StreamPair>({
  start(controller) {
    connect = (pair) => controller.enqueue(pair);
  },
});
const server = serve({ listener }, () => new Response("a"));

for (let count = 0; count < 1000; count++) {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const request = new Blob(["GET / HTTP/1.1\r\nHost: h\r\n\r\n"]).stream();
  const pair = { readable: request, writable };
  pairs.push(new WeakRef(pair));
  connect(pair);
  await new Response(readable as ReadableStream).text();
}
while (server.connections.open > 1) {
  await new Promise((resolve) => setTimeout(resolve));
}
gc();
// What a WeakRef was asked for, or made of, stays for this turn.
await new Promise((resolve) => setTimeout(resolve));
gc();
console.log(pairs.filter((pair) => pair.deref()).length);
Deno.exit();
