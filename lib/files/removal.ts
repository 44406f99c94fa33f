/**
 * A handler that removes the files of a directory, and its subdirectories: the
 * empty ones, or all of them.
 *
 * @module
 */

import type { RouteHandler } from "../handler.ts";
import type { Directory } from "./directory.ts";
import { TreeRemoval } from "./tree_removal.ts";

/** Options of {@linkcode removal}. */
export interface RemovalOptions {
  /**
   * Whether a directory is removed with all that is in it (RFC 4918 §9.6.1).
   * Default: false; a directory that is not empty gets a 409.
   */
  recursive?: boolean;
}

/**
 * Removes the file that the pattern's `*` names (RFC 9110 §9.3.5), if its
 * preconditions hold (RFC 9110 §13.1); with a `/` at the end of the path, the
 * directory, if it is empty.
 *
 * With `recursive` the directory goes in one step, as readers see it, and the
 * answer comes when its files are removed. It stays, with a 409, if it holds
 * something that readers do not see, or another file system. If the process
 * ends meanwhile, the next one that removes a directory removes the rest.
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
 * @param options Whether only empty directories are removed.
 * @returns A handler for `DELETE` that answers 204. It rejects as
 * {@linkcode Directory.removeFile} and {@linkcode Directory.removeDirectory}
 * do, and with an {@linkcode HttpError} with 412 if a precondition fails.
 */
export function removal(
  directory: Directory,
  { recursive = false }: RemovalOptions = {},
): RouteHandler<Deno.ServeHandlerInfo> {
  const trees = new TreeRemoval(directory);
  return async (request, _info, match) => {
    const path = match.pathname.groups["0"] ?? "";
    if (!path.endsWith("/")) await directory.removeFile(path, request);
    else if (!recursive) await directory.removeDirectory(path, request);
    else {
      const { signal } = request;
      await trees.remove(path, { preconditions: request, signal });
    }
    return new Response(null, { status: 204 });
  };
}
