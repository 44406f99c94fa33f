/**
 * A directory that was found goes in, a list of what is in it comes out, sorted
 * and cut as the query says. Only names are held; what else is told of them is
 * asked for those that are shown, unless it is what they are sorted by. In which
 * form it goes out `listing_forms.ts` knows.
 *
 * @module
 */

import { accepts } from "@std/http/negotiation";
import { HttpError } from "../errors.ts";
import { decodePath } from "../handlers/percent_encoding.ts";
import type { Directory, Entry } from "./directory.ts";
import type { FoundDirectory } from "./enclosure.ts";
import { validatorsOf } from "./entity_tag.ts";
import { defaultPage, jsonOf, textOf } from "./listing_forms.ts";

/** What is told of a file or directory in a {@linkcode Listing}. */
export interface Listed {
  /** Its name. */
  name: string;
  /** What it is. */
  type: "file" | "directory";
  /** Octets; of a directory undefined, as are the next two. */
  size?: number;
  /** When it was modified (RFC 3339). */
  modified?: string;
  /** Its entity tag (RFC 9110 §8.8.3). */
  etag?: string;
}

/** A directory as a list, for a page that shows it. */
export interface Listing {
  /** The path of its URL, percent-decoded, with `/` at both ends. */
  path: string;
  /** What is shown. */
  entries: Listed[];
  /** How many there are in all, of those that the filter lets through. */
  total: number;
  /** How many come before those that are shown. */
  offset: number;
  /** How many are shown at most. */
  limit: number;
  /** What they are sorted by. */
  sort: "name" | "size" | "modified";
  /** Which way. */
  order: "asc" | "desc";
  /** What each name contains, in either case; empty for all. */
  filter: string;
}

/** Makes the page that a browser gets for a directory. */
export type ListingPage = (
  listing: Listing,
  request: Request,
) => Response | Promise<Response>;

/** How many are shown if the query does not say. */
const defaultLimit = 1000;

/** What of a list is wanted, and in which order. */
type Wanted = Pick<Listing, "sort" | "order" | "offset" | "limit" | "filter">;

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
  page: ListingPage = defaultPage,
): Promise<Response> {
  const form = accepts(
    request,
    "text/plain",
    "application/json",
    "text/html",
  ) ?? "text/plain";
  // A shell that asks for names wants all of them, and no more than that.
  const isBrief = form === "text/plain";
  const wanted = wantedOf(request, isBrief ? Infinity : defaultLimit);
  const list = new List(directory, found, { isGrouped: form === "text/html" });
  const { pathname } = new URL(request.url);
  const listing = {
    path: decodePath(pathname),
    ...wanted,
    ...await list.select(wanted, isBrief),
  };
  const response = form === "text/html"
    ? await page(listing, request)
    : form === "application/json"
    ? jsonOf(listing)
    : textOf(listing);
  response.headers.append("vary", "Accept");
  const next = wanted.offset + wanted.limit;
  if (next < listing.total) response.headers.set("link", linkTo(request, next));
  return response;
}

function wantedOf({ url }: Request, otherLimit: number): Wanted {
  const { searchParams: query } = new URL(url);
  const sort = query.get("sort") ?? "name";
  const order = query.get("order") ?? "asc";
  if (sort !== "name" && sort !== "size" && sort !== "modified") {
    throw new HttpError(400, "sort must be name, size or modified");
  }
  if (order !== "asc" && order !== "desc") {
    throw new HttpError(400, "order must be asc or desc");
  }
  return {
    sort,
    order,
    filter: query.get("filter") ?? "",
    offset: countOf(query, "offset", 0),
    limit: countOf(query, "limit", otherLimit),
  };
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

/** How many are looked at before others have a turn. */
const batch = 100;

/** What is in a directory. */
class List {
  #directory: Directory;
  #found: FoundDirectory;
  #isGrouped: boolean;

  /** @param options Whether directories come first. */
  constructor(
    directory: Directory,
    found: FoundDirectory,
    { isGrouped }: { isGrouped: boolean },
  ) {
    this.#directory = directory;
    this.#found = found;
    this.#isGrouped = isGrouped;
  }

  /** @param isBrief Whether names and types are enough. */
  async select(
    { sort, order, filter, offset, limit }: Wanted,
    isBrief: boolean,
  ): Promise<Pick<Listing, "entries" | "total">> {
    const sign = order === "desc" ? -1 : 1;
    const wanted = filter.toLowerCase();
    const named = (await this.#directory.list(this.#found))
      .filter(({ name }) =>
        wanted === "" || name.toLowerCase().includes(wanted)
      )
      .map((entry) => ({
        entry,
        group: this.#isGrouped && entry.isDirectory ? 0 : 1,
        key: nameKey(entry.name),
      }))
      .sort((a, b) => a.group - b.group || sign * compare(a.key, b.key));
    const entries = named.map(({ entry }) => entry);
    const total = entries.length;
    if (sort === "name") {
      const cut = entries.slice(offset, offset + limit);
      return { entries: await this.#inspect(cut, isBrief), total };
    }
    const all = await this.#inspect(entries, false);
    all.sort((a, b) =>
      this.#groupOf(a) - this.#groupOf(b) ||
      sign * compare(a[sort] ?? "", b[sort] ?? "")
    );
    return { entries: all.slice(offset, offset + limit), total: all.length };
  }

  #groupOf({ type }: Listed): number {
    return this.#isGrouped && type === "directory" ? 0 : 1;
  }

  async #inspect(entries: Entry[], isBrief: boolean): Promise<Listed[]> {
    const listed: Listed[] = [];
    for (const [at, entry] of entries.entries()) {
      if (isBrief && !entry.isSymlink) {
        const type = entry.isDirectory ? "directory" : "file";
        listed.push({ name: entry.name, type });
        continue;
      }
      if (at % batch === batch - 1) await turn();
      const info = this.#directory.inspect(this.#found, entry);
      if (info) listed.push(describe(entry.name, info));
    }
    return listed;
  }
}

/**
 * What names are sorted by: `b` after `A`, and `2` before `10`. Names that are
 * the same but for this keep an order all the same.
 */
export function nameKey(name: string): string {
  const padded = name.toLowerCase()
    .replace(/\d+/g, (digits) => digits.padStart(12, "0"));
  return `${padded}\0${name}`;
}

function compare<T>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
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
