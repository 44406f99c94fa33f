/**
 * The border outwards: a `Response` becomes a head, and a body to send.
 *
 * In: a Response from a handler, and what the request allows. Out: a head with
 * the one framing that is right. A handler's own framing fields are taken for a
 * wish, checked, and never for the truth. `send_response.ts` keeps to it.
 *
 * @module
 */
import { STATUS_TEXT, type StatusCode } from "@std/http/status";
import { lightPartsOf } from "../light/light_response.ts";
import type { BufferBudget } from "../transfer_buffer.ts";
import { encodeFieldLines, type FieldLine } from "../wire/field_section.ts";
import { listMembers } from "../wire/grammar.ts";
import {
  mayHaveContent,
  type ResponseFraming,
  responseFraming,
} from "../wire/message_framing.ts";
import { encodeStatusLine } from "../wire/response_message.ts";
import { type Body, openBody } from "./body.ts";
import { currentDate } from "./date.ts";
import { answerTo, type ErrorAnswers, logError } from "./error_response.ts";
import { ownFields } from "./own_fields.ts";
import type { RequestName } from "./report.ts";

/** What the request, and the connection, say about the answer to it. */
export interface Asked {
  /** Undefined, if its line could not be read. */
  request?: RequestName;
  method: string;
  minorVersion: number;
  /** Whether another request may follow; asked when the head is made. */
  mayPersist: () => boolean;
  /** Whether the client waits to be invited to send its content. */
  isWaiting: boolean;
  /** What is to follow the content; undefined if no trailers may. */
  trailers?: () => Headers | undefined;
  /** For the buffer that its body is read into. */
  budget: BufferBudget;
}

/** A response that is ready to go out. */
export interface PreparedResponse {
  /** The one that it answers. */
  request: RequestName | undefined;
  status: number;
  /** A character for each octet. */
  head: string;
  body: Body;
  /** How its content is delimited; undefined where it must have none. */
  framing: ResponseFraming | undefined;
  /** What is to follow content in chunks. */
  trailers: Asked["trailers"];
  /** Whether another request may follow, as the head tells the client. */
  persist: boolean;
}

/** What the fields of a handler say, apart from those that are passed on. */
interface Wishes {
  /** Encoded. */
  passedOn: string;
  hasDate: boolean;
  length: number | undefined;
  trailer: string | undefined;
  closes: boolean;
  upgrades: boolean;
}

/**
 * Prepares a response to be sent. One that can't be sent becomes one that says
 * sorry. A promise only where something has to be waited for.
 */
export function prepareOrApologize(
  response: Response,
  asked: Asked,
  answers: ErrorAnswers,
): Prepared | Promise<Prepared> {
  const apologize = async (error: unknown) => {
    const apology = await answerTo(error, asked, answers);
    const bare = { ...asked, trailers: undefined };
    const prepared = await attempt(() => prepareResponse(apology, bare))
      .catch((failure) =>
        prepareResponse(logError(failure, asked.request), bare)
      );
    return { prepared, error };
  };
  try {
    const prepared = prepareResponse(response, asked);
    return prepared instanceof Promise
      ? prepared.then((prepared) => ({ prepared }), apologize)
      : { prepared };
  } catch (error) {
    return apologize(error);
  }
}

/** A response that can be sent; with `error`, if it is not the one that should. */
export interface Prepared {
  prepared: PreparedResponse;
  error?: unknown;
}

// deno-lint-ignore require-await -- so that what it throws is a rejection
async function attempt<T>(make: () => T | Promise<T>): Promise<T> {
  return make();
}

/**
 * Decides framing and persistence and encodes the head. Throws a TypeError for
 * a response that can't be sent.
 */
function prepareResponse(
  response: Response,
  asked: Asked,
): PreparedResponse | Promise<PreparedResponse> {
  const { status } = response;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new TypeError(`Cannot send status: got ${status}`);
  }
  const body = openBody(response, asked.budget);
  const refuse = (error: unknown): never => {
    body.cancel(error);
    throw error;
  };
  try {
    const wishes = wishesOf(response);
    // A look at the body may begin to read the request's content, which must be
    // invited before the head of this response is on its way.
    const known = wishes.length === undefined || asked.isWaiting
      ? body.knownLength()
      : undefined;
    const parts = { response, body, wishes, asked };
    return known instanceof Promise
      ? known.then((length) => withHead(parts, length)).catch(refuse)
      : withHead(parts, known);
  } catch (error) {
    return refuse(error);
  }
}

