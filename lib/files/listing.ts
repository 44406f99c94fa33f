/**
 * Makes the list of a directory that a query asks for, sorted and cut. It is
 * based on a shared snapshot; the metadata of the shown entries is read anew,
 * piece by piece, as the client reads. `listing_forms.ts` decides how it is
 * written.
 *
 * @module
 */

import { accepts } from "@std/http/negotiation";
import { HttpError } from "../errors.ts";
import type { Listed, Listing } from "../listing.ts";
import { decodePath } from "../router/url_path.ts";
import { turns, type Work } from "./bounded_work.ts";
import type { FoundDirectory } from "./found_directory.ts";
import {
  type Form,
  html,
  json,
  type ListingPage,
  pieces,
  respond,
  type Row,
  streamed,
  text,
} from "./listing_forms.ts";
import { answerIfKnown, tagOfNames, tagOfText } from "./listing_tags.ts";
import type { Lease, SharedSnapshots } from "./shared_snapshots.ts";
import type { Order, Snapshot } from "./snapshot.ts";
import { validatorsOf } from "./validators.ts";

/** How many entries JSON has by default. */
const JSON_LIMIT = 1000;
/** The same of a page: its script fetches the others once it shows these. */
const PAGE_LIMIT = 100;
/** How many entries a page has at most. */
const MOST_OF_PAGE = 1000;

/** Which part of a list is wanted, and in which order. */
type Wanted = Pick<Listing, "sort" | "order" | "offset" | "limit" | "filter">;

/**
 * Stands for any type in a choice: who accepts all of them gets the first.
 * Programs that follow links do, and so does curl.
 */
const ANY = "text/x-any";

/**
 * The type of the list that a request asks for; undefined if it names none that
 * there is, and gets links.
 */
export function listTypeOf(
  request: Request,
): "text/plain" | "application/json" | "text/html" | undefined {
  const type = accepts(
    request,
    ANY,
    "text/plain",
    "application/json",
    "text/html",
  );
  return type === ANY ? undefined : type as ReturnType<typeof listTypeOf>;
}

/** Answers with the list. Throws an HttpError with 400 for an invalid query. */
export async function answerWithListing(
  request: Request,
  snapshots: SharedSnapshots,
  found: FoundDirectory,
  { page, isShown, hasParent }: {
    /** Makes the page for a browser. Default: the same links as for programs. */
    page?: ListingPage;
    /** Whether an entry is listed. Default: all are. */
    isShown?: (name: string) => boolean;
    /** Whether there is a list of the directory above. */
    hasParent: boolean;
  },
): Promise<Response> {
  const type = listTypeOf(request);
  const isPage = type === "text/html" && page !== undefined;
  const isJson = type === "application/json";
  const limit = isPage ? PAGE_LIMIT : isJson ? JSON_LIMIT : Infinity;
  const wanted = wantedOf(request, limit);
  if (isPage) wanted.limit = Math.min(wanted.limit, MOST_OF_PAGE);
  const { signal } = request;
  const hasAllNames = type === "text/plain" && !isShown &&
    wanted.filter === "" && wanted.offset === 0 && wanted.limit === Infinity;
  const namesTag = hasAllNames ? tagOfNames(found.info) : undefined;
  const known = answerIfKnown(request, namesTag);
  if (known) return known;
  const lease = await snapshots.lease(found, signal);
  const list = new List(lease, wanted, {
    // A shell wants all names, and only names.
    isBrief: type === "text/plain",
    isGrouped: type === "text/html" || type === undefined,
    isShown,
  });
  try {
    const total = await list.arrange(signal);
    const response = isPage
      ? await page(await list.listing(request, total), request)
      : await list.respond(request, formOf(request, type, hasParent), namesTag);
    if (response.status === 304) return response;
    response.headers.append("vary", "Accept");
    const next = wanted.offset + wanted.limit;
    if (next < total) response.headers.set("link", linkTo(request, next));
    return response;
  } catch (error) {
    list.release();
    throw error;
  }
}

function formOf(
  { url }: Request,
  type: ReturnType<typeof listTypeOf>,
  hasParent: boolean,
): Form {
  if (type === "text/plain") return text;
  if (type === "application/json") return json;
  return html(decodePath(new URL(url).pathname), hasParent);
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
    offset: numberOf(query, "offset", 0),
    limit: numberOf(query, "limit", otherLimit),
  };
}

function numberOf(query: URLSearchParams, name: string, other: number): number {
  const text = query.get(name);
  if (text === null) return other;
  if (!/^\d{1,9}$/.test(text)) {
    throw new HttpError(400, `${name} must be a number of entries`);
  }
  return Number(text);
}

/** RFC 8288 §3: a link to the next part of the list. */
function linkTo({ url }: Request, offset: number): string {
  const query = new URL(url).searchParams;
  query.set("offset", `${offset}`);
  return `<?${query}>; rel="next"`;
}

