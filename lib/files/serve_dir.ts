/**
 * A handler that serves a directory as a static site: index pages, `/about` for
 * `about.html`, a page for absent files. `download.ts` answers with a file,
 * `served_headers.ts` adds the configured fields.
 *
 * @module
 */

import { accepts } from "@std/http/negotiation";
import { HttpError } from "../errors.ts";
import type { Handler } from "../handler.ts";
import { compress } from "../handlers/compression.ts";
import { onDemand } from "../handlers/on_demand.ts";
import { FileDigests } from "./digests.ts";
import { Directory } from "./directory.ts";
import { answer } from "./download.ts";
import type { Dotfiles } from "./file_path.ts";
import type { FoundDirectory } from "./found_directory.ts";
import { answerWithListing } from "./listing.ts";
import type { ListingPage } from "./listing_forms.ts";
import { redirectToDirectory, redirectToMeant } from "./meant_path.ts";
import { type Selected, Selection } from "./representation.ts";
import { ServedHeaders, type ServedHeadersOptions } from "./served_headers.ts";
import { SharedSnapshots } from "./shared_snapshots.ts";

/** Options of {@linkcode serveDir}. */
export interface ServeDirOptions extends ServedHeadersOptions {
  /**
   * Names of index files; the first that exists answers for its directory.
   * `false` for none. Default: `index.html`.
   */
  index?: string | string[] | false;
  /**
   * Extensions to try, without their dot, for a path that has no file: `/about`
   * is `about.html`. Default: `["html"]`.
   */
  extensions?: string[];
  /**
   * Whether a directory without an index is answered with a list, as
   * {@linkcode download} does; or the function that makes its page. The list
   * reveals files that nothing links to. Default: false.
   */
  listing?: boolean | ListingPage;
  /**
   * How to treat names that start with a dot. `allow` gives everyone `.env`,
   * `.git` and other hidden files. Default: `ignore`, a 404.
   */
  dotfiles?: Dotfiles;
  /**
   * Whether a browser gets the index, or the named file, for an absent path, as
   * a single-page application needs it; but not when it wants a script, a style
   * or an image. It revalidates the page each time, whatever `maxAge` is.
   * Default: false.
   */
  single?: boolean | string;
  /**
   * Answers absent paths in place of `404.html`, and methods other than `GET`
   * and `HEAD`. The options above do not apply to its answers. It is not called
   * if the request is at fault: for a malformed path, a denied name, a range or
   * a precondition. Default: none; the answer is 404 or 405.
   */
  fallthrough?: Handler<Deno.ServeHandlerInfo>;
}

