/**
 * Anything thrown becomes a Response, or nothing.
 *
 * @module
 */
import { escape } from "@std/html/entities";
import { accepts } from "@std/http/negotiation";
import { STATUS_TEXT, type StatusCode } from "@std/http/status";
import { ConnectionLost, HttpError } from "../errors.ts";
import { report } from "./report.ts";

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
 * import { defaultErrorResponse, type ErrorResponse, HttpError } from "@sluice/http";
 * import { assertEquals } from "@std/assert";
 *
 * const errorResponse: ErrorResponse = (error) => defaultErrorResponse(error);
 *
 * const response = await errorResponse(new HttpError(404, "No tea"), "text/html");
 * assertEquals(await response.text(), "404 Not Found: No tea\n");
 * ```
 *
 * @param error What is to be told.
 * @param accept The request's Accept field; null if it has none.
 */
export function defaultErrorResponse(
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

/** Logs what a handler did not mean to throw; the client learns nothing of it. */
export function logError(error: unknown): Response {
  report(error);
  return defaultErrorResponse(
    new HttpError(500, "The server failed to answer this request"),
  );
}

/** How a server answers what its handler throws. */
export interface ErrorAnswers {
  errorResponse: ErrorResponse;
  onError: (error: unknown) => Response | Promise<Response>;
}

/** The answer to what was thrown. Throws a ConnectionLost on: it has none. */
export async function answerTo(
  error: unknown,
  accept: string | null,
  { errorResponse, onError }: ErrorAnswers,
): Promise<Response> {
  if (error instanceof ConnectionLost) throw error;
  try {
    return error instanceof HttpError
      ? await errorResponse(error, accept)
      : await onError(error);
  } catch (failure) {
    return logError(failure);
  }
}
