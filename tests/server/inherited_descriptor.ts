/**
 * A server on a socket that another process has opened, such as systemd
 * (`LISTEN_FDS`). It needs no permission to listen.
 *
 * @module
 */
import { serve, socketListener } from "../../mod.ts";

const server = serve(
  {
    listener: await socketListener(3),
    limits: { requests: 1 },
    onListen() {},
  },
  (_request, info) => {
    info.completed.then(() => server.shutdown());
    return new Response("hello");
  },
);
await server.finished;
