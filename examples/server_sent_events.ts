/**
 * The time as server-sent events, one a second, until the client leaves.
 *
 * ```sh
 * deno run --allow-net=127.0.0.1:8000 examples/server_sent_events.ts
 * curl --no-buffer http://127.0.0.1:8000/
 * ```
 *
 * On a page of the same origin, `new EventSource("/")` dispatches each as `time`.
 *
 * @module
 */

import { serve } from "@sluice/http";
import {
  type ServerSentEventMessage,
  ServerSentEventStream,
} from "@std/http/server-sent-event-stream";

/** Answers with a stream that ends only when the client leaves. */
export function handler(): Response {
  let timer: ReturnType<typeof setInterval>;
  const events = new ReadableStream<ServerSentEventMessage>({
    start(controller) {
      const tell = () => {
        // A client that does not keep up misses events; none pile up for it.
        if ((controller.desiredSize ?? 0) <= 0) return;
        controller.enqueue({ event: "time", data: new Date().toISOString() });
      };
      tell();
      timer = setInterval(tell, 1000);
    },
    // Without this, the timer would run on for a client that is gone.
    cancel() {
      clearInterval(timer);
      console.log("A client has left");
    },
  });
  // The stream writes the lines of each event, and refuses line breaks in names.
  return new Response(events.pipeThrough(new ServerSentEventStream()), {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
    },
  });
}

if (import.meta.main) serve({ port: 8000, hostname: "127.0.0.1" }, handler);
