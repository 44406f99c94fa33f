/**
 * A handler that answers with the files of a directory. It does not know where
 * they are on the disk.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import type { RouteHandler } from "../handler.ts";
import { compress, gzipped } from "../handlers/compression.ts";
import { makeOnce, onDemand } from "../handlers/on_demand.ts";
import { decodePath } from "../router/url_path.ts";
import { attachment } from "./attachment.ts";
import {
  type DigestAlgorithm,
  digestOfOctets,
  encodeDigests,
  FileDigests,
  wantedDigest,
} from "./digests.ts";
import type { Directory } from "./directory.ts";
import { diskError, noSuchFile } from "./disk_error.ts";
import type { Dotfiles } from "./file_path.ts";
import { answerWithFile, answerWithoutFile } from "./file_response.ts";
import { answerWithListing } from "./listing.ts";
import type { ListingPage } from "./listing_forms.ts";
import { redirectToDirectory, redirectToMeant } from "./meant_path.ts";
import {
  type Answerable,
  closeSource,
  type Line,
  type Selected,
  Selection,
} from "./representation.ts";
import { ServedHeaders, type ServedHeadersOptions } from "./served_headers.ts";
import { SharedSnapshots } from "./shared_snapshots.ts";
import { wantsCount, wantsSearch, wantsZip } from "./tree_request.ts";

/** Options of {@linkcode download}. */
export interface DownloadOptions extends ServedHeadersOptions {
  /**
   * Whether to answer a directory with its `index.html`, if it has one.
   * Default: false.
   */
  index?: boolean;
  /**
   * Makes the page that a browser gets for a directory. It must escape the
   * names of files. `false` for no lists at all: a directory gets a 403.
   * Default: plain links.
   */
  listing?: ListingPage | false;
  /**
   * How to treat names that start with a dot. `allow` gives everyone `.env`,
   * `.git` and other hidden files. Default: `ignore`, a 404.
   */
  dotfiles?: Dotfiles;
  /**
   * Whether `?zip` is answered with a directory as an archive. Four are sent at
   * once; more get a 503 with `Retry-After`. An archive has up to 200,000
   * entries, of any size. Default: false.
   */
  zip?: boolean;
  /**
   * Whether `?search=` is answered with the names below a directory that
   * contain a text. Four searches run at once; more get a 503 with
   * `Retry-After`. One looks at up to 500,000 names, for up to 20 seconds.
   * Default: false.
   */
  search?: boolean;
  /**
   * Whether `?count` is answered with how many files, directories and octets
   * are below a directory. Four are counted at once; more get a 503 with
   * `Retry-After`. A count looks at up to 100,000 names, for up to 5 seconds.
   * Default: false.
   */
  count?: boolean;
  /**
   * Which paths a request finds in lists, archives and searches, by their names
   * below the top, such as `["a", "b.txt"]`. It hides them there only: refuse
   * the requests for them as well. Default: all of them.
   */
  mayRead?: (request: Request) => (names: readonly string[]) => boolean;
}

