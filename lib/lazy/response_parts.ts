/**
 * Takes the arguments of `new Response` apart, if they are of the usual kind:
 * text or octets, a status, fields by name or in pairs. Everything else, and
 * everything that is wrong, is left to Deno's own constructor.
 *
 * The parts are copies: later changes to the arguments have no effect.
 *
 * @module
 */
import { areLasting } from "../lasting_octets.ts";
import {
  isPlain,
  isType,
  type Line,
  type Lined,
  linesOf,
} from "./lazy_headers.ts";
import { headerLines } from "./response_insides.ts";

/** The parts of a Response; field names in any case, some more than once. */
export interface ResponseParts extends Lined {
  /** From 200 to 599. */
  readonly status: number;
  /** The reason phrase, which may be empty. */
  readonly reason: string;
  readonly content: string | Uint8Array<ArrayBuffer> | null;
}

/** The type that fetch gives a text if no field does. */
const textType: Line = ["content-type", "text/plain;charset=UTF-8"];

/**
 * What a Response is made of.
 *
 * @param type The type of a text that is not plain.
 * @returns undefined for arguments that are of no usual kind.
 */
export function partsOf(
  body: unknown,
  init: unknown,
  type = textType,
): ResponseParts | undefined {
  const guessed = typeof body === "string" ? type : undefined;
  if (init === undefined || init === null) {
    const content = contentOf(body);
    if (content === undefined) return undefined;
    return {
      status: 200,
      reason: "",
      lines: guessed ? [guessed] : [],
      headers: undefined,
      content,
    };
  }
  if (typeof init !== "object") return undefined;
  const { status = 200, statusText = "", headers } = init as ResponseInit;
  const isBare = body === null || body === undefined;
  if (!isUsualStatus(status, isBare) || !isReason(statusText)) return undefined;
  const lines = linesIn(headers);
  if (lines === undefined) return undefined;
  const content = contentOf(body);
  if (content === undefined) return undefined;
  if (guessed && !lines.some(isType)) lines.push(guessed);
  return { status, reason: statusText, lines, headers: undefined, content };
}

function isUsualStatus(status: unknown, isBare: boolean): boolean {
  return typeof status === "number" && Number.isInteger(status) &&
    status >= 200 && status <= 599 &&
    (isBare || status !== 204 && status !== 205 && status !== 304);
}

function isReason(text: unknown): boolean {
  return text === "" ||
    typeof text === "string" && /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}

/** A copy of plain fields. */
function linesIn(headers: unknown): Line[] | undefined {
  if (headers === undefined) return [];
  if (typeof headers !== "object" || headers === null) return undefined;
  if (Array.isArray(headers)) return linesInPairs(headers);
  const prototype = Object.getPrototypeOf(headers);
  if (prototype === Object.prototype || prototype === null) {
    return linesInRecord(headers as Record<string, unknown>);
  }
  return headers instanceof Headers ? linesInHeaders(headers) : undefined;
}

function linesInRecord(record: Record<string, unknown>): Line[] | undefined {
  if (Symbol.iterator in record) return undefined;
  const lines: Line[] = [];
  for (const name in record) {
    if (!Object.hasOwn(record, name)) continue;
    const value = record[name];
    if (!isPlain(name, value)) return undefined;
    lines.push([name, value as string]);
  }
  return lines;
}

function linesInPairs(pairs: unknown[]): Line[] | undefined {
  const lines: Line[] = [];
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined;
    const [name, value] = pair;
    if (!isPlain(name, value)) return undefined;
    lines.push([name, value]);
  }
  return lines;
}

/** Headers have already checked their fields. */
function linesInHeaders(headers: Headers): Line[] | undefined {
  const lazy = linesOf(headers);
  // Their lines are never changed; those of others are.
  if (lazy) return [...lazy];
  return headerLines(headers)?.map((line): Line => [line[0], line[1]]);
}

/** Undefined for what is neither a text, nor octets that may be copied, nor null. */
function contentOf(body: unknown): ResponseParts["content"] | undefined {
  if (typeof body === "string") return body;
  if (body === undefined || body === null) return null;
  if (body instanceof Uint8Array) {
    if (areLasting(body)) return body;
    return isFixed(body.buffer) ? new Uint8Array(body) : undefined;
  }
  if (body instanceof ArrayBuffer && isFixed(body)) {
    return new Uint8Array(body.slice());
  }
  return undefined;
}

function isFixed(buffer: ArrayBufferLike): buffer is ArrayBuffer {
  return buffer instanceof ArrayBuffer && !buffer.resizable && !buffer.detached;
}