/** How many entries are inspected in one step of work. */
const STEP = 16;

/** The part of a snapshot that is shown. */
class List {
  #lease: Lease;
  #snapshot: Snapshot;
  #wanted: Wanted;
  #isBrief: boolean;
  #isGrouped: boolean;
  #isShown: ((name: string) => boolean) | undefined;
  #order: Order | undefined;

  /**
   * @param options Whether names and types are enough, whether directories
   * come first, and which names are shown.
   */
  constructor(
    lease: Lease,
    wanted: Wanted,
    { isBrief, isGrouped, isShown }: {
      isBrief: boolean;
      isGrouped: boolean;
      isShown?: (name: string) => boolean;
    },
  ) {
    this.#lease = lease;
    this.#snapshot = lease.snapshot;
    this.#wanted = wanted;
    this.#isBrief = isBrief;
    this.#isGrouped = isGrouped;
    this.#isShown = isShown;
  }

  /** Sorts the list; returns how many entries pass the filter. */
  async arrange(signal: AbortSignal): Promise<number> {
    const { sort, filter, order, offset, limit } = this.#wanted;
    const hasAll = filter === "" && !this.#isShown;
    if (hasAll && this.#isGrouped && sort === "name" && order === "asc") {
      this.#order = await this.#snapshot.headByName(offset + limit, signal);
      return this.#snapshot.length;
    }
    this.#order = await this.#snapshot.sortedBy(sort, signal);
    if (hasAll) return this.#order.length;
    return await turns.run(countOf(this.#matching()), signal);
  }

  /** The listing for a page. */
  async listing(request: Request, total: number): Promise<Listing> {
    const entries = await turns.run(this.#collect(), request.signal);
    this.release();
    const { pathname } = new URL(request.url);
    return { path: decodePath(pathname), ...this.#wanted, entries, total };
  }

  /**
   * The response in a form; a short one has a known length, and a tag by its
   * text. @param namesTag The tag of a long one, if it has one.
   */
  async respond(
    request: Request,
    form: Form,
    namesTag: string | undefined,
  ): Promise<Response> {
    const verify = () => this.#snapshot.verify();
    const content = pieces(this.#rows(), form, verify);
    const release = () => this.release();
    const { signal } = request;
    const body = await streamed(content, { signal, release });
    const isShort = typeof body === "string" && form.type !== "text/html";
    const tag = isShort ? await tagOfText(body) : namesTag;
    const known = isShort ? answerIfKnown(request, tag) : undefined;
    if (known) return known;
    const response = respond(form, body);
    if (tag) response.headers.set("etag", tag);
    return response;
  }

  release(): void {
    this.#lease[Symbol.dispose]();
  }

  *#collect(): Work<Listed[]> {
    const entries: Listed[] = [];
    for (const row of this.#rows()) {
      if (row) entries.push(row);
      else yield;
    }
    this.#snapshot.verify();
    return entries;
  }

  *#rows(): Generator<Row> {
    const { offset, limit } = this.#wanted;
    let place = 0;
    for (const index of this.#matching()) {
      if (index === undefined) yield undefined;
      else if (place >= offset + limit) return;
      else if (place++ >= offset) {
        const row = this.#describe(index);
        if (row) yield row;
      }
    }
  }

  /**
   * The entries that pass the filter, in order; undefined is a place to pause.
   */
  *#matching(): Generator<number | undefined> {
    const filter = this.#wanted.filter.toLowerCase();
    const isDescending = this.#wanted.order === "desc";
    const { length, at, isDirectory } = this.#order!;
    const groups = this.#isGrouped ? [true, false] : [undefined];
    for (const group of groups) {
      for (let place = 0; place < length; place++) {
        if (place % STEP === STEP - 1) yield undefined;
        const index = at(isDescending ? length - 1 - place : place);
        if (group !== undefined && isDirectory(index) !== group) continue;
        if (this.#passes(index, filter)) yield index;
      }
    }
  }

  #passes(index: number, filter: string): boolean {
    if (filter === "" && !this.#isShown) return true;
    const { name } = this.#snapshot.entry(index);
    return name.toLowerCase().includes(filter) &&
      (this.#isShown?.(name) ?? true);
  }

  #describe(index: number): Listed | undefined {
    const entry = this.#snapshot.entry(index);
    const { name } = entry;
    if (this.#isBrief && !entry.isSymlink) {
      return { name, type: entry.isDirectory ? "directory" : "file" };
    }
    const info = this.#snapshot.inspect(entry);
    return info && describe(name, info);
  }
}

function* countOf(indexes: Iterable<number | undefined>): Work<number> {
  let count = 0;
  for (const index of indexes) {
    if (index === undefined) yield;
    else count++;
  }
  return count;
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