/**
 * Answers with the file that the pattern's `*` names (RFC 9110 §9.3.1), or with
 * the list of a directory.
 *
 * - Preconditions and ranges follow RFC 9110 §13 and §14: `ETag`,
 *   `Last-Modified`, 304, 412, 206 with one part or several, 416.
 * - A file `a.txt.br` or `a.txt.gz` that is no older than `a.txt` is sent in
 *   its place to clients that accept its coding. Otherwise content that
 *   compresses well is compressed with gzip as it is sent. Each has its own
 *   entity tag.
 * - The digest that `Want-Repr-Digest` asks for is sent with the file (RFC
 *   9530), unless the file changes while it is computed. It is computed once
 *   for each version of a file, two at a time, as long as a client waits for
 *   it.
 * - With `?download` a browser stores the file instead of showing it.
 * - A directory is answered with a list of names: HTML, JSON or text, as
 *   `Accept` says (RFC 9110 §12.5.1), sorted and cut by
 *   `?sort=name|size|modified`, `?order=asc|desc`, `?filter=`, `?limit=` and
 *   `?offset=`. A client that names none of them, such as `wget -r`, gets HTML
 *   with one link for each name. A `listing` page shows 100 names and JSON has
 *   1000; `?limit=` asks for more, of a page for at most 1000. Requests at the
 *   same time share the work. In text, `%` and characters that control a
 *   terminal or are invisible are percent-encoded.
 * - With `?zip`, if the option allows it, a directory is answered with a zip
 *   archive of the files in it and below it, stored and not compressed, as it is
 *   read. With `&name=` for each, or by a `POST` with the fields `name` of a form
 *   (`application/x-www-form-urlencoded`) if its route lets it in, only these
 *   names of the directory are in it. Links to directories are left out. If a file goes or changes on the way,
 *   the connection breaks off: an archive that looks whole is whole.
 * - With `?search=`, if the option allows it, the names below a directory that
 *   contain the text, in any case, are told as they are found: as lines of JSON
 *   (`application/x-ndjson`), or as a page for a browser. Each line has `path`
 *   and `type`, of a file also `size` and `modified`; the last has `done`, how
 *   many were `found` and `looked` at, and as `cut` what cut it short: `limit`
 *   (`?limit=`, 1000 unless it asks for up to 10,000), `entries` or `time`.
 *   Links to directories are told, but not followed.
 * - With `?count`, if the option allows it, a directory is answered with JSON
 *   that says how much is below it: `files`, `directories` and `octets`, and
 *   `isMore` if the count was cut short. Links are not followed.
 * - A path that names nothing is redirected to what was meant, if that is there:
 *   without empty names (`/files//a`), with a `/` at the end of a directory, and
 *   without one at the end of a file.
 * - A browser is told not to guess another type, and to sandbox HTML, SVG and
 *   XML files: an uploaded page could otherwise act in the name of its viewer.
 *
 * @example
 * ```ts
 * import type { PortableInfo } from "@sluice/http";
 * import { Directory, download } from "@sluice/http/files";
 * import { route } from "@sluice/http/router";
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
 * const info: PortableInfo = {
 *   remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
 *   completed: Promise.resolve(),
 * };
 * const request = new Request("http://localhost/files/hello.txt", {
 *   headers: { range: "bytes=1-3" },
 * });
 * const response = await handler(request, info);
 * assertEquals(response.status, 206);
 * assertEquals(await response.text(), "ell");
 *
 * await Deno.remove(path, { recursive: true });
 * ```
 *
 * @param directory The directory of the files.
 * @param options How to answer directories, and which fields to send.
 * @returns A handler for `GET` and `HEAD`. It throws an {@linkcode HttpError}:
 * 404 if there is nothing to read, 403 for a list without `listing`, 400 if the path or the query is malformed,
 * 412 and 416 as above, 507 if a directory has too many names to list, and 503
 * while other lists take up the memory. Content of more than 64 KiB fails if
 * the file becomes shorter while it is sent.
 */
export function download(
  directory: Directory,
  options: DownloadOptions = {},
): RouteHandler<Deno.ServeHandlerInfo> {
  const { index = false, listing, dotfiles } = options;
  const { zip = false, search = false, count = false, mayRead } = options;
  const served = new ServedHeaders(options);
  return onDemand(async () => {
    const selection = await Selection.load(directory, {
      dotfiles,
      ...served.representation,
    });
    const digests = new FileDigests();
    const snapshots = new SharedSnapshots();
    const loadZip = makeOnce(async () => {
      return (await import("./zip.ts")).answerWithZip;
    });
    const loadSearch = makeOnce(async () => {
      return (await import("./search.ts")).answerWithSearch;
    });
    const loadCount = makeOnce(async () => {
      return (await import("./tree_count.ts")).answerWithCount;
    });
    const file = (request: Request, selected: Selected) =>
      served.withFile(answer(request, selected, digests), request, selected);
    return served.onErrors((request, info, match) => {
      const preflight = served.answerPreflight(request);
      if (preflight) return preflight;
      const path = match.pathname.groups["0"] ?? "";
      if (request.method === "POST") refuseOtherPost(request, path, zip);
      const selected = selection.find(path, request.headers);
      if (!selected) {
        const moved = redirectToMeant(request, path, selection);
        if (!moved) throw noSuchFile();
        return served.withOther(moved);
      }
      if (!("directory" in selected)) return file(request, selected);
      if (path !== "" && !path.endsWith("/")) {
        return served.withOther(redirectToDirectory(request));
      }
      const load = zip && wantsZip(request)
        ? loadZip
        : search && wantsSearch(request)
        ? loadSearch
        : count && wantsCount(request)
        ? loadCount
        : undefined;
      if (load) {
        if (listing === false) throw noLists();
        const isShown = shownBelow(path, mayRead?.(request));
        const options = { found: selected, isShown };
        return served.withOther(
          load().then((answer) => answer(directory, request, options)),
        );
      }
      const page = index ? indexOf(selection, path, request) : undefined;
      if (page) return file(request, page);
      if (listing === false) throw noLists();
      const list = () =>
        answerWithListing(request, snapshots, selected, {
          page: listing,
          isShown: shownBelow(path, mayRead?.(request)),
          hasParent: path !== "",
        });
      return served.withOther(compress(list)(request, info));
    });
  });
}

