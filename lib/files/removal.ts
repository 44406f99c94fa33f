/**
 * A handler that removes the files of a directory, and its empty
 * subdirectories.
 *
 * @module
 */

import type { RouteHandler } from "../handler.ts";
import type { Directory } from "./directory.ts";

/**
 * Removes the file that the pattern's `*` names (RFC 9110 §9.3.5), if its
 * preconditions hold (RFC 9110 §13.1); with a `/` at the end of the path, the
 * directory, if it is empty.
 *
 * @example
 * ```ts
 * import type { PortableInfo } from "@sluice/http";
 * import { Directory, removal } from "@sluice/http/files";
 * import { route } from "@sluice/http/router";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${path}/hello.txt`, "Hello");
 *
 * const directory = await Directory.open(path);
 * const pattern = new URLPattern({ pathname: "/files/*" });
 * const handler = route([
 *   { method: "DELETE", pattern, handler: removal(directory) },
 * ]);
 *
 * const info: PortableInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * const request = new Request("http://localhost/files/hello.txt", {
 *   method: "DELETE",
 * });
 * assertEquals((await handler(request, info)).status, 204);
 *
 * await Deno.remove(path, { recursive: true });
 * ```
 *
 * @param directory The directory of the files.
 * @returns A handler for `DELETE` that answers 204. It rejects as
 * {@linkcode Directory.removeFile} and {@linkcode Directory.removeDirectory}
 * do, and with an {@linkcode HttpError} with 412 if a precondition fails.
 */
export function removal(
  directory: Directory,
): RouteHandler<Deno.ServeHandlerInfo> {
  return async (request, _info, match) => {
    const path = match.pathname.groups["0"] ?? "";
    await (path.endsWith("/")
      ? directory.removeDirectory(path, request)
      : directory.removeFile(path, request));
    return new Response(null, { status: 204 });
  };
}
