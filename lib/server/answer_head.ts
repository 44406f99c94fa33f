/**
 * The head of an answer: what a handler's fields say, as text and as octets.
 *
 * In: a status and field lines from a handler. Out: those that are passed on,
 * and what the others wish. A handler's own framing fields are checked, and never
 * taken for the truth: `answer.ts` decides, from them and from the body.
 *
 * Most answers of a server differ in little but their content. So a few heads
 * are remembered, with all that was found out about them.
 *
 * @module
 */
import { STATUS_TEXT, type StatusCode } from "@std/http/status";
import { nativeLines } from "../lazy/response_insides.ts";
import type { ResponseParts } from "../lazy/response_parts.ts";
import { mayHaveContent } from "../wire/message_framing.ts";
import { encodeFieldLines, type FieldLine } from "../wire/field_section.ts";
import { encodeLatin1, listMembers } from "../wire/grammar.ts";
import { encodeStatusLine } from "../wire/response_message.ts";

/**
 * Fields that say how one message is framed, and what becomes of its connection:
 * the server's business alone, whatever a handler says.
 */
export const ownFields: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "transfer-encoding",
]);

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
  /** Whether content may follow, but to HEAD. */
  readonly mayHaveContent: boolean;
  #octets: Uint8Array | undefined;
  /** What Date says in the octets, and where. */
  #date = "";
  #dateAt = 0;

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

  /**
   * RFC 9110 §8.6, RFC 9112 §6.1: a 204 carries neither Content-Length nor
   * Transfer-Encoding; a 304 tells the length of the 200 that it stands for, if
   * the handler knows it.
   */
  get isFramed(): boolean {
    return this.status !== 204 &&
      !(this.status === 304 && this.length === undefined);
  }

  /**
   * The octets of the text and of Date, up to the digits of Content-Length
   * if that is sent. They change with the next call.
   */
  octets(): Uint8Array {
    const octets = this.#octets ??= this.#encode();
    const date = currentDate();
    if (date !== this.#date && !this.hasDate) {
      for (let at = 0; at < date.length; at++) {
        octets[this.#dateAt + at] = date.charCodeAt(at);
      }
      this.#date = date;
    }
    return octets;
  }

  #encode(): Uint8Array {
    this.#date = currentDate();
    this.#dateAt = this.text.length + "date: ".length;
    const text = this.text + (this.hasDate ? "" : `date: ${this.#date}\r\n`) +
      (this.isFramed ? "content-length: " : "");
    // Several times faster, but right for ASCII alone.
    const octets = encoder.encode(text);
    return octets.length === text.length ? octets : encodeLatin1(text);
  }
}

/** Throws a TypeError for a status that no final response has. */
export function refuseStatus(status: number): void {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new TypeError(`Cannot send status: got ${status}`);
  }
}

function isClose(connection: string): boolean {
  return listMembers(connection.toLowerCase()).includes("close");
}

function parseLength(value: string): number {
  const length = /^\d+$/.test(value) ? Number(value) : NaN;
  if (!Number.isSafeInteger(length)) {
    throw new TypeError("Cannot send Content-Length: it is no number");
  }
  return length;
}

/** How many heads a server remembers, for handlers that take turns. */
const MOST = 8;
/** Those that come last replace each other alone, be they ever so many. */
const NEWEST = MOST / 2;
/** Octets of a head past which it is made anew each time. */
const LONGEST = 4096;

/** A head that is remembered, and what it was made of. */
interface Memory {
  head: AnswerHead;
  reason: string;
  /** Names and values in turn, since lines may change. */
  fields: string[];
}

/** The heads of a server's answers, a few of which are remembered. */
export class AnswerHeads {
  #memories: Memory[] = [];
  #turn = 0;

  /**
   * The head of a response; throws a TypeError if it can't be sent.
   *
   * @param lazy The parts of a response that is not made whole.
   */
  of(response: Response, lazy: ResponseParts | undefined): AnswerHead {
    const status = lazy ? lazy.status : response.status;
    const reason = lazy ? lazy.reason : response.statusText;
    const lines = lazy ? lazy.lines : linesOf(response);
    for (let index = 0; index < this.#memories.length; index++) {
      const memory = this.#memories[index];
      if (
        memory.head.status === status && memory.reason === reason &&
        isMadeOf(memory, lines)
      ) return this.#recall(index);
    }
    const fields: string[] = [];
    for (const [name, value] of lines) fields.push(name, value);
    const head = new AnswerHead(status, reason, linesToSend(lines));
    return this.#remember({ head, reason, fields });
  }

  /** The same, but undefined where `of` throws. */
  find(
    response: Response,
    lazy: ResponseParts | undefined,
  ): AnswerHead | undefined {
    try {
      return this.of(response, lazy);
    } catch {
      return undefined;
    }
  }

  #recall(index: number): AnswerHead {
    const memory = this.#memories[index];
    if (index >= NEWEST) {
      this.#memories[index] = this.#memories[index - NEWEST];
      this.#memories[index - NEWEST] = memory;
    }
    return memory.head;
  }

  #remember(memory: Memory): AnswerHead {
    if (memory.head.text.length > LONGEST) return memory.head;
    if (this.#memories.length < MOST) {
      this.#memories.push(memory);
    } else {
      this.#memories[NEWEST + this.#turn] = memory;
      this.#turn = (this.#turn + 1) % (MOST - NEWEST);
    }
    return memory.head;
  }
}

function isMadeOf({ fields }: Memory, lines: readonly FieldLine[]): boolean {
  if (fields.length !== 2 * lines.length) return false;
  for (let index = 0; index < lines.length; index++) {
    const [name, value] = lines[index];
    if (name !== fields[2 * index] || value !== fields[2 * index + 1]) {
      return false;
    }
  }
  return true;
}

function linesOf(response: Response): readonly FieldLine[] {
  return nativeLines(response) ?? [...response.headers];
}

/** In lower case, sorted, each name once but Set-Cookie: as Headers tell them. */
function linesToSend(lines: readonly FieldLine[]): FieldLine[] {
  const sorted: FieldLine[] = [];
  // Of so few, sort() spends more on calls than this on comparing.
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

let second = 0;
let text = "";

/** Now as an IMF-fixdate (RFC 9110 §5.6.7), made anew once a second. */
export function currentDate(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    text = new Date(now * 1000).toUTCString();
  }
  return text;
}
