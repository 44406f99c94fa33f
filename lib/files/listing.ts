/**
 * A directory that was found goes in, a list of what is in it comes out: for a
 * browser, a program or a shell. Only names are held; what else is told of them
 * is asked for those that are shown, unless it is what they are sorted by.
 *
 * @module
 */

import { escape } from "@std/html/entities";
import { accepts } from "@std/http/negotiation";
import { HttpError } from "../errors.ts";
import type { Directory, Entry } from "./directory.ts";
import type { FoundDirectory } from "./enclosure.ts";
import { validatorsOf } from "./entity_tag.ts";

/** What is told of a file or directory. */
export interface Listed {
  name: string;
  type: "file" | "directory";
  /** Octets; of a directory undefined, as are the next two. */
  size?: number;
  /** RFC 3339. */
  modified?: string;
  etag?: string;
}

/** How many are shown if the query does not say. */
const defaultLimit = 1000;

const sortKeys = ["name", "size", "modified"] as const;

/** What of a list is wanted, and in which order. */
interface Wanted {
  sort: typeof sortKeys[number];
  isDescending: boolean;
  offset: number;
  limit: number;
  /** Whether names and types are enough. */
  isBrief: boolean;
}

/** Redirects to the same path with a `/` at its end. */
export function redirectToDirectory(request: Request): Response {
  const { pathname, search } = new URL(request.url);
  // Of a name alone: in a path, `//` would lead to another host.
  const location = `${pathname.split("/").pop()}/${search}`;
  return new Response(null, {
    status: 308,
    headers: { location: `./${location}` },
  });
}

/** Answers with the list. Throws an HttpError with 400 for a query that is none. */
export async function answerWithListing(
  request: Request,
  directory: Directory,
  found: FoundDirectory,
): Promise<Response> {
  const type = accepts(
    request,
    "text/plain",
    "application/json",
    "text/html",
  ) ?? "text/plain";
  // A shell that asks for names wants all of them.
  const isBrief = type === "text/plain";
  const wanted = wantedOf(request, isBrief);
  const names = await directory.list(found);
  const { shown, total } = await page(directory, found, names, wanted);
  const headers = new Headers({
    "cache-control": "no-cache",
    "content-type": `${type}; charset=utf-8`,
    "vary": "Accept",
    "x-content-type-options": "nosniff",
  });
  const next = wanted.offset + wanted.limit;
  if (next < total) headers.set("link", linkTo(request, next));
  const { pathname } = new URL(request.url);
  return new Response(textOf(type, shown, pathname, headers), { headers });
}

function wantedOf({ url }: Request, isBrief: boolean): Wanted {
  const { searchParams: query } = new URL(url);
  const sort = query.get("sort") ?? "name";
  const order = query.get("order") ?? "asc";
  if (!isSortKey(sort)) {
    throw new HttpError(400, "sort must be name, size or modified");
  }
  if (order !== "asc" && order !== "desc") {
    throw new HttpError(400, "order must be asc or desc");
  }
  return {
    sort,
    isDescending: order === "desc",
    offset: countOf(query, "offset", 0),
    limit: countOf(query, "limit", isBrief ? Infinity : defaultLimit),
    isBrief,
  };
}

function isSortKey(text: string): text is Wanted["sort"] {
  return (sortKeys as readonly string[]).includes(text);
}

function countOf(query: URLSearchParams, name: string, other: number): number {
  const text = query.get(name);
  if (text === null) return other;
  if (!/^\d{1,9}$/.test(text)) {
    throw new HttpError(400, `${name} must be a number of entries`);
  }
  return Number(text);
}

/** RFC 8288 §3: where the list goes on. */
function linkTo({ url }: Request, offset: number): string {
  const query = new URL(url).searchParams;
  query.set("offset", `${offset}`);
  return `<?${query}>; rel="next"`;
}

async function page(
  directory: Directory,
  found: FoundDirectory,
  entries: Entry[],
  { sort, isDescending, offset, limit, isBrief }: Wanted,
): Promise<{ shown: Listed[]; total: number }> {
  const cut = <T>(list: T[]) => {
    if (isDescending) list.reverse();
    return list.slice(offset, offset + limit);
  };
  const byName = entries.sort((a, b) => compare(a.name, b.name));
  if (sort === "name") {
    const inspected = cut(byName);
    const shown = await inspect(directory, found, inspected, isBrief);
    return { shown, total: entries.length };
  }
  const all = await inspect(directory, found, byName);
  all.sort((a, b) => compare(a[sort] ?? "", b[sort] ?? ""));
  return { shown: cut(all), total: all.length };
}

function compare<T>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How many are looked at before others have a turn. */
const batch = 100;

async function inspect(
  directory: Directory,
  found: FoundDirectory,
  entries: Entry[],
  isBrief = false,
): Promise<Listed[]> {
  const listed: Listed[] = [];
  for (const [at, entry] of entries.entries()) {
    if (isBrief && !entry.isSymlink) {
      const type = entry.isDirectory ? "directory" : "file";
      listed.push({ name: entry.name, type });
      continue;
    }
    if (at % batch === batch - 1) await turn();
    const info = directory.inspect(found, entry);
    if (info) listed.push(describe(entry.name, info));
  }
  return listed;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function describe(name: string, info: Deno.FileInfo): Listed {
  if (info.isDirectory) return { name, type: "directory" };
  return {
    name,
    type: "file",
    size: info.size,
    modified: info.mtime?.toISOString(),
    etag: validatorsOf(info).entityTag,
  };
}

function textOf(
  type: string,
  shown: Listed[],
  path: string,
  headers: Headers,
): string {
  if (type === "application/json") return JSON.stringify(shown) + "\n";
  if (type === "text/plain") {
    return shown.map((listed) => `${lineOf(listed)}\n`).join("");
  }
  headers.set("content-security-policy", "default-src 'none'; sandbox");
  return htmlOf(shown, path, headers.has("link"));
}

function nameOf({ name, type }: Listed): string {
  return type === "directory" ? `${name}/` : name;
}

/** A name is a line, whatever is in it: `%` is written `%25`, a newline `%0A`. */
function lineOf(listed: Listed): string {
  return nameOf(listed).replace(/[%\p{Cc}]/gu, encodeURIComponent);
}

function htmlOf(shown: Listed[], path: string, hasMore: boolean): string {
  const title = escape(`Files in ${decodeURIComponent(path)}`);
  const rows = shown.map((listed) => {
    const { name, size, modified } = listed;
    const href = encodeURIComponent(name) +
      (listed.type === "directory" ? "/" : "");
    // `./`: a name with a colon would be a scheme.
    return `<tr><td><a href="./${href}">${escape(nameOf(listed))}</a></td>` +
      `<td>${size ?? ""}</td><td>${modified ?? ""}</td></tr>\n`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<h1>${title}</h1>
<table>
<tr><th>Name</th><th>Octets</th><th>Modified</th></tr>
<tr><td><a href="../">../</a></td><td></td><td></td></tr>
${rows.join("")}</table>
${hasMore ? "<p>There are more: <code>?offset=</code> shows them.</p>\n" : ""}`;
}
