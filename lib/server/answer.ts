/**
 * Turns a Response into octets, in one of two ways.
 *
 * *At once*, if all of it is in memory: a remembered head, the length of the
 * content and the content go straight into the write buffer. *In parts*, if
 * some of the content is still to come. They share their decisions, and send
 * the same octets for the same response.
 *
 * @module
 */
import { claim, lazyPartsOf } from "../lazy/lazy_response.ts";
import {
  decodedParts,
  type HeadParts,
  nativeContent,
  nativeLines,
} from "../lazy/response_insides.ts";
import { type BufferBudget, SMALL_BUFFER } from "../transfer_buffer.ts";
import { encodeChunk, encodeLastChunk } from "../wire/chunked_coding.ts";
import type { FieldLine } from "../wire/field_section.ts";
import { encodeLatin1 } from "../wire/grammar.ts";
import {
  mayHaveContent,
  type ResponseFraming,
  responseFraming,
} from "../wire/message_framing.ts";
import {
  AnswerHead,
  encodeHead,
  framingLines,
  linesToSend,
  refuseStatus,
  trailerLines,
} from "./answer_head.ts";
import { currentDate } from "./clock.ts";
import { answerTo, type ErrorAnswers, logFailure } from "./error_response.ts";
import { report, type RequestName } from "./strays.ts";
import { type Body, openBody } from "./response_body.ts";
import { putAscii, putLength, type WriteBuffer } from "./write_buffer.ts";

/** The part of an exchange that an answer reads and sets. */
export interface Answered {
  /** Undefined, if its line could not be read. */
  readonly request?: RequestName;
  readonly method?: string;
  readonly minorVersion: number;
  /** Whether the client waits to be invited to send its content. */
  readonly isWaiting: boolean;
  /** What is to follow the content; undefined if no trailers may. */
  readonly trailers: (() => Headers | undefined) | undefined;
  /** Whether another request may follow; asked when the head is made. */
  mayPersist(): boolean;
  /** The status that is sent. */
  status?: number;
  /** Octets of content sent. */
  sent: number;
}

/**
 * The way at once: gathers an answer that is all in memory.
 *
 * @returns whether another request may follow; undefined, and nothing done, if
 * this way is not possible.
 */
export function answerAtOnce(
  response: Response,
  exchange: Answered,
  buffer: WriteBuffer,
  heads: AnswerHeads,
): boolean | undefined {
  const lazy = lazyPartsOf(response);
  let content = lazy ? lazy.content : nativeContent(response);
  if (content === undefined) return undefined;
  if (content === null && !lazy && response.url !== "") return undefined;
  let head;
  try {
    head = heads.of(response, lazy);
  } catch {
    return undefined;
  }
  const isMeasured = head.length !== undefined;
  if (!isMeasured && announcedTrailers(head, exchange.trailers)) {
    return undefined;
  }
  const hasContent = head.mayHaveContent && exchange.method !== "HEAD";
  if (typeof content === "string" && !hasContent) {
    content = encoder.encode(content);
  }
  if (content !== null && !claim(response)) return undefined;

  exchange.status = head.status;
  const persist = !head.closes && exchange.mayPersist();
  const ending =
    endings[connectionOption(head, persist, exchange.minorVersion)];
  if (typeof content === "string") {
    if (gatherHead(head, content.length, ending, buffer, content)) {
      exchange.sent = content.length;
      return persist;
    }
    content = encoder.encode(content);
  }
  // RFC 9110 §8.6: to HEAD it is what GET would get.
  const none = hasContent ? 0 : head.length ?? 0;
  gatherHead(head, content?.length ?? none, ending, buffer);
  if (hasContent && content) {
    buffer.gather(content);
    exchange.sent = content.length;
  }
  return persist;
}

const encoder = new TextEncoder();

/**
 * More octets than Date, Content-Length and Connection take after the fields of
 * a head.
 */
const MOST_OF_OURS = 128;

/**
 * Gathers a head and, in the same piece, text of ASCII alone. @returns false,
 * and nothing done, if the text is other.
 */