/**
 * Serves the files of a directory as a static site: a directory by its
 * `index.html`, `/about` by `about.html`, and absent paths by `404.html`, if
 * these exist. It otherwise works like {@linkcode download}, but pages may run
 * scripts, as they are the site's own. So do not use it for a directory that
 * receives files from others.
 *
 * Used alone, it answers for all paths; in a route, for the part that the
 * pattern's `*` matches. Its options follow sirv, send, serve-static and the
 * `serveDir` of `@std/http`; `docs/serve-dir.md` lists the differences.
 *
 * @example A site
 * ```ts
 * import type { PortableInfo } from "@sluice/http";
 * import { serveDir } from "@sluice/http/files";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${path}/about.html`, "About us");
 *
 * const handler = serveDir(path);
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
 * @example An application of a single page, built with hashes in names, beside an API
 * ```ts
 * import type { PortableInfo } from "@sluice/http";
 * import { serveDir } from "@sluice/http/files";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir();
 * await Deno.mkdir(`${path}/assets`);
 * await Deno.writeTextFile(`${path}/assets/app-5d1f.js`, "run()");
 * await Deno.writeTextFile(`${path}/index.html`, "<!doctype html>");
 *
 * const handler = serveDir(path, {
 *   single: true,
 *   headers: { "referrer-policy": "no-referrer" },
 *   setHeaders(headers, { path }) {
 *     if (!path.startsWith("assets/")) return;
 *     headers.set("cache-control", "max-age=31536000, immutable");
 *   },
 *   fallthrough: () => Response.json({ from: "the API" }),
 * });
 *
 * const info: PortableInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * const get = async (path: string, accept: string) => {
 *   const headers = { accept };
 *   const request = new Request(`http://localhost${path}`, { headers });
 *   const response = await handler(request, info);
 *   return [await response.text(), response.headers.get("cache-control")];
 * };
 * const script = await get("/assets/app-5d1f.js", "text/javascript");
 * assertEquals(script, ["run()", "max-age=31536000, immutable"]);
 * const page = await get("/inbox/7", "text/html");
 * assertEquals(page, ["<!doctype html>", "no-cache"]);
 * const data = await get("/api/7", "application/json");
 * assertEquals(data, ['{"from":"the API"}', null]);
 *
 * await Deno.remove(path, { recursive: true });
 * ```
 *
 * @example Below a path, for scripts of all origins
 * ```ts
 * import type { PortableInfo } from "@sluice/http";
 * import { serveDir } from "@sluice/http/files";
 * import { route } from "@sluice/http/router";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${path}/list.json`, "[]");
 *
 * const files = serveDir(path, { cors: true, maxAge: 60, listing: true });
 * const handler = route([{ pattern: "/data/*", handler: files }]);
 *
 * const info: PortableInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * const request = new Request("http://localhost/data/list.json");
 * const response = await handler(request, info);
 * assertEquals(await response.json(), []);
 * assertEquals(response.headers.get("cache-control"), "max-age=60");
 * assertEquals(response.headers.get("access-control-allow-origin"), "*");
 *
 * await Deno.remove(path, { recursive: true });
 * ```
 *
 * @param directory The directory of the site, or its path. A path is opened by
 * {@linkcode Directory.open} at the first request; until that succeeds, every
 * request fails. The directory is only read.
 * @param options How to serve the site.
 * @returns A handler. It rejects as {@linkcode download} does, and with an
 * {@linkcode HttpError} with 405 for methods other than `GET` and `HEAD`.
 * @throws {RangeError} If `maxAge` is not a number of seconds.
 * @throws {TypeError} If another option is invalid.
 */
export function serveDir(
  directory: Directory | string,
  options: ServeDirOptions = {},
): (
  request: Request,
  info: Deno.ServeHandlerInfo,
  match?: URLPatternResult,
) => Promise<Response> | Response {
  const rules = rulesOf(options);
  const served = new ServedHeaders(options);
  const { dotfiles, fallthrough } = options;
  return onDemand<Deno.ServeHandlerInfo, [match?: URLPatternResult]>(
    async () => {
      const opened = typeof directory === "string"
        ? await Directory.open(directory)
        : directory;
      const selection = await Selection.load(opened, {
        isTrusted: true,
        dotfiles,
        ...served.representation,
      });
      const site = new Site(selection, rules, served);
      const otherwise = fallthrough ??
        served.onErrors((request: Request) => site.answerAbsent(request));
      const find = served.onErrors((...asked: Parameters<Site["answer"]>) =>
        site.answer(...asked)
      );
      return async (request, info, match) => {
        const path = match?.pathname.groups["0"] ??
          new URL(request.url).pathname.slice(1);
        return await find(request, info, path) ??
          await otherwise(request, info);
      };
    },
  );
}

/** The files to look for. */
interface Rules {
  /** Names, percent-encoded. */
  index: string[];
  /** With their dot. */
  extensions: string[];
  /** Paths of the page for absent paths; the first that exists counts. */
  single: string[];
  listing: boolean | ListingPage;
}

function rulesOf(
  { index = "index.html", extensions = ["html"], single, listing }:
    ServeDirOptions,
): Rules {
  for (const extension of extensions) {
    if (!extension.startsWith(".")) continue;
    throw new TypeError(
      `Cannot serve with extensions: leave out the dot of "${extension}"`,
    );
  }
  const names = index === false ? [] : [index].flat().map(encodeURIComponent);
  return {
    index: names,
    extensions: extensions.map((extension) => `.${extension}`),
    single: pagesFor(single, names),
    listing: listing ?? false,
  };
}

function pagesFor(
  single: boolean | string | undefined,
  index: string[],
): string[] {
  if (!single) return [];
  if (single === true) return index.length > 0 ? index : ["index.html"];
  return [single.split("/").map(encodeURIComponent).join("/")];
}

/** A directory as a site. */
class Site {
  readonly #selection: Selection;
  readonly #rules: Rules;
  readonly #served: ServedHeaders;
  readonly #digests = new FileDigests();
  readonly #snapshots = new SharedSnapshots();

