/**
 * A directory goes in; out comes a handler that answers with it as a static site.
 *
 * @module
 */

import { accepts } from "@std/http/negotiation";
import { HttpError } from "../errors.ts";
import type { Handler } from "../handler.ts";
import { onDemand } from "../handlers/on_demand.ts";
import { FileDigests } from "./digests.ts";
import type { Directory } from "./directory.ts";
import { answer } from "./download.ts";
import type { FoundDirectory } from "./found_directory.ts";
import { redirectToDirectory } from "./listing.ts";
import {
  type ResourcePolicy,
  type Selected,
  Selection,
} from "./representation.ts";

/** Options of {@linkcode site}. */
export interface SiteOptions {
  /**
   * Whether a browser gets `/index.html` for what is not there, as an application
   * with paths of its own needs it. Default: false.
   */
  spa?: boolean;
  /**
   * Whose pages may show or run the files, as in
   * {@linkcode DownloadOptions.resourcePolicy}. Default: `same-origin`.
   */
  resourcePolicy?: ResourcePolicy;
}

/**
 * Answers with the files of a directory as a static site, all paths of which
 * they are: a directory by its `index.html`, `/about` by `about.html`, and what is
 * not there by `404.html`, where there are such. Otherwise it is as
 * {@linkcode download} has it, but that the pages may run scripts: they are the
 * site's own.
 *
 * @example
 * ```ts
 * import type { PortableInfo } from "@sluice/http";
 * import { Directory, site } from "@sluice/http/files";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${path}/about.html`, "About us");
 *
 * const handler = site(await Directory.open(path));
 *
 * const info: PortableInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * const response = await handler(new Request("http://localhost/about"), info);
 * assertEquals(await response.text(), "About us");
 *
 * await Deno.remove(path, { recursive: true });
 * ```
 *
 * @param directory Where the site is. It is only read.
 * @param options What to do about a path where nothing is.
 * @returns A handler. It rejects as {@linkcode download} does, and with an
 * {@linkcode HttpError} with 405 for what is neither `GET` nor `HEAD`.
 */
export function site(
  directory: Directory,
  { spa = false, resourcePolicy }: SiteOptions = {},
): Handler<Deno.ServeHandlerInfo> {
  return onDemand(async () => {
    const selection = await Selection.load(directory, {
      isTrusted: true,
      resourcePolicy,
    });
    const digests = new FileDigests();
    return async (request) => {
      if (request.method !== "GET" && request.method !== "HEAD") {
        throw new HttpError(405, "This site can only be read", {
          headers: { allow: "GET, HEAD" },
        });
      }
      const path = new URL(request.url).pathname.slice(1);
      const found = find(selection, path, request);
      if (found && "directory" in found) return redirectToDirectory(request);
      if (found) return await answer(request, found, digests);
      const asking = { request, selection, digests };
      return await answerAbsent(asking, spa);
    };
  });
}

/** A file, or a directory whose path lacks its `/`. */
function find(
  selection: Selection,
  path: string,
  { headers }: Request,
): Selected | FoundDirectory | undefined {
  const isDirectory = path === "" || path.endsWith("/");
  const found = selection.find(path, headers);
  if (found && !("directory" in found)) return found;
  if (found && !isDirectory) return found;
  const page = isDirectory ? `${path}index.html` : `${path}.html`;
  const file = selection.find(page, headers);
  return file && !("directory" in file) ? file : undefined;
}

async function answerAbsent(
  { request, selection, digests }: {
    request: Request;
    selection: Selection;
    digests: FileDigests;
  },
  spa: boolean,
): Promise<Response> {
  const isForBrowser = accepts(request, "text/html") !== undefined;
  if (spa && isForBrowser) {
    const page = find(selection, "", request);
    if (page && !("directory" in page)) {
      return await answer(request, page, digests);
    }
  }
  // No condition or range is about what stands in for something else.
  const bare = new Headers(request.headers);
  for (const name of [...bare.keys()]) {
    if (/^(?:if-|range$)/.test(name)) bare.delete(name);
  }
  const asked = new Request(request, { headers: bare });
  const page = isForBrowser ? find(selection, "404.html", asked) : undefined;
  if (!page || "directory" in page) {
    throw new HttpError(404, "There is nothing at this path");
  }
  const { body, headers } = await answer(asked, page, digests);
  const kept = new Headers(headers);
  for (const name of ["etag", "last-modified", "accept-ranges"]) {
    kept.delete(name);
  }
  return new Response(body, { status: 404, headers: kept });
}
