/**
 * A server on a socket that another process has opened, such as systemd
 * (`LISTEN_FDS`). It needs no permission to listen.
 *
 * @module
 */
import { createServer, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { serve, type StreamPair } from "../../mod.ts";

const connections = new ReadableStream<StreamPair>({
  start(controller) {
    const listening = createServer(
      { allowHalfOpen: true },
      (socket: Socket) => {
        const { readable, writable } = Duplex.toWeb(socket);
        controller.enqueue({ readable, writable } as StreamPair);
      },
    );
    listening.listen({ fd: 3 });
  },
});

const server = serve(
  { listener: connections, limits: { requests: 1 } },
  (_request, info) => {
    info.completed.then(() => Deno.exit(0));
    return new Response("hello");
  },
);
await server.finished;
