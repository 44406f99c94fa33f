/**
 * The border outwards: a `Response` becomes octets.
 *
 * In: a Response from a handler, and what the request allows. Out: a head with
 * the one framing that is right, then content that keeps to it. A handler's own
 * framing fields are taken for a wish, checked, and never for the truth.
 *
 * @module
 */
import { STATUS_TEXT, type StatusCode } from "@std/http/status";
import { encodeChunk, encodeLastChunk } from "../wire/chunked_coding.ts";
import type { FieldLine } from "../wire/field_section.ts";
import {
  mayHaveContent,
  type ResponseFraming,
  responseFraming,
} from "../wire/message_framing.ts";
import { encodeResponseHead } from "../wire/response_message.ts";
import { type Body, openBody } from "./body.ts";
import { listMembers } from "../wire/grammar.ts";
import { currentDate } from "./date.ts";
import { answerTo, type ErrorAnswers, logError } from "./error_response.ts";
import type { Outbox } from "./outbox.ts";
import { ownFields } from "./own_fields.ts";
import { report } from "./report.ts";
import { trailerLines } from "./trailers.ts";

/** What the request, and the connection, say about the answer to it. */
export interface Asked {
  method: string;
  minorVersion: number;
  /** Whether another request may follow; asked when the head is made. */
  mayPersist: () => boolean;
  /** Whether the client waits to be invited to send its content. */
  isWaiting: boolean;
  /** Called before more of a body is waited for; sends what is gathered. */
  whileWaiting: () => Promise<void>;
  /** What is to follow the content; undefined if no trailers may. */
  trailers?: () => Headers | undefined;
}

/** A response that is ready to go out. */
export interface PreparedResponse {
  status: number;
  head: string;
  body: Body;
  /** How its content is delimited; undefined where it must have none. */
  framing: ResponseFraming | undefined;
  /** What is to follow content in chunks. */
  trailers: Asked["trailers"];
  /** Whether another request may follow, as the head tells the client. */
  persist: boolean;
}

/**
 * Decides framing and persistence and encodes the head. Throws a TypeError for
 * a response that can't be sent.
 */
async function prepareResponse(
  response: Response,
  asked: Asked,
): Promise<PreparedResponse> {
  const { method, minorVersion, mayPersist, isWaiting, trailers } = asked;
  const { status } = response;
  if (status < 200) throw new TypeError(`Cannot send status: got ${status}`);
  if (response.bodyUsed || response.body?.locked) {
    throw new TypeError("Cannot send a body that was read");
  }
  const declared = declaredLength(response);
  const body = openBody(response.body);
  try {
    // A look at the body may begin to read the request's content, which must be
    // invited before the head of this response is on its way.
    const known = declared === undefined || isWaiting
      ? await body.knownLength()
      : undefined;
    const announced = announcedTrailers(response, trailers);
    const length = declared ?? (announced ? undefined : known);
    const framing = responseFraming(length, minorVersion);
    const hasContent = mayHaveContent(method, status);
    if (hasContent && declared && !response.body) {
      throw new TypeError("Cannot send no body: its Content-Length is not 0");
    }
    const persist = !(hasContent && framing.kind === "close") &&
      !wishesToClose(response) && mayPersist();
    const reason = response.statusText ||
      STATUS_TEXT[status as StatusCode] || "";
    const head = encodeResponseHead(status, reason, [
      ...handlerFields(response),
      ...framingFields(framing, { status, declared, announced }),
      ...connectionFields(response, persist, minorVersion),
    ]);
    return {
      status,
      head,
      body,
      persist,
      trailers,
      framing: hasContent ? framing : undefined,
    };
  } catch (error) {
    body.cancel(error);
    throw error;
  }
}

/** The same; but a response that can't be sent becomes one that says sorry. */
export async function prepareOrApologize(
  response: Response,
  asked: Asked,
  answers: ErrorAnswers,
): Promise<{ prepared: PreparedResponse; error?: unknown }> {
  try {
    return { prepared: await prepareResponse(response, asked) };
  } catch (error) {
    const apology = await answerTo(error, null, answers);
    const bare = { ...asked, trailers: undefined };
    const prepared = await prepareResponse(apology, bare)
      .catch((failure) => prepareResponse(logError(failure), bare));
    return { prepared, error };
  }
}

/**
 * Sends a prepared response, and counts the octets of its content. Any error
 * leaves it half sent: the connection must be closed.
 */
