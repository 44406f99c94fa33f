/**
 * Sends octets to a server that X-ray watches, over a pipe.
 *
 * @module
 */

import type { Observer } from "../../lib/observer.ts";
import type { RecordedExchange } from "../../lib/xray/recorded_exchange.ts";
import { Recorder } from "../../lib/xray/recorder.ts";
import { type Handler, serve, type StreamPair } from "../../mod.ts";

/** Sends octets in these pieces, and gives what was recorded. */
export async function record(
  pieces: (string | Uint8Array)[],
  handler: Handler,
  { recorder = new Recorder(), observer = recorder as Observer } = {},
): Promise<RecordedExchange[]> {
  const down = new TransformStream<Uint8Array, Uint8Array>();
  const readable = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) return controller.close();
      controller.enqueue(
        typeof piece === "string" ? new TextEncoder().encode(piece) : piece,
      );
    },
  }, { highWaterMark: 0 });
  const pair: StreamPair = { readable, writable: down.writable };
  const server = serve(
    { listener: ReadableStream.from([pair]), observer },
    handler,
  );
  await new Response(down.readable).bytes();
  await server.finished;
  return recorder.exchanges;
}
