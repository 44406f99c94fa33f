/** What a handler is told of a connection, for tests that have none. */

import type { HandlerInfo } from "../../lib/handler.ts";

export const localInfo: HandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
  completed: Promise.resolve(),
};
