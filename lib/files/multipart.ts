/**
 * Parses the content of a form as it arrives (RFC 7578), and puts each of its
 * files into a directory. A browser sends it for a plain
 * `<form enctype="multipart/form-data">`. Of a large file only a piece is held.
 *
 * @module
 */

import { concat } from "@std/bytes/concat";
import { accepts } from "@std/http/negotiation";
import { HttpError } from "../errors.ts";
import type { Directory } from "./directory.ts";
import type { Preconditions } from "./validators.ts";

/** One entry of a form. */
export interface FormPart {
  /** The name of the field. */
  name: string;
  /** The name of the file, without a path; undefined if it is not a file. */
  fileName: string | undefined;
  /** The content, in pieces that are valid until the next is requested. */
  content: AsyncIterable<Uint8Array>;
}

/** The maximum length in octets of the head of a part. */
const MOST_HEAD = 16 * 1024;
const MOST_PARTS = 1000;

//     boundary := 0*69<bchars> bcharsnospace                 RFC 2046 §5.1.1
const bchars = "[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]";
const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const other =
  `(?!boundary=)${token}=(?:"(?:[^"\\\\]|\\\\.)*"|${token})[\\t ]*;[\\t ]*`;
// The only bchars that may stand in a token.
const typeWithBoundary = new RegExp(
  `^[^;]*;[\\t ]*(?:${other})*boundary=(?:"(${bchars})"|([0-9A-Za-z'+_.-]{1,70}))[\\t ]*(?:;|$)`,
  "i",
);

// HTML percent-encodes a quote, CR and LF and nothing else, so a backslash may
// come last; curl puts a backslash before a quote.
const dispositionParameter =
  /[\t ]*;[\t ]*([^=;"\t ]+)=(?:"((?:[^"\\]|\\(?:"(?![\t ]*(?:;|$)))?)*)"|([^";\t ]+))(?=[\t ]*(?:;|$))/gy;

/**
 * The boundary that a Content-Type names; undefined if it is not
 * `multipart/form-data`. Throws an {@linkcode HttpError} with 400 if it is, but
 * names no valid one.
 */
export function formBoundary(contentType: string | null): string | undefined {
  if (!/^multipart\/form-data[\t ]*(?:;|$)/i.test(contentType ?? "")) {
    return undefined;
  }
  const match = typeWithBoundary.exec(contentType!);
  if (!match) throw new HttpError(400, "The form has no valid boundary");
  return match[1] ?? match[2];
}

/** Stores the files of a form below a path that is empty or ends with `/`. */
export async function uploadForm(
  directory: Directory,
  path: string,
  request: Request,
  { boundary, isAllowed }: {
    boundary: string;
    /** Whether a file may be stored at a path. */
    isAllowed(path: string): boolean;
  },
): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const isKept = searchParams.get("existing") === "keep";
  const preconditions = isKept ? keeping : undefined;
  const stored: string[] = [];
  if (request.body) {
    for await (const part of formParts(request.body, boundary)) {
      if (part.fileName === undefined) continue;
      if (part.fileName === "") {
        await refuseNameless(part.content);
        continue;
      }
      const name = encodeURIComponent(part.fileName);
      if (!isAllowed(path + name)) {
        throw new HttpError(403, "You may not do this at this path");
      }
      await directory.replaceFile(path + name, part.content, preconditions);
      stored.push(name);
    }
  }
  if (stored.length === 0) throw new HttpError(400, "The form has no file");
  if (accepts(request, "text/plain", "text/html") === "text/html") {
    return new Response(null, { status: 303, headers: { location: "./" } });
  }
  return new Response(stored.map((name) => `${pathname}${name}\n`).join(""), {
    status: 201,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      ...(stored.length === 1 && { location: pathname + stored[0] }),
    },
  });
}

const keeping: Preconditions = {
  method: "POST",
  headers: new Headers({ "if-none-match": "*" }),
  message: "There is already a file with that name",
};

/** A browser sends an empty file for a file input that was left empty. */
async function refuseNameless(content: FormPart["content"]): Promise<void> {
  for await (const _ of content) {
    throw new HttpError(400, "A file in the form has no name");
  }
}

/**
 * The parts of a form, in order. The unread rest of a part is skipped when the
 * next is requested. Throws an {@linkcode HttpError} with 400 if the form is
 * malformed or cut short.
 */
export async function* formParts(
  body: ReadableStream<Uint8Array>,
  boundary: string,
): AsyncGenerator<FormPart> {
  const scanner = new Scanner(body.getReader());
  const delimiter = latin1(`\r\n--${boundary}`);
  try {
    // The first delimiter may stand at the very beginning, without a line
    // before it.
    scanner.prepend(latin1("\r\n"));
    for await (const _ of scanner.until(delimiter)); // the preamble
    for (let count = 0; await startsPart(scanner); count++) {
      if (count === MOST_PARTS) throw malformed("has too many parts");
      const head = await readHead(scanner, delimiter);
      const content = scanner.until(delimiter);
      // Without a return(), so that the rest is skipped if the caller stops
      // reading.
      const next = () => content.next();
      yield {
        ...parseHead(head),
        content: { [Symbol.asyncIterator]: () => ({ next }) },
      };
      for await (const _ of content); // the unread rest
    }
  } finally {
    scanner.release();
  }
}

