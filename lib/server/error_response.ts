/**
 * Anything thrown becomes a Response, or nothing.
 *
 * @module
 */
import { STATUS_TEXT, type StatusCode } from "@std/http/status";
import { ConnectionLost, HttpError } from "../errors.ts";
import { report } from "./report.ts";

/** Makes the Response for a refusal; `accept` is the request's Accept field. */
export type ErrorResponse = (
  error: HttpError,
  accept: string | null,
) => Response | Promise<Response>;

/** One line of text: the status, and a sentence. */
export function plainErrorResponse(error: HttpError): Response {
  const headers = new Headers(error.headers);
  headers.set("content-type", "text/plain; charset=utf-8");
  const reason = STATUS_TEXT[error.status as StatusCode] ?? "Error";
  return new Response(`${error.status} ${reason}: ${error.message}\n`, {
    status: error.status,
    headers,
  });
}

/** Logs what a handler did not mean to throw; the client learns nothing of it. */
export function logError(error: unknown): Response {
  report(error);
  return plainErrorResponse(
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