export async function sendResponse(
  { head, body, framing, trailers }: PreparedResponse,
  outbox: Outbox,
  counter: { sent: number },
  whileWaiting: () => Promise<void>,
): Promise<void> {
  outbox.gatherText(head);
  // What is gathered goes out before more of the body is waited for.
  const next = async () => {
    if (outbox.isFull || !await body.isAtHand()) await whileWaiting();
    return await body.read();
  };
  try {
    if (framing?.kind === "length") {
      await sendExactly(framing.length, next, outbox, counter);
    } else if (framing?.kind === "chunked") {
      await sendUntilEnd(encodeChunk, next, outbox, counter);
      outbox.gather(encodeLastChunk(trailerLines(trailers?.())));
    } else if (framing) {
      await sendUntilEnd((content) => [content], next, outbox, counter);
    }
    if (outbox.isFull) await outbox.flush();
  } finally {
    body.cancel();
  }
}

/** The Content-Length that the handler gave, if it makes sense. */
function declaredLength(response: Response): number | undefined {
  const value = response.headers.get("content-length");
  if (value === null) return undefined;
  const length = /^\d+$/.test(value) ? Number(value) : NaN;
  if (!Number.isSafeInteger(length)) {
    throw new TypeError("Cannot send Content-Length: it is no number");
  }
  return length;
}

function wishesToClose({ headers }: Response): boolean {
  return listMembers(headers.get("connection") ?? "")
    .some((option) => option.toLowerCase() === "close");
}

function handlerFields(response: Response): FieldLine[] {
  const fields: FieldLine[] = [];
  let hasDate = false;
  response.headers.forEach((value, name) => {
    if (ownFields.has(name) || name === "trailer") return;
    if (name === "date") hasDate = true;
    fields.push([name, value]);
  });
  if (!hasDate) fields.push(["date", currentDate()]);
  return fields;
}

/**
 * RFC 9110 §8.6, RFC 9112 §6.1: a 204 carries neither field; a 304 tells the
 * length of the 200 that it stands for, if the handler knows it; the answer to
 * a HEAD has what a GET would get.
 */
function framingFields(
  framing: ResponseFraming,
  { status, declared, announced }: {
    status: number;
    declared: number | undefined;
    announced: string;
  },
): FieldLine[] {
  if (status === 204 || status === 304 && declared === undefined) return [];
  switch (framing.kind) {
    case "length":
      return [["content-length", String(framing.length)]];
    case "chunked": {
      const coding: FieldLine = ["transfer-encoding", "chunked"];
      return announced ? [coding, ["trailer", announced]] : [coding];
    }
    default:
      return [];
  }
}

/** RFC 9110 §6.6.2: the names of trailers, as far as they are known before. */
function announcedTrailers(
  { headers }: Response,
  trailers: Asked["trailers"],
): string {
  if (!trailers) return "";
  return headers.get("trailer") ?? [...trailers()?.keys() ?? []].join(", ");
}

function connectionFields(
  { headers }: Response,
  persist: boolean,
  minorVersion: number,
): FieldLine[] {
  const options = [];
  if (!persist) options.push("close");
  else if (minorVersion === 0) options.push("keep-alive");
  // RFC 9110 §7.8: whoever sends Upgrade says so in Connection.
  if (headers.has("upgrade")) options.push("upgrade");
  return options.length > 0 ? [["connection", options.join(", ")]] : [];
}

type NextContent = () => Promise<Uint8Array | undefined>;

/** Never more than `length`, which would be taken for the next response. */
async function sendExactly(
  length: number,
  next: NextContent,
  outbox: Outbox,
  counter: { sent: number },
): Promise<void> {
  while (counter.sent < length) {
    const left = length - counter.sent;
    const content = await next();
    if (!content) {
      throw new TypeError(
        `Cannot send content: ${left} octets less than its Content-Length`,
      );
    }
    if (content.length > left) {
      report(new TypeError("Content longer than its Content-Length"));
    }
    const fitting = content.subarray(0, left);
    outbox.gather(fitting);
    counter.sent += fitting.length;
  }
}

async function sendUntilEnd(
  encode: (content: Uint8Array) => Uint8Array[],
  next: NextContent,
  outbox: Outbox,
  counter: { sent: number },
): Promise<void> {
  for (;;) {
    const content = await next();
    if (!content) break;
    encode(content).forEach((piece) => outbox.gather(piece));
    counter.sent += content.length;
  }
}
