/** What a handler is told of a connection, for tests that have none. */

import type { HandlerInfo } from "../../lib/handler.ts";

const missing = () => {
  throw new Error("There is no connection");
};

export const localInfo: HandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
  peerAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
  localAddr: { transport: "tcp", hostname: "127.0.0.1", port: 8000 },
  completed: Promise.resolve(),
  requestTarget: "/",
  fieldLines: [],
  requestTrailers: undefined,
  responseTrailers: new Headers(),
  sendInformational: missing,
  upgrade: missing,
};
