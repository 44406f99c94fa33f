/**
 * Turns a thrown value into a Response: the handler's HttpError, a refusal by
 * the server, or a 500 that is logged. A `ConnectionLost` gets none.
 *
 * A refusal is JSON, a page or a line of text, as the client prefers.
 *
 * @module
 */
import { escape } from "@std/html/entities";
import { accepts } from "@std/http/negotiation";
import { STATUS_TEXT, type StatusCode } from "@std/http/status";
import { ConnectionLost, HttpError } from "../errors.ts";
import { isMalformedJson } from "../lazy/lazy_request.ts";
import { isResponse } from "../lazy/lazy_response.ts";
import { quietly, report, type RequestName } from "./strays.ts";

/** Makes the Response for a refusal; `accept` is the request's Accept field. */
export type ErrorResponse = (
  error: HttpError,
  accept: string | null,
) => Response | Promise<Response>;

/**
 * The response for an {@linkcode HttpError} where `errorResponse` is not given:
 * the status and a sentence, as JSON (RFC 9457) for a program that prefers that,
 * a page for a browser, and one line of text for all others.
 *
 * @example A server whose errors are never pages
 * ```ts
 * import { type ErrorResponse, HttpError, toErrorResponse } from "@sluice/http";
 * import { assertEquals } from "@std/assert";
 *
 * const errorResponse: ErrorResponse = (error) => toErrorResponse(error);
 *
 * const response = await errorResponse(new HttpError(404, "No tea"), "text/html");
 * assertEquals(await response.text(), "404 Not Found: No tea\n");
 * ```
 *
 * @param error The error to report.
 * @param accept The request's Accept field; null if it has none.
 */
export function toErrorResponse(
  error: HttpError,
  accept: string | null = null,
): Response {
  const { status, message } = error;
  const title = STATUS_TEXT[status as StatusCode] ?? "Error";
  const headers = new Headers(error.headers);
  const type = preferredType(accept);
  headers.set("content-type", type);
  if (accept !== null) headers.append("vary", "Accept");
  const body = bodies[type]({ status, title, message });
  return new Response(body, { status, headers });
}

interface Told {
  status: number;
  title: string;
  message: string;
}

const bodies: Record<string, (told: Told) => string> = {
  "text/plain; charset=utf-8": ({ status, title, message }) =>
    `${status} ${title}: ${message}\n`,
  "application/problem+json": ({ status, title, message }) =>
    JSON.stringify({ title, status, detail: message }) + "\n",
  "text/html; charset=utf-8": ({ status, title, message }) =>
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${status} ${escape(title)}</title>
<h1>${status} ${escape(title)}</h1>
<p>${escape(message)}.</p>
`,
};

function preferredType(accept: string | null): string {
  const headers = new Headers(accept === null ? {} : { accept });
  const preferred = accepts(
    { headers },
    "text/plain",
    "application/problem+json",
    "application/json",
    "text/html",
  );
  if (preferred === "text/html") return "text/html; charset=utf-8";
  return preferred?.endsWith("json")
    ? "application/problem+json"
    : "text/plain; charset=utf-8";
}

/** Logs an unexpected error of a handler; the client gets no detail of it. */
export function logError(error: unknown, request?: RequestName): Response {
  report(error, request);
  return toErrorResponse(
    new HttpError(500, "The server failed to answer this request"),
  );
}

/** What is left to say where an error is answered with another one, which is logged. */
export function logFailure(failure: unknown, request?: RequestName): Response {
  report(failure, request);
  return new Response(internalServerError, { status: 500 });
}

/** What `Deno.serve` says: octets, since a text would have a type. */
const internalServerError = new TextEncoder().encode("Internal Server Error");

/** How a server answers what its handler throws. */
export interface ErrorAnswers {
  errorResponse: ErrorResponse;
  /** Default: {@linkcode logError}. */
  onError?: (error: unknown) => Response | Promise<Response>;
}

/** The request that an error answers, as far as it is known. */
export interface Failed {
  request?: RequestName;
  /** The Accept field; null if there is none. */
  accept?: string | null;
  /** Called when the answer to the error is not there at once. */
  whileWaiting?: () => Promise<void>;
}

/** The answer to what was thrown. Throws a ConnectionLost on: it has none. */
export async function answerTo(
  error: unknown,
  failed: Failed,
  answers: ErrorAnswers,
): Promise<Response> {
  if (error instanceof ConnectionLost) throw error;
  const answer = tryAnswer(error, failed, answers);
  if (!(answer instanceof Promise)) return answer;
  const [response] = await Promise.all([answer, failed.whileWaiting?.()]);
  return response;
}

/** Returns a Response even if a callback throws or returns something else. */
function tryAnswer(
  error: unknown,
  { request, accept = null }: Failed,
  { errorResponse, onError }: ErrorAnswers,
): Response | Promise<Response> {
  const giveUp = (failure: unknown) => logFailure(failure, request);
  try {
    const wish = onError ? error : wishOf(error);
    if (wish instanceof HttpError) {
      const answer = errorResponse(wish, accept);
      if (isResponse(answer)) return answer;
      return awaitResponse(answer, "errorResponse").catch(giveUp);
    }
    if (!onError) return logError(error, request);
    return awaitResponse(onError(error), "onError").catch(giveUp);
  } catch (failure) {
    return giveUp(failure);
  }
}

/** Tells of what can't be answered any more, since the head of an answer is out. */
export function tellError(
  error: unknown,
  request: RequestName | undefined,
  { onError }: Pick<ErrorAnswers, "onError">,
): void {
  if (onError) quietly(() => onError(error), request);
  else report(error, request);
}

/** What the client did wrong, where a handler leaves that to the server. */
function wishOf(error: unknown): unknown {
  if (!isMalformedJson(error)) return error;
  return new HttpError(400, "The request content is not valid JSON");
}

/** Waits for a Response; throws a TypeError if something else comes. */
export async function awaitResponse(
  promised: unknown,
  source: string,
): Promise<Response> {
  const value = await promised;
  if (isResponse(value)) return value;
  throw new TypeError(
    value instanceof Response
      ? `Return value from ${source} must be a Response constructed via the Response constructor in this realm`
      : `Return value from ${source} must be a response or a promise resolving to a response`,
  );
}
