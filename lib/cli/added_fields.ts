/**
 * Adds fields to what a handler answers, and to the errors it throws, which
 * become answers later.
 *
 * @module
 */

import { HttpError, withFields } from "../errors.ts";

/** A field's name, in lower case, and its value. */
export type Field = [name: string, value: string];

/**
 * Fields that say more when there are several: they are added to, all others are
 * replaced. Of several policies a browser applies the strictest of each.
 */
const severalTimes = new Set([
  "content-security-policy",
  "link",
  "set-cookie",
  "vary",
]);

/** What answers of these statuses say of caching is for the file. */
const cacheable = new Set([200, 203, 206, 304]);

/** Answers, with the fields. */
export function addFields(
  fields: readonly Field[],
  answer: () => Response | Promise<Response>,
): Response | Promise<Response> {
  if (fields.length === 0) return answer();
  const add = (response: Response) => {
    setFields(response.headers, fields, response.status);
    return response;
  };
  const fail = (error: unknown): never => {
    if (!(error instanceof HttpError)) throw error;
    throw withFields(
      error,
      (headers) => setFields(headers, fields, error.status),
    );
  };
  try {
    const answered = answer();
    return answered instanceof Promise
      ? answered.then(add).catch(fail)
      : add(answered);
  } catch (error) {
    return fail(error);
  }
}

function setFields(
  headers: Headers,
  fields: readonly Field[],
  status: number,
): void {
  for (const [name, value] of fields) {
    if (name === "cache-control" && !mayBeCached(headers, status)) continue;
    if (severalTimes.has(name)) headers.append(name, value);
    else headers.set(name, value);
  }
}

/** What somebody logged in for stays out of caches, and so do errors. */
function mayBeCached(headers: Headers, status: number): boolean {
  const control = headers.get("cache-control") ?? "";
  return cacheable.has(status) && !/no-store|private/.test(control);
}
