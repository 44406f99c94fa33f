/**
 * A program that serves a pair of streams whose client says nothing, and ends
 * when the server has had enough of it: nothing else keeps it alive.
 *
 * @module
 */
import { serve, type StreamPair } from "../../mod.ts";

async function* listener(): AsyncGenerator<StreamPair> {
  const { readable } = new TransformStream<Uint8Array, Uint8Array>();
  yield { readable, writable: new WritableStream() };
}

const timeouts = { idle: 300 };
await serve({ listener: listener(), timeouts }, () => new Response("a"))
  .finished;
console.log("finished");
