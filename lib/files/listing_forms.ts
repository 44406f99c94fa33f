/**
 * Writes the list of a directory for a program, a shell, or a browser without a
 * better page, as fast as the client reads. Of a long list it holds only a
 * piece. It does not know where the list comes from.
 *
 * @module
 */

import { escape } from "@std/html/entities";
import type { Listed, Listing } from "../listing.ts";
import { turns, type Work } from "./bounded_work.ts";

/** Makes the page that a browser gets for a directory. */
export type ListingPage = (
  listing: Listing,
  request: Request,
) => Response | Promise<Response>;

/** A form of a list: how entries become text, one by one. */
export interface Form {
  /** The media type. */
  type: string;
  /** What a browser may do with it (Content-Security-Policy). */
  policy?: string;
  start: string;
  /** The text of an entry. */
  row(listed: Listed): string;
  /** The text between two entries. */
  separator: string;
  end: string;
}

/** For a program: the entries as JSON. */
export const json: Form = {
  type: "application/json",
  start: "[",
  row: (listed) => JSON.stringify(listed),
  separator: ",",
  end: "]\n",
};

/** For a shell: one line for each name. */
export const text: Form = {
  type: "text/plain",
  start: "",
  row: (listed) => `${lineOf(listed)}\n`,
  separator: "",
  end: "",
};

/**
 * For a browser without a better page, and for programs that follow links: one
 * link for each name and none beside, in lines as nginx writes them, from which
 * programs read times and sizes.
 *
 * @param path The path to show.
 * @param hasParent Whether to link to the directory above.
 */
export function html(path: string, hasParent: boolean): Form {
  const title = escape(`Files in ${path}`);
  return {
    type: "text/html",
    policy: "default-src 'none'; sandbox",
    start: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<h1>${title}</h1>
<pre>${hasParent ? '<a href="../">../</a>' : ""}
`,
    row: linkOf,
    separator: "",
    end: "</pre>\n",
  };
}

function linkOf(listed: Listed): string {
  const { name, type, size, modified } = listed;
  // Without `./`, a name with a colon would be a scheme.
  const href = `./${encodeURIComponent(name)}${
    type === "directory" ? "/" : ""
  }`;
  const time = modified === undefined ? "-" : lineTime(modified);
  return `<a href="${href}">${escape(nameOf(listed))}</a>  ${time}  ${
    size ?? "-"
  }\n`;
}

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `23-Nov-2026 15:25` of an RFC 3339 time in UTC. */
function lineTime(time: string): string {
  const [year, month, day] = time.slice(0, 10).split("-");
  return `${day}-${months[Number(month) - 1]}-${year} ${time.slice(11, 16)}`;
}

/** A response with a list. */
export function respond(
  { type, policy }: Pick<Form, "type" | "policy">,
  content: BodyInit,
): Response {
  return new Response(content, {
    headers: {
      "cache-control": "no-cache",
      "content-type": `${type}; charset=utf-8`,
      "x-content-type-options": "nosniff",
      ...policy && { "content-security-policy": policy },
    },
  });
}

function nameOf({ name, type }: Listed): string {
  return type === "directory" ? `${name}/` : name;
}

/**
 * Characters that control a terminal or are invisible: control and format
 * characters, such as those that change the direction of text, and all others
 * without a width.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Writes a name as one line that looks like no other name: `%` becomes `%25`, a
 * newline `%0A`, a right-to-left override `%E2%80%AE`.
 */
function lineOf(listed: Listed): string {
  const name = nameOf(listed);
  if (plain.test(name)) return name;
  return name.replaceAll("%", "%25").replace(unseen, encodeURIComponent);
}

/** Most names: printable ASCII, without `%`. */
const plain = /^[ -$&-~]*$/;

/** An entry, or undefined: a place to pause. */
export type Row = Listed | undefined;

/** A piece of this many characters is sent. */
const PIECE = 16 * 1024;
/** A list of at most this many characters is sent at once, with its length. */
const SHORT = 64 * 1024;

/** A piece of text, or undefined: a place to pause. */
type TextPiece = string | undefined;

/**
 * Writes rows as text, piece by piece.
 *
 * @param verify Called before a piece is sent; throws if it must not be.
 */
export function* pieces(
  rows: Iterable<Row>,
  form: Form,
  verify: () => void,
): Generator<TextPiece> {
  let text = form.start;
  let separator = "";
  for (const row of rows) {
    if (row === undefined) {
      yield undefined;
      continue;
    }
    text += separator + form.row(row);
    separator = form.separator;
    if (text.length < PIECE) continue;
    verify();
    yield text;
    text = "";
  }
  verify();
  yield text + form.end;
}

/** The conditions that the text is sent under. */
interface Sending {
  /** Aborts when the client has gone. */
  signal: AbortSignal;
  /** Called when the text is no longer needed. */
  release: () => void;
}

/**
 * The text if it is short, else a stream of it. Rejects with the error of the
 * pieces, and with the reason of the signal.
 */
export async function streamed(
  content: Generator<TextPiece>,
  { signal, release }: Sending,
): Promise<string | ReadableStream<Uint8Array<ArrayBuffer>>> {
  const { text, isWhole } = await turns.run(gather(content, SHORT), signal);
  if (!isWhole) return streamBehind(text, content, release);
  release();
  return text;
}

function streamBehind(
  start: string,
  content: Generator<TextPiece>,
  release: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  const cancelled = new AbortController();
  let first = start;
  return new ReadableStream({
    async pull(controller) {
      try {
        const { text, isWhole } = first
          ? { text: first, isWhole: false }
          : await turns.run(gather(content, PIECE), cancelled.signal);
        first = "";
        if (text) controller.enqueue(encoder.encode(text));
        if (!isWhole) return;
        controller.close();
        release();
      } catch (error) {
        release();
        throw error;
      }
    },
    cancel(reason) {
      cancelled.abort(reason);
      release();
    },
  }, { highWaterMark: 0 });
}

/**
 * Collects text until the end, or until there are more than `most` characters.
 */
function* gather(
  content: Generator<TextPiece>,
  most: number,
): Work<{ text: string; isWhole: boolean }> {
  let text = "";
  // A for-of loop would end the generator when it ends.
  for (;;) {
    const { value, done } = content.next();
    if (done) return { text, isWhole: true };
    if (value === undefined) yield;
    else text += value;
    if (text.length >= most) return { text, isWhole: false };
  }
}
