/**
 * Searches the names below a directory for a text, and tells what it finds
 * while it walks: as JSON lines or as a page. How long a search takes, how much
 * it looks at and how many there are at once is bounded; what was cut short is
 * said at the end.
 *
 * @module
 */

import { escape } from "@std/html/entities";
import { accepts } from "@std/http/negotiation";
import { HttpError } from "../errors.ts";
import { decodePath } from "../router/url_path.ts";
import type { Directory } from "./directory.ts";
import type { FoundDirectory } from "./found_directory.ts";
import { SharedSlots } from "./shared_slots.ts";
import { type TreeEntry, walk } from "./tree.ts";

/** How many searches of a directory run at once. */
const slots = new SharedSlots(4, {
  message: "Others are searching, try again",
  retryAfter: 2,
});

/** How many entries are told by default, and at most. */
const DEFAULT_LIMIT = 1000;
const MOST_LIMIT = 10_000;

/** How many entries are looked at. */
const MOST_ENTRIES = 500_000;

/** How long (ms) a search takes, with the time in which a client reads. */
const MOST_TIME = 20_000;

/** The most characters of a text: no name is longer. */
const MOST_TEXT = 255;

/** A piece of this many characters is sent. */
const PIECE = 16 * 1024;

/** How long (ms) what was found waits for more. */
const PATIENCE = 200;

/** What is searched for. */
interface Wanted {
  /** In one form of all that are the same but for their case. */
  text: string;
  limit: number;
}

/** Why a search has ended before it had seen everything. */
type Cut = "limit" | "entries" | "time";

/** The end of a search. */
interface Summary {
  found: number;
  looked: number;
  cut?: Cut;
}

/** An entry that was found. */
interface Hit {
  /** Its names below the directory, joined by `/`. */
  path: string;
  type: "file" | "directory";
  size?: number;
  modified?: string;
}

/** How hits become text. */
interface Form {
  type: string;
  start(path: string, query: string): string;
  hit(hit: Hit): string;
  end(summary: Summary): string;
}

/** Why a walk ends that has gone on for too long. */
const LATE = new Error("The search takes too long");

/** What a search may tell. */
interface SearchOptions {
  /** The directory below which names are searched. */
  found: FoundDirectory;
  /** Whether a path below the directory is there for this reader. */
  isShown?: (path: string) => boolean;
}

/**
 * Answers with what is found. Throws an {@linkcode HttpError}: 400 for an
 * invalid query, 503 while others search.
 */
export function answerWithSearch(
  directory: Directory,
  request: Request,
  { found, isShown }: SearchOptions,
): Response {
  const wanted = wantedOf(request);
  const form = accepts(request, ndjson.type, html.type) === html.type
    ? html
    : ndjson;
  const headers = {
    "cache-control": "no-cache",
    "content-security-policy": "default-src 'none'; form-action 'self'",
    "content-type": `${form.type}; charset=utf-8`,
    vary: "Accept",
    "x-content-type-options": "nosniff",
  };
  if (request.method === "HEAD") return new Response(null, { headers });
  const slot = slots.take(directory);
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(LATE), MOST_TIME);
  const entries = walk(found, {
    signal: over.signal,
    skipsUnreadable: true,
    isShown,
  });
  const pieces = told(request, { wanted, form, entries });
  const end = () => {
    clearTimeout(timer);
    over.abort();
    entries.return(undefined).catch(() => {});
    slot[Symbol.dispose]();
  };
  return new Response(streamOf(pieces, end), { headers });
}

function wantedOf({ url }: Request): Wanted {
  const { searchParams: query } = new URL(url);
  const text = fold(query.get("search") ?? "");
  if (text === "" || text.length > MOST_TEXT) {
    throw new HttpError(
      400,
      `search must be a text of up to ${MOST_TEXT} characters`,
    );
  }
  const limit = query.get("limit") ?? `${DEFAULT_LIMIT}`;
  if (!/^\d{1,9}$/.test(limit) || Number(limit) > MOST_LIMIT) {
    throw new HttpError(400, `limit must be a number up to ${MOST_LIMIT}`);
  }
  return { text, limit: Number(limit) };
}

