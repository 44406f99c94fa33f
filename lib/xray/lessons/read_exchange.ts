/**
 * Reads the octets of an exchange as far as they can be read: what a check asks
 * of the request, however wrong, and of the answers to it.
 *
 * @module
 */

import { decodeLatin1 } from "../../wire/grammar.ts";
import { dissect } from "../dissection.ts";
import type { Part } from "../message_parts.ts";

/** The octets of an exchange, as they are recorded. */
export interface RecordedOctets {
  request: { octets: Uint8Array };
  response: { octets: Uint8Array };
}

/** One message. */
interface ReadMessage {
  /** The values of each field, by its name in lower case. */
  fields: Map<string, string[]>;
  /** The content, one character for each octet. */
  content: string;
}

/** A request, each part of it as it was written. */
export interface ReadRequest extends ReadMessage {
  method: string;
  target: string;
  version: string;
  /** The lines of its header section that have no colon. */
  strays: string[];
  /** Whether the empty line after the fields has arrived. */
  isHeadWhole: boolean;
  /** Whether a line of its head ends with LF alone. */
  hasBareLf: boolean;
  /** How many chunks it has, but for the last one, and whether that came. */
  chunks: number;
  hasLastChunk: boolean;
  /** What follows the message. */
  beyond: string;
}

/** A final response. */
export interface ReadResponse extends ReadMessage {
  status: number;
}

/** An exchange. */
export interface ReadExchange {
  request: ReadRequest;
  /** The statuses and fields of interim responses. */
  interim: { status: number; fields: Map<string, string[]> }[];
  /** Undefined if there was none. */
  response: ReadResponse | undefined;
}

/** Reads a recorded exchange. */
export function readExchange(
  { request, response }: RecordedOctets,
): ReadExchange {
  return {
    request: readRequest(request.octets),
    ...readResponses(response.octets),
  };
}

/** The values of a field, joined as one list; undefined without it. */
export function valueOf(
  { fields }: { fields: Map<string, string[]> },
  name: string,
): string | undefined {
  return fields.get(name)?.join(", ");
}

function readRequest(octets: Uint8Array): ReadRequest {
  const text = decodeLatin1(octets).replace(/^(?:\r\n)+/, "");
  const { head, end } = headOf(text, 0);
  const [line, ...lines] = head.split(/\r?\n/);
  const [method, target = "", ...rest] = line.split(/ +/);
  const parts = dissect(octets, "request");
  const count = (sought: string) =>
    parts.filter(({ kind }) => kind === sought).length;
  return {
    method,
    target,
    version: rest.join(" "),
    fields: fieldsOf(lines),
    strays: lines.filter((line) => !line.includes(":")),
    isHeadWhole: end !== undefined,
    hasBareLf: /(?:^|[^\r])\n/.test(text.slice(0, end)),
    content: contentOf(octets, parts),
    chunks: count("chunk-size"),
    hasLastChunk: count("last-chunk") > 0,
    beyond: textOf(octets, parts, ["beyond"]),
  };
}

function readResponses(octets: Uint8Array) {
  const text = decodeLatin1(octets);
  const interim: ReadExchange["interim"] = [];
  let from = 0;
  while (from < text.length) {
    const { head, end = text.length } = headOf(text, from);
    const [line, ...lines] = head.split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1]);
    const fields = fieldsOf(lines);
    if (!status) break;
    if (status >= 200 || status === 101) {
      const content = contentOf(octets, dissect(octets, "response"));
      return { interim, response: { status, fields, content } };
    }
    interim.push({ status, fields });
    from = end;
  }
  return { interim, response: undefined };
}

/** The lines before an empty one, and where what follows begins. */
function headOf(text: string, from: number): { head: string; end?: number } {
  const rest = text.slice(from);
  const found = /\r?\n\r?\n/.exec(rest);
  if (!found) return { head: rest };
  return {
    head: rest.slice(0, found.index),
    end: from + found.index + found[0].length,
  };
}

function fieldsOf(lines: string[]): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    fields.set(name, [...fields.get(name) ?? [], value]);
  }
  return fields;
}

function contentOf(octets: Uint8Array, parts: Part[]): string {
  return textOf(octets, parts, ["content", "chunk-data"]);
}

function textOf(octets: Uint8Array, parts: Part[], kinds: string[]): string {
  return parts.filter(({ kind }) => kinds.includes(kind))
    .map(({ from, to }) => decodeLatin1(octets.subarray(from, to))).join("");
}
