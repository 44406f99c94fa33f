/**
 * Remembers which request an error answers, so that its page can tell what to
 * do next: what makes the page is told only the error.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import type { Handler } from "../handler.ts";

const asked = new WeakMap<HttpError, Request>();

/** The request that an error answers; undefined if there was none. */
export function requestOf(error: HttpError): Request | undefined {
  return asked.get(error);
}

/** The same handler, whose errors are remembered. */
export function rememberingErrors(handler: Handler): Handler {
  return (request, info) => {
    const remember = (error: unknown): never => {
      if (error instanceof HttpError) asked.set(error, request);
      throw error;
    };
    try {
      const response = handler(request, info);
      return response instanceof Promise ? response.catch(remember) : response;
    } catch (error) {
      return remember(error);
    }
  };
}
