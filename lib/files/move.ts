/**
 * A handler that moves the files and subdirectories of a directory. It does not
 * know how something is moved in one step.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import type { RouteHandler } from "../handler.ts";
import { destinationOf, mayOverwrite } from "./destination.ts";
import type { Directory } from "./directory.ts";
import { relocate } from "./relocation.ts";

/** Options of {@linkcode move}. */
export interface MoveOptions {
  /**
   * Whether a request may replace the file at its destination, whose path is
   * that of `Destination` below the one that the pattern's `*` matches; if it
   * may not, it gets a 403. Default: every request may.
   */
  mayReplace?: (path: string, request: Request) => boolean;
}

/**
 * Moves the file that the pattern's `*` names to the `Destination` of the
 * request (RFC 4918 §9.9); with a `/` at the end of the path, the directory.
 * It is one step: a reader finds it under one of the two names, whole, even if
 * the process is killed.
 *
 * - `Destination` is a URL of this server, or a path that begins with `/`. It
 *   must match the same pattern.
 * - A file at the destination is replaced, unless `Overwrite` is `F`. A
 *   directory is never replaced, nor does one replace a file: 409.
 * - `If-Match`, `If-None-Match` and `If-Unmodified-Since` are about the file to
 *   be moved. They are checked in one step with the move.
 * - A link itself is moved, never its target. A relative link stays in its
 *   directory, and so does a directory with a link that leads out of it:
 *   elsewhere it would lead to another file.
 *
 * @example
 * ```ts
 * import type { PortableInfo } from "@sluice/http";
 * import { Directory, move } from "@sluice/http/files";
 * import { route } from "@sluice/http/router";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${path}/draft.txt`, "Hello");
 *
 * const directory = await Directory.open(path);
 * const handler = route([
 *   { method: "MOVE", pattern: "/files/*", handler: move(directory) },
 * ]);
 *
 * const info: PortableInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * const request = new Request("http://localhost/files/draft.txt", {
 *   method: "MOVE",
 *   headers: { destination: "/files/final.txt", overwrite: "F" },
 * });
 * assertEquals((await handler(request, info)).status, 201);
 * assertEquals(await Deno.readTextFile(`${path}/final.txt`), "Hello");
 *
 * await Deno.remove(path, { recursive: true });
 * ```
 *
 * @param directory The directory of the files.
 * @param options What may be replaced.
 * @returns A handler for `MOVE` that answers 201 with `Location`, or 204 if it
 * has replaced a file. It rejects with an {@linkcode HttpError}: 404 if there
 * is nothing to move; 412 if a precondition fails, or if `Overwrite` is `F` and
 * something is there; 409 if the directory of the destination is absent, or
 * something is in the way; 403 if source and destination are the same, or one
 * is inside the other, or it may not be moved; 502 if the destination is on
 * another server or file system; 400 if a field is malformed.
 */
export function move(
  directory: Directory,
  { mayReplace = () => true }: MoveOptions = {},
): RouteHandler<Deno.ServeHandlerInfo> {
  return async (request, _info, match) => {
    const from = match.pathname.groups["0"] ?? "";
    const { path: to, location } = destinationOf(request, from);
    const isWanted = mayOverwrite(request);
    const isAllowed = mayReplace(to, request);
    const isNew = await relocate(directory, {
      from,
      to,
      preconditions: request,
      signal: request.signal,
      refuseToReplace() {
        if (!isWanted) throw new HttpError(412, "Something has that name");
        if (isAllowed) return;
        throw new HttpError(403, "You may not replace what is at this path");
      },
    });
    return isNew
      ? new Response(null, { status: 201, headers: { location } })
      : new Response(null, { status: 204 });
  };
}