function gatherHead(
  head: AnswerHead,
  length: number,
  ending: Uint8Array,
  buffer: WriteBuffer,
  text = "",
): boolean {
  const most = head.text.length + MOST_OF_OURS + text.length;
  const isLarge = most > SMALL_BUFFER;
  const octets = isLarge ? new Uint8Array(most) : buffer.reserve(most);
  let at = isLarge ? 0 : buffer.next;
  const known = octetsOf(head);
  octets.set(known, at);
  at += known.length;
  if (head.mayHaveContent) at = putLength(length, octets, at);
  octets.set(ending, at);
  at = putAscii(text, octets, at + ending.length);
  if (at < 0) return false;
  if (isLarge) buffer.gather(octets.subarray(0, at));
  else buffer.commit(at);
  return true;
}

/** What an answer in parts needs beside its response and exchange. */
export interface Answering extends ErrorAnswers {
  heads: AnswerHeads;
  /** For the buffer that a body is read into. */
  budget: BufferBudget;
}

/** An answer in parts, whose head is decided and may go out. */
export interface Answer {
  /** A character for each octet. */
  head: string;
  status: number;
  body: Body;
  /** How its content is delimited; undefined where it must have none. */
  framing: ResponseFraming | undefined;
  /** What is to follow content in chunks. */
  trailers: Answered["trailers"];
  /** Whether another request may follow, as the head tells the client. */
  persist: boolean;
  /** Why it is another answer than the one that should go out. */
  error?: unknown;
}

/**
 * The way in parts, up to the head. A response that cannot be sent becomes an
 * error response.
 */
export async function openAnswer(
  response: Response,
  exchange: Answered,
  answering: Answering,
): Promise<Answer> {
  const { request, trailers } = exchange;
  try {
    return await prepare(response, { exchange, trailers, answering });
  } catch (error) {
    const bare = { exchange, trailers: undefined, answering };
    const apology = await answerTo(error, { request }, answering);
    const answer = await prepare(apology, bare)
      .catch((failure) => prepare(logFailure(failure, request), bare));
    return { ...answer, error };
  }
}

/** Throws a TypeError for a response that cannot be sent. */
async function prepare(
  response: Response,
  { exchange, trailers, answering }: {
    exchange: Answered;
    trailers: Answered["trailers"];
    answering: Answering;
  },
): Promise<Answer> {
  refuseStatus(response.status);
  const body = openBody(response, answering.budget);
  try {
    const parts = lazyPartsOf(response) ?? decodedParts(response);
    const head = answering.heads.of(response, parts);
    // Reading the body may begin to read the request's content, which must be
    // invited before the head of this response is sent.
    await body.lookAhead(exchange.isWaiting);
    return decide(head, { body, exchange, trailers });
  } catch (error) {
    body.cancel(error);
    throw error;
  }
}

function decide(
  head: AnswerHead,
  { body, exchange, trailers }: {
    body: Body;
    exchange: Answered;
    trailers: Answered["trailers"];
  },
): Answer {
  const { status } = head;
  const { method, minorVersion } = exchange;
  const announced = announcedTrailers(head, trailers);
  const hasContent = mayHaveContent(method, status);
  const length = head.length === undefined
    ? (announced ? undefined : body.length)
    : body.isThere
    ? body.length ?? head.length
    : (hasContent ? 0 : head.length);
  const framing = responseFraming(length, minorVersion);
  const persist = !(hasContent && framing.kind === "close") && !head.closes &&
    exchange.mayPersist();
  return {
    head: head.text + (head.hasDate ? "" : `date: ${currentDate()}\r\n`) +
      (head.mayHaveContent ? framingLines(framing, announced) : "") +
      connectionLines[connectionOption(head, persist, minorVersion)] + "\r\n",
    status,
    body,
    framing: hasContent ? framing : undefined,
    trailers,
    persist,
  };
}

/**
 * RFC 9110 §6.6.2: the names of trailers, as far as they are known in advance.
 */
function announcedTrailers(
  { trailer }: AnswerHead,
  trailers: Answered["trailers"],
): string {
  if (!trailers) return "";
  return trailer ?? [...trailers()?.keys() ?? []].join(", ");
}

