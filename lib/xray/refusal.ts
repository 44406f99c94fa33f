/**
 * Marks what the server refuses in a request whose lines are each valid: a
 * missing Host, two lengths, a target of no form. The server's own parsers
 * decide, and give the reason.
 *
 * @module
 */

import { parseChunkLine } from "../wire/chunked_coding.ts";
import { type FieldLine, FieldSection } from "../wire/field_section.ts";
import { encodeLatin1, FIELD_VALUE } from "../wire/grammar.ts";
import {
  checkHost,
  findKnownFields,
  requestFraming,
} from "../wire/message_framing.ts";
import { parseRequestLine, type RequestLine } from "../wire/request_head.ts";
import type { Part } from "./message_parts.ts";

/** The section to cite if the server's message names none. */
const sections: Record<string, string> = {
  "host": "RFC 9112 §3.2",
  "content-length": "RFC 9112 §6.3",
  "transfer-encoding": "RFC 9112 §6.1",
  "version": "RFC 9110 §15.6.6",
};

/**
 * Marks what the server refuses first, with every part that has a share in it,
 * unless a part is already marked.
 */
export function markRefusal(text: string, parts: Part[]): void {
  if (parts.some(({ kind }) => kind === "wrong")) return;
  const from = parts.findIndex(({ kind }) => kind !== "empty-line");
  const to = parts.findIndex(({ kind }) => kind === "line-end");
  if (to < 0) return;
  const octets = encodeLatin1(text.slice(parts[from].from, parts[to].from));
  let line: RequestLine | undefined;
  const flaw = failureOf(() => line = parseRequestLine(octets));
  if (flaw) return mark([inRequestLine(parts.slice(from, to + 1), flaw)], flaw);
  const end = parts.findIndex(({ kind }) => kind === "section-end");
  if (end < 0 || markHead(text, parts.slice(0, end + 1), line!)) return;
  markChunk(text, parts.slice(end + 1));
}

/** The part to mark; a missing one is marked at the line end. */
function inRequestLine(parts: Part[], flaw: string): Part {
  const find = (sought: string) => parts.find(({ kind }) => kind === sought);
  if (flaw.includes("valid method") && find("space")) return parts[0];
  const version = find("version");
  if (!version) return parts.at(-1)!;
  const isVersion = /version|HTTP\/1\.0/.test(flaw);
  return isVersion ? version : find("target") ?? version;
}

/** @returns whether something is marked. */
function markHead(text: string, parts: Part[], line: RequestLine): boolean {
  const { minorVersion, target } = line;
  const { fields, values } = readFields(text, parts);
  const check = (flaw: string | undefined, culprits: Part[]) => {
    // What is missing is marked where the section ends.
    if (flaw) mark(culprits.length > 0 ? culprits : parts.slice(-1), flaw);
    return flaw !== undefined;
  };
  const known = findKnownFields(fields.lines);
  const isAbsolute = "scheme" in target;
  const authority = isAbsolute ? target.authority : fields.get("host");
  return check(
    failureOf(() => checkHost(known, minorVersion)),
    values("host"),
  ) ||
    check(
      failureOf(() => requestFraming(known, minorVersion)),
      values("content-length", "transfer-encoding"),
    ) ||
    // A port of 99999 matches the grammar, but no URL can have it.
    check(
      !authority || URL.canParse(`http://${authority}`)
        ? undefined
        : "The Host field is invalid (RFC 9110 §7.2)",
      isAbsolute
        ? parts.filter(({ kind }) => kind === "target")
        : values("host"),
    );
}

function readFields(text: string, parts: Part[]) {
  const lines: FieldLine[] = [];
  const valueParts: Part[] = [];
  for (const [at, part] of parts.entries()) {
    if (part.kind !== "field-name") continue;
    const value = parts.slice(at, lineEnd(parts, at))
      .find(({ kind }) => kind === "field-value");
    lines.push([
      text.slice(part.from, part.to),
      value ? text.slice(value.from, value.to) : "",
    ]);
    valueParts.push(value ?? part);
  }
  const values = (...names: string[]) =>
    valueParts.filter(({ note = "" }) => names.includes(note));
  return { fields: new FieldSection(lines), values };
}

/** Where the line of a part ends; -1 if it does not. */
function lineEnd(parts: Part[], at: number): number {
  // Starts at the part: starting at the first part each time would take
  // quadratic time.
  while (at < parts.length && parts[at].kind !== "line-end") at++;
  return at < parts.length ? at : -1;
}

function markChunk(text: string, parts: Part[]): void {
  for (const [at, part] of parts.entries()) {
    if (part.kind !== "chunk-size" && part.kind !== "last-chunk") continue;
    const end = lineEnd(parts, at);
    if (end < 0) return;
    const line = text.slice(part.from, parts[end].from);
    const flaw = FIELD_VALUE.test(line)
      ? failureOf(() => parseChunkLine(encodeLatin1(line)))
      : "A control character is not allowed here (RFC 9112 §2.2)";
    if (flaw) return mark([end > at + 1 ? parts[at + 1] : part], flaw);
  }
}

function failureOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Marks parts with a reason that may end with its section, in brackets. */
export function mark(parts: readonly Part[], flaw: string): void {
  const [, why, section] = /^(.*?)(?: \((RFC \d+ §[\d.]+)\))?$/.exec(flaw)!;
  for (const part of parts) {
    const about = part.kind === "version" ? "version" : part.note ?? "";
    part.meant = part.kind;
    part.kind = "wrong";
    part.note = why;
    part.section = section ?? sections[about] ?? "RFC 9112 §3";
  }
}
