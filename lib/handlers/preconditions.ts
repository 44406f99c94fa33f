/**
 * Evaluates a request's precondition fields against the current validators: go
 * on, 304 or 412 (RFC 9110 §13).
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { parseHttpDate } from "./http_date.ts";

/** What tells one version of a representation from another (RFC 9110 §8.8). */
export interface Validators {
  /** As it stands in the field, `W/` and quotes included. */
  entityTag: string;
  /** Milliseconds since 1970. */
  lastModified: number;
}

//     entity-tag = [ weak ] opaque-tag                       RFC 9110 §8.8.3
//     weak       = %s"W/"
//     opaque-tag = DQUOTE *etagc DQUOTE
const entityTag = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/y;
const comma = /[\t ]*(?:,[\t ]*)*/y;

/** The tags of a list; undefined where it is none. */
function parseEntityTags(field: string): string[] | undefined {
  const tags: string[] = [];
  let at = 0;
  const skip = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const [matched = ""] = pattern.exec(field) ?? [];
    at += matched.length;
    return matched;
  };
  skip(comma);
  while (at < field.length) {
    const tag = skip(entityTag);
    if (tag === "") return undefined;
    tags.push(tag);
    if (!skip(comma).includes(",") && at < field.length) return undefined;
  }
  return tags.length > 0 ? tags : undefined;
}

/** RFC 9110 §8.8.3.2: neither may be weak. */
function isStrongMatch(tag: string, current: string): boolean {
  return tag === current && !tag.startsWith("W/");
}

/** RFC 9110 §8.8.3.2: whether they are weak does not count. */
function isWeakMatch(tag: string, current: string): boolean {
  return tag.replace(/^W\//, "") === current.replace(/^W\//, "");
}

/** HTTP-dates have seconds, files finer times. */
function inSeconds(time: number): number {
  return Math.floor(time / 1000);
}

/**
 * Evaluates the preconditions of a request in the order of RFC 9110 §13.2.2.
 *
 * A field that is malformed never lets a change happen: `If-Match` does not
 * match then, and for methods that may change something `If-None-Match` throws
 * an {@linkcode HttpError} with 400. For GET and HEAD it is ignored, as invalid
 * dates are for all methods.
 *
 * @param current The validators of the current representation; undefined if
 * there is none.
 * @returns 304 or 412, or undefined if the request may go on.
 */
export function evaluatePreconditions(
  { method, headers }: Pick<Request, "method" | "headers">,
  current: Validators | undefined,
): 304 | 412 | undefined {
  const isSafe = method === "GET" || method === "HEAD";
  if (!ifMatch(headers, current)) return 412;
  const noneMatch = headers.get("if-none-match");
  if (noneMatch !== null) {
    if (ifNoneMatch(noneMatch, current, isSafe)) return undefined;
    return isSafe ? 304 : 412;
  }
  return isSafe && !ifModifiedSince(headers, current) ? 304 : undefined;
}

/** RFC 9110 §13.1.1, and §13.1.4 in its absence. */
function ifMatch(headers: Headers, current: Validators | undefined): boolean {
  const field = headers.get("if-match");
  if (field === null) return ifUnmodifiedSince(headers, current);
  if (!current) return false;
  if (field.trim() === "*") return true;
  const tags = parseEntityTags(field) ?? [];
  return tags.some((tag) => isStrongMatch(tag, current.entityTag));
}

function ifUnmodifiedSince(
  headers: Headers,
  current: Validators | undefined,
): boolean {
  const date = parseHttpDate(headers.get("if-unmodified-since") ?? "");
  if (date === undefined) return true;
  return current !== undefined &&
    inSeconds(current.lastModified) <= inSeconds(date);
}

/** RFC 9110 §13.1.2. */
function ifNoneMatch(
  field: string,
  current: Validators | undefined,
  isSafe: boolean,
): boolean {
  if (field.trim() === "*") return current === undefined;
  const tags = parseEntityTags(field);
  if (!tags && !isSafe) {
    throw new HttpError(400, "If-None-Match must be * or entity tags");
  }
  return !current || !tags ||
    !tags.some((tag) => isWeakMatch(tag, current.entityTag));
}

/** RFC 9110 §13.1.3. */
function ifModifiedSince(
  headers: Headers,
  current: Validators | undefined,
): boolean {
  const date = parseHttpDate(headers.get("if-modified-since") ?? "");
  if (date === undefined || !current) return true;
  return inSeconds(current.lastModified) > inSeconds(date);
}

/**
 * Whether a Range still speaks of what the client has a part of
 * (RFC 9110 §13.1.5): without If-Range it does.
 */
export function ifRange(headers: Headers, current: Validators): boolean {
  const field = headers.get("if-range");
  if (field === null) return true;
  const tags = parseEntityTags(field);
  if (tags) {
    return tags.length === 1 && isStrongMatch(tags[0], current.entityTag);
  }
  const date = parseHttpDate(field);
  // RFC 9110 §8.8.2.2: within the last second it may have changed again.
  const isStrong = Date.now() - current.lastModified > 1000;
  return date !== undefined && isStrong &&
    inSeconds(date) === inSeconds(current.lastModified);
}

/** The names of the precondition fields. */
const fieldNames = [
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
];

/** Whether a request has preconditions at all. */
export function hasPreconditions(headers: Headers): boolean {
  return fieldNames.some((name) => headers.has(name));
}