function withHead(
  { response, body, wishes, asked }: {
    response: Response;
    body: Body;
    wishes: Wishes;
    asked: Asked;
  },
  known: number | undefined,
): PreparedResponse {
  const { status } = response;
  const { method, minorVersion, mayPersist, trailers } = asked;
  const announced = announcedTrailers(wishes, trailers);
  const length = wishes.length ?? (announced ? undefined : known);
  const framing = responseFraming(length, minorVersion);
  const hasContent = mayHaveContent(method, status);
  if (hasContent && wishes.length && !body.isThere) {
    throw new TypeError("Cannot send no body: its Content-Length is not 0");
  }
  const persist = !(hasContent && framing.kind === "close") &&
    !wishes.closes && mayPersist();
  const reason = response.statusText || STATUS_TEXT[status as StatusCode] || "";
  const head = encodeStatusLine(status, reason) + wishes.passedOn +
    (wishes.hasDate ? "" : `date: ${currentDate()}\r\n`) +
    framingLines(framing, { status, declared: wishes.length, announced }) +
    connectionLine(wishes, persist, minorVersion) + "\r\n";
  return {
    request: asked.request,
    status,
    head,
    body,
    persist,
    trailers,
    framing: hasContent ? framing : undefined,
  };
}

/** Of light responses: a handler has the same lines for many, and as long as it. */
const known = new WeakMap<readonly FieldLine[], Wishes>();

function wishesOf(response: Response): Wishes {
  const lines = lightPartsOf(response)?.lines;
  if (!lines) return readWishes(nativeLines(response));
  let wishes = known.get(lines);
  if (!wishes) known.set(lines, wishes = readWishes(lines));
  return wishes;
}

/** Sorts a handler's fields: some are its own, others the server's business. */
function readWishes(lines: readonly FieldLine[]): Wishes {
  const passedOn: FieldLine[] = [];
  const wishes: Wishes = {
    passedOn: "",
    hasDate: false,
    length: undefined,
    trailer: undefined,
    closes: false,
    upgrades: false,
  };
  for (const line of lines) {
    const [name, value] = line;
    switch (name) {
      case "connection":
        wishes.closes = listMembers(value.toLowerCase()).includes("close");
        break;
      case "content-length":
        wishes.length = parseLength(value);
        break;
      case "trailer":
        wishes.trailer = value;
        continue;
      case "date":
        wishes.hasDate = true;
        break;
      case "upgrade":
        wishes.upgrades = true;
    }
    if (!ownFields.has(name)) passedOn.push(line);
  }
  wishes.passedOn = encodeFieldLines(passedOn);
  return wishes;
}

function nativeLines(response: Response): FieldLine[] {
  const lines: FieldLine[] = [];
  response.headers.forEach((value, name) => lines.push([name, value]));
  return lines;
}

function parseLength(value: string): number {
  const length = /^\d+$/.test(value) ? Number(value) : NaN;
  if (!Number.isSafeInteger(length)) {
    throw new TypeError("Cannot send Content-Length: it is no number");
  }
  return length;
}

/**
 * RFC 9110 §8.6, RFC 9112 §6.1: a 204 carries neither field; a 304 tells the
 * length of the 200 that it stands for, if the handler knows it; the answer to
 * a HEAD has what a GET would get.
 */
function framingLines(
  framing: ResponseFraming,
  { status, declared, announced }: {
    status: number;
    declared: number | undefined;
    announced: string;
  },
): string {
  if (status === 204 || status === 304 && declared === undefined) return "";
  if (framing.kind === "length") return `content-length: ${framing.length}\r\n`;
  if (framing.kind !== "chunked") return "";
  return "transfer-encoding: chunked\r\n" +
    (announced ? encodeFieldLines([["trailer", announced]]) : "");
}

/** RFC 9110 §6.6.2: the names of trailers, as far as they are known before. */
function announcedTrailers(
  { trailer }: Wishes,
  trailers: Asked["trailers"],
): string {
  if (!trailers) return "";
  return trailer ?? [...trailers()?.keys() ?? []].join(", ");
}

function connectionLine(
  { upgrades }: Wishes,
  persist: boolean,
  minorVersion: number,
): string {
  const options = [];
  if (!persist) options.push("close");
  else if (minorVersion === 0) options.push("keep-alive");
  // RFC 9110 §7.8: whoever sends Upgrade says so in Connection.
  if (upgrades) options.push("upgrade");
  return options.length > 0 ? `connection: ${options.join(", ")}\r\n` : "";
}