/** A POST only reads an archive: anything else is a 405. */
function refuseOtherPost(request: Request, path: string, zip: boolean): void {
  const isDirectory = path === "" || path.endsWith("/");
  if (zip && isDirectory && wantsZip(request)) return;
  throw new HttpError(405, "Nothing can be changed here", {
    headers: { allow: "GET, HEAD, OPTIONS" },
  });
}

function noLists(): HttpError {
  return new HttpError(403, "This server shows no lists of files");
}

/** Whether paths below a directory are there for a reader. */
function shownBelow(
  path: string,
  mayRead: ((names: readonly string[]) => boolean) | undefined,
): ((below: string) => boolean) | undefined {
  if (mayRead === undefined) return undefined;
  const above = path.split("/").slice(0, -1).map(decodePath);
  return (below) => mayRead([...above, ...below.split("/")]);
}

/** The index.html of a directory, if it has one. */
function indexOf(
  selection: Selection,
  path: string,
  { headers }: Request,
): Selected | undefined {
  const selected = selection.find(`${path}index.html`, headers);
  return selected && !("directory" in selected) ? selected : undefined;
}

/** Answers a GET or HEAD with the selected representation. */
export function answer(
  request: Request,
  { name, file, onTheWay }: Selected,
  digests: FileDigests,
): Response | Promise<Response> {
  const extra = request.url.includes("?") ? disposition(request, name) : [];
  if (onTheWay) return answerCoded(request, file, extra);
  const wanted = wantedDigest(request.headers.get("want-repr-digest"));
  if (!wanted) return answerWithFile(request, file, extra);
  return answerWithoutFile(request, file) ??
    digestLines(request, file, wanted, digests).then((lines) =>
      answerWithFile(request, file, [...extra, ...lines])
    );
}

async function answerCoded(
  request: Request,
  file: Answerable,
  extra: Line[],
): Promise<Response> {
  const isHead = request.method === "HEAD";
  // Coded content has a known length only once it is coded.
  const asked = isHead ? new Request(request, { method: "GET" }) : request;
  const response = answerWithFile(asked, file, extra);
  return response.status === 200 ? await gzipped(response, isHead) : response;
}

/** RFC 9530 §3: the digest of the whole file, even if a part is sent. */
async function digestLines(
  { signal }: Request,
  { source }: Answerable,
  algorithm: DigestAlgorithm,
  digests: FileDigests,
): Promise<Line[]> {
  try {
    const digest = source instanceof Uint8Array
      ? await digestOfOctets(source, algorithm)
      : await digests.digestOf(source, algorithm, signal);
    if (digest === undefined) return [];
    return [["repr-digest", encodeDigests(new Map([[algorithm, digest]]))]];
  } catch (error) {
    closeSource(source);
    throw diskError(error, "read");
  }
}

function disposition(request: Request, name: string): Line[] {
  if (!new URL(request.url).searchParams.has("download")) return [];
  return [["content-disposition", attachment(name)]];
}