function malformed(how: string): HttpError {
  return new HttpError(400, `The form ${how} (RFC 7578)`);
}

/** Reads what follows a delimiter: a line end, or `--` after the last part. */
async function startsPart(scanner: Scanner): Promise<boolean> {
  for (;;) {
    const octets = await scanner.take(1);
    if (octets === " " || octets === "\t") continue; // RFC 2046 §5.1.1
    const two = octets + await scanner.take(1);
    if (two === "\r\n") return true;
    if (two === "--") return false;
    throw malformed("has a malformed boundary");
  }
}

async function readHead(
  scanner: Scanner,
  delimiter: Uint8Array,
): Promise<string> {
  // The head of a part may be only its empty line.
  scanner.prepend(latin1("\r\n"));
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const octets of scanner.until(latin1("\r\n\r\n"))) {
    length += octets.length;
    if (length > MOST_HEAD) {
      throw malformed("has a part whose head is too long");
    }
    pieces.push(octets.slice());
  }
  const head = concat(pieces);
  if (find(head, delimiter).isWhole) {
    throw malformed("has a part whose head does not end");
  }
  return decodeUtf8(head);
}

function decodeUtf8(octets: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(octets);
  } catch {
    throw malformed("has a name that is not UTF-8");
  }
}

function parseHead(head: string): Omit<FormPart, "content"> {
  const field =
    /\r\ncontent-disposition:[\t ]*form-data[\t ]*(;[^\r\n]*)(?:\r\n|$)/i
      .exec(head);
  const parameters = parseParameters(field?.[1] ?? "");
  const name = parameters.get("name");
  if (name === undefined) throw malformed("has a part without a name");
  // Some browsers have sent a path, and no client may choose one.
  const fileName = parameters.get("filename")?.replace(/^.*[/\\]/s, "");
  return { name, fileName };
}

/** Parses from left to right, because a value may look like a parameter. */
function parseParameters(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  let end = 0;
  for (
    const [all, name, quoted, plain] of text.matchAll(dispositionParameter)
  ) {
    end += all.length;
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, decodeValue(quoted ?? plain));
  }
  if (/[^;\t ]/.test(text.slice(end))) {
    throw malformed("has a part with a malformed disposition");
  }
  return parameters;
}

function decodeValue(value: string): string {
  return value.replace(/\\"/g, '"').replace(
    /%(22|0D|0A)/gi,
    (_, hex) => String.fromCharCode(parseInt(hex, 16)),
  );
}

function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Reads a stream up to marks, wherever the stream is cut. */
class Scanner {
  #reader: ReadableStreamDefaultReader<Uint8Array>;
  #octets: Uint8Array = new Uint8Array(0);

  constructor(reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.#reader = reader;
  }

  release(): void {
    this.#reader.releaseLock();
  }

  /** Puts octets before the next ones. */
  prepend(octets: Uint8Array): void {
    this.#octets = concat([octets, this.#octets]);
  }

  /** Takes octets as text, one character for each. */
  async take(count: number): Promise<string> {
    while (this.#octets.length < count) await this.#fill();
    const taken = this.#octets.subarray(0, count);
    this.#octets = this.#octets.subarray(count);
    return String.fromCharCode(...taken);
  }

  /** The octets before a mark; the mark is taken too. */
  async *until(mark: Uint8Array): AsyncGenerator<Uint8Array> {
    for (;;) {
      const { at, isWhole } = find(this.#octets, mark);
      const before = this.#octets.subarray(0, at);
      this.#octets = this.#octets.subarray(isWhole ? at + mark.length : at);
      if (before.length > 0) yield before;
      if (isWhole) return;
      await this.#fill();
    }
  }

  async #fill(): Promise<void> {
    const { value, done } = await this.#reader.read();
    if (done) throw malformed("is cut short");
    this.#octets = this.#octets.length === 0
      ? value
      : concat([this.#octets, value]);
  }
}

/** Where a mark begins, or may begin if the next octets complete it. */
function find(
  octets: Uint8Array,
  mark: Uint8Array,
): { at: number; isWhole: boolean } {
  for (let at = octets.indexOf(mark[0]); at !== -1;) {
    const end = Math.min(at + mark.length, octets.length);
    let matched = at;
    while (matched < end && octets[matched] === mark[matched - at]) matched++;
    if (matched === end) return { at, isWhole: end === at + mark.length };
    at = octets.indexOf(mark[0], at + 1);
  }
  return { at: octets.length, isWhole: false };
}
