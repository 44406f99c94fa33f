/**
 * An HTTP/1.1 server, from the socket up: the shape of `Deno.serve`, with
 * limits and timeouts on everything that a client can make large or slow.
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
export * from "./lib/errors.ts";
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
export type {
  ConnectionCounts,
  HttpServer,
  ShutdownOptions,
} from "./lib/server/serve.ts";
export type { ListenOptions, ServeOptions } from "./lib/server/options.ts";
export {
  defaultErrorResponse,
  type ErrorResponse,
} from "./lib/server/error_response.ts";
export type { StreamPair } from "./lib/server/transport.ts";
export type { Exchange } from "./lib/exchange.ts";

export {
  mount,
  on,
  type PathParameters,
  type Route,
  route,
  type RouteHandler,
} from "./lib/router/router.ts";
export type {
  ConnectionObserver,
  ConnectionState,
  Observer,
  Position,
} from "./lib/observer.ts";
export { compress } from "./lib/handlers/compression.ts";
export { timeout } from "./lib/handlers/timeout.ts";
export { csrf } from "./lib/handlers/csrf.ts";

export { Directory, type Replaced } from "./lib/files/directory.ts";
export type {
  DirectoryEntry,
  FoundDirectory,
} from "./lib/files/found_directory.ts";
export type { OpenFile } from "./lib/files/containment.ts";
export type { Preconditions } from "./lib/files/validators.ts";
export { download, type DownloadOptions } from "./lib/files/download.ts";
export type {
  Listed,
  Listing,
  ListingPage,
} from "./lib/files/listing_forms.ts";
export type { ResourcePolicy } from "./lib/files/representation.ts";
export { site, type SiteOptions } from "./lib/files/site.ts";
export {
  ResumableUploads,
  type ResumableUploadsOptions,
} from "./lib/files/resumable_upload.ts";
export { removal } from "./lib/files/removal.ts";
export { upload, type UploadOptions } from "./lib/files/upload.ts";