/** One form of names that differ in case, or in how they are composed. */
function fold(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

/** The text of an answer, piece by piece. */
async function* told(
  { url }: Request,
  { wanted, form, entries }: {
    wanted: Wanted;
    form: Form;
    entries: AsyncGenerator<TreeEntry>;
  },
): AsyncGenerator<string> {
  const { pathname, searchParams } = new URL(url);
  const start = form.start(
    decodePath(pathname),
    searchParams.get("search") ?? "",
  );
  const summary: Summary = { found: 0, looked: 0 };
  let text = start;
  let sent = performance.now();
  for (;;) {
    const hit = await nextHit(entries, wanted, summary).catch((error) => {
      if (error !== LATE) throw error;
      summary.cut = "time";
      return undefined;
    });
    if (hit === undefined) break;
    text += form.hit(hit);
    if (text.length < PIECE && performance.now() - sent < PATIENCE) continue;
    yield text;
    text = "";
    sent = performance.now();
  }
  yield text + form.end(summary);
}

/** Looks on until something is found; undefined at the end. */
async function nextHit(
  entries: AsyncGenerator<TreeEntry>,
  { text, limit }: Wanted,
  summary: Summary,
): Promise<Hit | undefined> {
  for (;;) {
    const { value, done } = await entries.next();
    if (done) return undefined;
    if (summary.looked === MOST_ENTRIES) {
      summary.cut = "entries";
      return undefined;
    }
    summary.looked++;
    if (!fold(value.entry.name).includes(text)) continue;
    const hit = hitOf(value);
    if (hit === undefined) continue;
    if (summary.found === limit) {
      summary.cut = "limit";
      return undefined;
    }
    summary.found++;
    return hit;
  }
}

/** Undefined for what is gone, or leads outside. */
function hitOf({ path, entry, folder }: TreeEntry): Hit | undefined {
  const info = folder.inspect(entry);
  // Its directory may have become a link since it was read.
  if (info === undefined || !isInPlace(folder)) return undefined;
  if (info.isDirectory) return { path, type: "directory" };
  const modified = info.mtime?.toISOString();
  return { path, type: "file", size: info.size, modified };
}

function isInPlace(folder: FoundDirectory): boolean {
  try {
    folder.verify();
    return true;
  } catch {
    return false;
  }
}

/** For a program: each entry as a line of JSON, and how it ended as the last. */
const ndjson: Form = {
  type: "application/x-ndjson",
  start: () => "",
  hit: (hit) => `${JSON.stringify(hit)}\n`,
  end: (summary) => `${JSON.stringify({ done: true, ...summary })}\n`,
};

const cuts: Record<Cut, string> = {
  limit: "There is more: only so many are shown.",
  entries: "There may be more: there is too much to look at all of it.",
  time: "There may be more: it took too long to look at all of it.",
};

/** For a browser: a page without style sheet or script. */
const html: Form = {
  type: "text/html",
  start(path, query) {
    const title = escape(`“${query}” in ${path}`);
    return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<h1>${title}</h1>
<form role="search"><label>Names that contain
<input type="search" name="search" value="${escape(query)}" maxlength="255">
</label> <button>Search</button></form>
<p><a href="./">All files</a></p>
<ul>
`;
  },
  hit({ path, type, size }) {
    const end = type === "directory" ? "/" : "";
    const href = path.split("/").map(encodeURIComponent).join("/") + end;
    const length = size === undefined ? "" : ` ${size} octets`;
    // Without `./`, a name with a colon would be a scheme.
    return `<li><a href="./${href}">${escape(path)}${end}</a>${length}\n`;
  },
  end({ found, cut }) {
    const count = found === 1 ? "1 name" : `${found} names`;
    return `</ul>\n<p>${count} found. ${cut ? cuts[cut] : ""}</p>\n`;
  },
};

/**
 * @param end Called once, when nothing more is read.
 */
function streamOf(
  pieces: AsyncGenerator<string>,
  end: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let isOver = false;
  const over = () => {
    if (!isOver) end();
    isOver = true;
  };
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await pieces.next();
        if (isOver) return;
        if (!done) return controller.enqueue(encoder.encode(value));
        controller.close();
        over();
      } catch (error) {
        if (isOver) return;
        over();
        throw error;
      }
    },
    cancel: over,
  }, { highWaterMark: 0 });
}
