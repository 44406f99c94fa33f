/**
 * Serves the files of a directory and receives files into it: handlers for
 * `serve`, `Deno.serve` and any router.
 *
 * @example Files up and down
 * ```ts
 * import { serve } from "@sluice/http";
 * import { Directory, download, upload } from "@sluice/http/files";
 * import { route } from "@sluice/http/router";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir();
 * const directory = await Directory.open(path);
 * const handler = route([
 *   { method: "GET", pattern: "/*", handler: download(directory) },
 *   { method: "PUT", pattern: "/*", handler: upload(directory) },
 * ]);
 *
 * const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
 * await using server = serve(options, handler);
 * const url = `http://127.0.0.1:${server.addr.port}/notes.txt`;
 * const created = await fetch(url, { method: "PUT", body: "Buy tea" });
 * assertEquals(created.status, 201);
 * await created.body?.cancel();
 * assertEquals(await (await fetch(url)).text(), "Buy tea");
 * await Deno.remove(path, { recursive: true });
 * ```
 *
 * @module
 */
export { Directory, type Replaced } from "./directory.ts";
export type { DirectoryEntry, FoundDirectory } from "./found_directory.ts";
export type { SpaceBounds } from "./space.ts";
export type { DirectoryOptions } from "./hiding.ts";
export type { OpenFile } from "./containment.ts";
export type { Preconditions } from "./validators.ts";
export { download, type DownloadOptions } from "./download.ts";
export type { Listed, Listing } from "../listing.ts";
export type { ListingPage } from "./listing_forms.ts";
export type { ResourcePolicy } from "./representation.ts";
export type { Dotfiles } from "./file_path.ts";
export type { ServedFile, ServedHeadersOptions } from "./served_headers.ts";
export { serveDir, type ServeDirOptions } from "./serve_dir.ts";
export {
  ResumableUploads,
  type ResumableUploadsOptions,
} from "./resumable_upload.ts";
export { move, type MoveOptions } from "./move.ts";
export { removal, type RemovalOptions } from "./removal.ts";
export { upload, type UploadOptions } from "./upload.ts";
