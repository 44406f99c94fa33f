/**
 * A directory goes in; out comes a handler that answers with its files. Where
 * they lie on the disk it does not know.
 *
 * @module
 */

import { contentType } from "@std/media-types/content-type";
import { extname } from "@std/path";
import type { RouteHandler } from "../handler.ts";
import type { Line } from "../light/light_headers.ts";
import { lightResponse } from "../light/light_response.ts";
import type { Directory } from "./directory.ts";
import { fileContent, readContent } from "./file_content.ts";
import { type SmallFile, SmallFiles } from "./small_files.ts";

/**
 * Answers with the file that the pattern's `*` names (RFC 9110 §9.3.1): with
 * its `Content-Length`, `Last-Modified` and, by its extension, `Content-Type`.
 * A browser is told not to guess another type, and to run an HTML, SVG or XML
 * file as a page without rights: whoever uploaded it could else act here in
 * the name of whoever looks at it.
 *
 * @example
 * ```ts
 * import { Directory, download, type HandlerInfo, route } from "@sluice/http";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${path}/hello.txt`, "Hello");
 *
 * const directory = await Directory.open(path);
 * const pattern = new URLPattern({ pathname: "/files/*" });
 * const handler = route([
 *   { method: "GET", pattern, handler: download(directory) },
 * ]);
 *
 * const info: HandlerInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * const request = new Request("http://localhost/files/hello.txt");
 * assertEquals(await (await handler(request, info)).text(), "Hello");
 *
 * await Deno.remove(path, { recursive: true });
 * ```
 *
 * @param directory Where the files are.
 * @returns A handler for `GET` and `HEAD`. It rejects as
 * {@linkcode Directory.openFile} does, and content of more than 64 KiB fails
 * when the file becomes shorter while it is sent.
 */
export function download(directory: Directory): RouteHandler {
  const smallFiles = new SmallFiles<KeptFile>();
  return (request, _info, match) => {
    const path = match.pathname.groups["0"] ?? "";
    const kept = smallFiles.get(path);
    if (!kept) return openAndAnswer(request, path);
    const { lines, content } = kept;
    return lightResponse(request, {
      status: 200,
      lines,
      content: request.method === "HEAD" ? null : content,
    });
  };

  async function openAndAnswer(request: Request, path: string) {
    const { file, info, name, place } = await directory.openFile(path);
    const fields = representationFields(name, info);
    if (request.method === "HEAD" || info.size === 0) {
      file.close();
      return new Response(null, { headers: fields });
    }
    if (info.size > atOnce) {
      return new Response(fileContent(file, info.size), { headers: fields });
    }
    const content = readContent(file, info.size);
    fields["content-length"] = `${content.length}`;
    const lines = Object.entries(fields);
    smallFiles.keep(path, { place, info, content, lines });
    return lightResponse(request, { status: 200, lines, content });
  }
}

interface KeptFile extends SmallFile {
  lines: readonly Line[];
}

/**
 * Octets up to which a file is read in one go, and nobody else served meanwhile:
 * several times cheaper, and no matter unless the disk hangs.
 */
const atOnce = 64 * 1024;

/** What @std/media-types takes for an MPEG transport stream. */
const typeScript = /^\.[cm]?tsx?$/i;

/** What a browser runs scripts of when it is opened as a page. */
const page = /^(?:text\/html|(?:text|application)\/xml|[^;]+\+xml)(?:;|$)/;

function representationFields(
  name: string,
  info: Deno.FileInfo,
): Record<string, string> {
  const extension = extname(name);
  const type = typeScript.test(extension)
    ? "application/typescript"
    : contentType(extension) ?? "application/octet-stream";
  const fields: Record<string, string> = {
    "content-length": `${info.size}`,
    "content-type": type,
    "x-content-type-options": "nosniff",
  };
  if (page.test(type)) fields["content-security-policy"] = "sandbox";
  if (info.mtime) {
    // RFC 9110 §8.8.2.1: never later than the response.
    const modified = Math.min(info.mtime.getTime(), Date.now());
    fields["last-modified"] = new Date(modified).toUTCString();
  }
  return fields;
}