  constructor(selection: Selection, rules: Rules, served: ServedHeaders) {
    this.#selection = selection;
    this.#rules = rules;
    this.#served = served;
  }

  /** Answers with the file or directory, if it exists. */
  async answer(
    request: Request,
    info: Deno.ServeHandlerInfo,
    path: string,
  ): Promise<Response | undefined> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return this.#served.answerPreflight(request);
    }
    const found = this.#find(path, request);
    if (!found) {
      const moved = redirectToMeant(request, path, this.#selection);
      return moved
        ? this.#served.withOther(moved)
        : await this.#answerSingle(request);
    }
    if (!("directory" in found)) return await this.#file(request, found);
    const { listing } = this.#rules;
    if (!isDirectory(path)) {
      return this.#served.withOther(redirectToDirectory(request));
    }
    if (!listing) return await this.#answerSingle(request);
    const page = listing === true ? undefined : listing;
    const list = () =>
      answerWithListing(request, this.#snapshots, found, {
        page,
        hasParent: path !== "",
      });
    return this.#served.withOther(await compress(list)(request, info));
  }

  /** Answers that nothing is there, or that the method is not allowed. */
  async answerAbsent(request: Request): Promise<Response> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      throw new HttpError(405, "This site is read-only", {
        headers: { allow: this.#served.methods },
      });
    }
    // Conditions and ranges do not apply to a page that stands in for another.
    const bare = new Headers(request.headers);
    for (const name of [...bare.keys()]) {
      if (/^(?:if-|range$)/.test(name)) bare.delete(name);
    }
    const asked = new Request(request, { headers: bare });
    const page = isForBrowser(request)
      ? this.#findFile(["404.html"], asked)
      : undefined;
    if (!page) throw new HttpError(404, "There is nothing at this path");
    const { body, headers } = await answer(asked, page, this.#digests);
    const kept = new Headers(headers);
    for (const name of ["etag", "last-modified", "accept-ranges"]) {
      kept.delete(name);
    }
    const response = new Response(body, { status: 404, headers: kept });
    return this.#standIn(response, request, page);
  }

  /** Finds a file, or a directory that lacks its `/` or an index. */
  #find(
    path: string,
    request: Request,
  ): Selected | FoundDirectory | undefined {
    const found = this.#selection.find(path, request.headers);
    const { index, extensions } = this.#rules;
    if (isDirectory(path)) {
      const pages = index.map((name) => path + name);
      return this.#findFile(pages, request) ?? found;
    }
    const pages = extensions.map((extension) => path + extension);
    return found ?? this.#findFile(pages, request);
  }

  /** The first of these paths that is a file. */
  #findFile(paths: string[], { headers }: Request): Selected | undefined {
    for (const path of paths) {
      const found = this.#selection.find(path, headers);
      if (found && !("directory" in found)) return found;
    }
    return undefined;
  }

  async #file(request: Request, file: Selected): Promise<Response> {
    const response = await answer(request, file, this.#digests);
    return this.#served.withFile(response, request, file);
  }

  /**
   * Answers with the page of an application, for a path that only its script
   * knows.
   */
  async #answerSingle(request: Request): Promise<Response | undefined> {
    const { single } = this.#rules;
    if (single.length === 0 || !isForBrowser(request)) return undefined;
    const destination = request.headers.get("sec-fetch-dest");
    if (destination && !pageDestinations.has(destination)) return undefined;
    const page = this.#findFile(single, request);
    if (!page) return undefined;
    const response = await answer(request, page, this.#digests);
    return this.#standIn(response, request, page);
  }

  /** A file may appear in its place, so caches must revalidate it. */
  #standIn(
    response: Response,
    request: Request,
    page: Selected,
  ): Response | Promise<Response> {
    response.headers.set("cache-control", "no-cache");
    return this.#served.withFile(response, request, page);
  }
}

function isDirectory(path: string): boolean {
  return path === "" || path.endsWith("/");
}

/**
 * Destinations of a browser's request (Fetch §2.2.5) that can use a page. For a
 * missing script or image, as after a new build, `Accept` allows anything, but
 * a page would do harm.
 */
const pageDestinations = new Set([
  "document",
  "embed",
  "empty",
  "fencedframe",
  "frame",
  "iframe",
  "object",
]);

function isForBrowser(request: Request): boolean {
  return accepts(request, "text/html") !== undefined;
}
