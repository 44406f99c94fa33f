/** The time, sent as it passes, until the client is gone. */

import { ServerSentEventStream } from "@std/http/server-sent-event-stream";
import { type Handler, serve } from "../mod.ts";

/** Makes a handler that sends an event each so many milliseconds. */
export function clock(milliseconds: number): Handler {
  return () => {
    let timer: ReturnType<typeof setInterval>;
    const events = new ReadableStream<{ event: string; data: string }>({
      start(controller) {
        timer = setInterval(() => {
          const data = new Date().toISOString();
          controller.enqueue({ event: "time", data });
        }, milliseconds);
      },
      // Called when the client goes.
      cancel: () => clearInterval(timer),
    });
    return new Response(events.pipeThrough(new ServerSentEventStream()), {
      headers: { "content-type": "text/event-stream" },
    });
  };
}

if (import.meta.main) {
  serve({ port: 8000, hostname: "127.0.0.1" }, clock(1000));
}
