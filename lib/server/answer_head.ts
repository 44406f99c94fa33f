/**
 * Builds the head of a response, and its trailers, from the handler's fields.
 *
 * In: a status and field lines from a handler. Out: the lines that are passed
 * on, and what the others ask for. The handler's own framing fields are checked
 * and never trusted: `answer.ts` decides, from them and from the body.
 *
 * @module
 */
import { STATUS_TEXT, type StatusCode } from "@std/http/status";
import { listMembers } from "../field_value.ts";
import { encodeFieldLines, type FieldLine } from "../wire/field_section.ts";
import { encodeLatin1 } from "../wire/grammar.ts";
import {
  mayHaveContent,
  type ResponseFraming,
} from "../wire/message_framing.ts";
import { encodeStatusLine, ownFields } from "../wire/response_head.ts";
import { report, type RequestName } from "./strays.ts";

const encoder = new TextEncoder();

/** The part of a head that its status and the handler's fields decide. */
export class AnswerHead {
  readonly status: number;
  /** Status line and field lines that are passed on. */
  readonly text: string;
  /** The handler's Content-Length. */
  readonly length: number | undefined;
  /** The handler's Trailer. */
  readonly trailer: string | undefined;
  /** Whether the handler wants the connection closed. */
  readonly closes: boolean;
  /** Whether there is an Upgrade, which Connection has to name. */
  readonly upgrades: boolean;
  /** Whether the handler has set Date. */
  readonly hasDate: boolean;
  /**
   * Whether content may follow, but to HEAD; only then is it said how that is
   * delimited (RFC 9110 §8.6, RFC 9112 §6.1). A 304 need not tell the length of
   * what it stands for.
   */
  readonly mayHaveContent: boolean;
  /** The text as octets, with room for Date; made when first needed. */
  octets: Uint8Array | undefined = undefined;
  /** What Date says in the octets, and where. */
  date = "";
  dateAt = 0;

  /** Throws a TypeError for what can't be sent. */
  constructor(status: number, reason: string, lines: readonly FieldLine[]) {
    refuseStatus(status);
    const passedOn: FieldLine[] = [];
    let length, trailer;
    let closes = false, upgrades = false, hasDate = false;
    for (const line of lines) {
      const [name, value] = line;
      if (name === "trailer") {
        trailer = value;
        continue;
      }
      if (name === "connection") closes = isClose(value);
      else if (name === "content-length") length = parseLength(value);
      else if (name === "upgrade") upgrades = true;
      else if (name === "date") hasDate = true;
      if (!ownFields.has(name)) passedOn.push(line);
    }
    this.status = status;
    this.length = length;
    this.trailer = trailer;
    this.closes = closes;
    this.upgrades = upgrades;
    this.hasDate = hasDate;
    this.mayHaveContent = mayHaveContent(undefined, status);
    const phrase = reason || STATUS_TEXT[status as StatusCode] || "";
    this.text = encodeStatusLine(status, phrase) + encodeFieldLines(passedOn);
  }
}

/**
 * The octets of a head up to the digits of Content-Length, if that is sent. Where
 * the handler has set no Date, blanks stand in its place.
 */
export function encodeHead(head: AnswerHead): Uint8Array {
  head.dateAt = head.text.length + "date: ".length;
  const date = head.hasDate ? "" : `date: ${" ".repeat(DATE_LENGTH)}\r\n`;
  const text = head.text + date +
    (head.mayHaveContent ? "content-length: " : "");
  // Several times faster, but correct only for ASCII.
  const octets = encoder.encode(text);
  return octets.length === text.length ? octets : encodeLatin1(text);
}

/** Octets of an IMF-fixdate (RFC 9110 §5.6.7). */
const DATE_LENGTH = 29;

/** Throws a TypeError for a status that no final response has. */
export function refuseStatus(status: number): void {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    const hint = status === 101
      ? ", but this request was not upgraded: use info.upgrade"
      : "";
    throw new TypeError(`Cannot send status: got ${status}${hint}`);
  }
}

function isClose(connection: string): boolean {
  return listMembers(connection.toLowerCase()).includes("close");
}

function parseLength(value: string): number {
  const length = /^\d+$/.test(value) ? Number(value) : NaN;
  if (!Number.isSafeInteger(length)) {
    throw new TypeError("Cannot send Content-Length: it is not a number");
  }
  return length;
}

/** In lower case, sorted, each name once but Set-Cookie: as Headers tell them. */
export function linesToSend(lines: readonly FieldLine[]): FieldLine[] {
  const sorted: FieldLine[] = [];
  // For so few lines, calling sort() costs more than comparing here.
  for (const [ownName, value] of lines) {
    const name = ownName.toLowerCase();
    let at = sorted.length;
    while (at > 0 && sorted[at - 1][0] > name) at--;
    const before = sorted[at - 1];
    if (before?.[0] === name && name !== "set-cookie") {
      sorted[at - 1] = [name, `${before[1]}, ${value}`];
    } else {
      sorted.splice(at, 0, [name, value]);
    }
  }
  return sorted;
}

/** The fields that tell how content is delimited (RFC 9112 §6). */
export function framingLines(
  framing: ResponseFraming,
  announced: string,
): string {
  if (framing.kind === "length") return `content-length: ${framing.length}\r\n`;
  if (framing.kind !== "chunked") return "";
  return "transfer-encoding: chunked\r\n" +
    (announced ? encodeFieldLines([["trailer", announced]]) : "");
}

/**
 * RFC 9110 §6.5.1: fields that say how to process the content must precede it.
 */
const neverTrailers: ReadonlySet<string> = new Set([
  ...ownFields,
  "age",
  "cache-control",
  "content-encoding",
  "content-range",
  "content-type",
  "date",
  "expires",
  "location",
  "proxy-authenticate",
  "retry-after",
  "set-cookie",
  "trailer",
  "upgrade",
  "vary",
  "www-authenticate",
]);

/** The field lines that may follow the content. */
export function trailerLines(
  trailers: Headers | undefined,
  request?: RequestName,
): FieldLine[] {
  return [...trailers ?? []].filter(([name]) => {
    const isForbidden = neverTrailers.has(name);
    if (isForbidden) {
      const message = `Cannot send ${name} as a trailer: left out`;
      report(new TypeError(message), request);
    }
    return !isForbidden;
  });
}
