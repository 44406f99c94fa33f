/**
 * An HTTP/1.1 server, written from the socket up. It has the interface of
 * `Deno.serve`, with limits and timeouts on everything that a client can make
 * large or slow.
 *
 * @example Answer every request
 * ```ts
 * import { serve } from "@sluice/http";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve(
 *   { port: 0, hostname: "127.0.0.1", onListen() {} },
 *   () => new Response("Hello"),
 * );
 * const response = await fetch(`http://127.0.0.1:${server.addr.port}/`);
 * assertEquals(await response.text(), "Hello");
 * ```
 *
 * @module
 */
export { ConnectionLost, HttpError, ProtocolError } from "./lib/errors.ts";
export type { HttpErrorOptions } from "./lib/errors.ts";
export type {
  ConnectHandler,
  Handler,
  HandlerInfo,
  PortableInfo,
  Upgraded,
  UpgradeOptions,
} from "./lib/handler.ts";
export {
  defaultLimits,
  defaultTimeouts,
  type Limits,
  type Timeouts,
} from "./lib/limits.ts";

export { serve } from "./lib/server/serve.ts";
export { socketListener } from "./lib/server/descriptor_listener.ts";
export type {
  ConnectionCounts,
  HttpServer,
  ShutdownOptions,
} from "./lib/server/http_server.ts";
export type { CertificatePair } from "./lib/server/secure_listener.ts";
export type {
  ListenOptions,
  ServeOptions,
} from "./lib/server/serve_options.ts";
export {
  type ErrorResponse,
  toErrorResponse,
} from "./lib/server/error_response.ts";
export type { StreamPair } from "./lib/server/transport.ts";