/** RFC 9110 §7.8: a message with Upgrade says so in Connection. */
const connectionLines = [
  "",
  "connection: keep-alive\r\n",
  "connection: close\r\n",
  "connection: upgrade\r\n",
  "connection: keep-alive, upgrade\r\n",
  "connection: close, upgrade\r\n",
];

/** They, and the end of the head. */
const endings = connectionLines.map((line) => encodeLatin1(line + "\r\n"));

/** Which of the lines above is right. */
function connectionOption(
  { upgrades }: AnswerHead,
  persist: boolean,
  minorVersion: number,
): number {
  const option = !persist ? 2 : minorVersion === 0 ? 1 : 0;
  return upgrades ? option + 3 : option;
}

/**
 * The way in parts, after the head. An error leaves the answer incomplete: the
 * connection must be closed.
 *
 * @param whileWaiting Called before more of the body is waited for; it flushes
 * what is gathered.
 * @returns whether another request may follow.
 */
export async function answerInParts(
  answer: Answer,
  exchange: Answered,
  buffer: WriteBuffer,
  whileWaiting: () => Promise<void>,
): Promise<boolean> {
  const { head, body, framing, persist } = answer;
  exchange.status = answer.status;
  buffer.gatherText(head);
  const next = async () => {
    if (buffer.isFull || !await body.isAtHand()) await whileWaiting();
    return await body.read();
  };
  try {
    if (framing?.kind === "length") {
      await sendExactly(framing.length, next, buffer, exchange);
    } else if (framing?.kind === "chunked") {
      await sendUntilEnd(encodeChunk, next, buffer, exchange);
      const trailers = trailerLines(answer.trailers?.(), exchange.request);
      buffer.gather(encodeLastChunk(trailers));
    } else if (framing) {
      await sendUntilEnd((content) => [content], next, buffer, exchange);
    }
  } finally {
    body.cancel();
    buffer.afterFlush({ complete: () => body.release() });
  }
  return persist;
}

type NextContent = () => Promise<Uint8Array | undefined>;

/** Never more than `length`, which would be taken for the next response. */
async function sendExactly(
  length: number,
  next: NextContent,
  buffer: WriteBuffer,
  exchange: Answered,
): Promise<void> {
  while (exchange.sent < length) {
    const left = length - exchange.sent;
    const content = await next();
    if (!content) {
      throw new TypeError(
        `Cannot send content: ${left} octets less than its Content-Length`,
      );
    }
    if (content.length > left) {
      const message = "Content longer than its Content-Length";
      report(new TypeError(message), exchange.request);
    }
    const fitting = content.subarray(0, left);
    buffer.gather(fitting);
    exchange.sent += fitting.length;
  }
}

async function sendUntilEnd(
  encode: (content: Uint8Array) => Uint8Array[],
  next: NextContent,
  buffer: WriteBuffer,
  exchange: Answered,
): Promise<void> {
  for (;;) {
    const content = await next();
    if (!content) break;
    encode(content).forEach((piece) => buffer.gather(piece));
    exchange.sent += content.length;
  }
}

// Most answers of a server differ in little but their content.

/** How many heads a server remembers, for handlers that take turns. */
const MOST = 8;
/** New heads replace only each other, however many there are. */
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
   * @param parts Those of a response that does not say them itself.
   */
  of(response: Response, parts: HeadParts | undefined): AnswerHead {
    const status = parts ? parts.status : response.status;
    const reason = parts ? parts.reason : response.statusText;
    const lines = parts
      ? parts.lines
      : nativeLines(response) ?? [...response.headers];
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

/**
 * The octets of a head up to the digits of Content-Length, with the Date of now.
 * They change with the next call.
 */
function octetsOf(head: AnswerHead): Uint8Array {
  const octets = head.octets ??= encodeHead(head);
  const date = currentDate();
  if (date !== head.date && !head.hasDate) {
    putAscii(date, octets, head.dateAt);
    head.date = date;
  }
  return octets;
}
