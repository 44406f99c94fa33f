/**
 * A server on the library, whose handlers do what handlers should not. It tells
 * on `/state` what it noticed of that.
 *
 *     deno run --allow-net handlers_server.ts
 *
 * @module
 */
import { type Handler, serve } from "../../mod.ts";

/** What has been noticed until now. */
const state = { aborted: 0, cancelled: 0, pulled: 0 };

const piece = new Uint8Array(64 * 1024).fill(97);

/** A stream that never ends; it takes note of its end. */
function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      state.pulled += piece.length;
      controller.enqueue(piece);
      // A turn of the event loop, as whoever awaits a source gives others.
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
    cancel() {
      state.cancelled++;
    },
  });
}

/** Octets, then an error. */
function failing(): ReadableStream<Uint8Array> {
  let pulled = 0;
  return new ReadableStream({
    pull(controller) {
      if (++pulled > 3) throw new Error("The source failed");
      controller.enqueue(piece);
    },
  });
}

const handlers: Record<string, Handler> = {
  "/state": () => Response.json({ ...state, ...server.connections }),
  "/echo/honest": () => new Response("honest"),
  "/throws": () => {
    throw new Error("secret");
  },
  "/rejects": async () => {
    await undefined;
    throw "secret";
  },
  "/nothing": () => undefined as unknown as Response,
  "/stream-fails": () => new Response(failing()),
  "/length-is-wrong": () =>
    new Response(failing(), { headers: { "content-length": "1000000" } }),
  "/hangs": ({ signal }) =>
    new Promise<Response>(() => {
      signal.addEventListener("abort", () => state.aborted++);
    }),
  "/never-reads": () => new Response("read nothing"),
  "/half-reads": async ({ body }) => {
    const reader = body!.getReader();
    await reader.read();
    reader.releaseLock();
    return new Response("read a part");
  },
  "/streams-for-ever": () => new Response(endless()),
};

const server = serve(
  {
    hostname: "127.0.0.1",
    port: 0,
    timeouts: { idle: 2000, shutdown: 1000 },
    onListen: ({ port }) =>
      console.error(`Listening on http://127.0.0.1:${port}/`),
  },
  (request, info) => {
    const handler = handlers[new URL(request.url).pathname];
    return handler
      ? handler(request, info)
      : new Response(null, { status: 404 });
  },
);

// It ends by itself when nothing is left that keeps it alive.
Deno.addSignalListener("SIGTERM", function stop() {
  Deno.removeSignalListener("SIGTERM", stop);
  server.shutdown();
});
