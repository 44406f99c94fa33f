/**
 * Parses the fields that the protocols of resumable uploads share, and bounds
 * the size of an upload. `draft_fields.ts` and `tus_fields.ts` know the words
 * of one protocol each.
 *
 * @module
 */

import { HttpError, withFields } from "../errors.ts";
import { diskError } from "./disk_error.ts";

/**
 * An upload that can never become a file, so it cannot be resumed: its octets
 * are removed.
 */
export class Unresumable extends HttpError {}

/** Fields that no request has but one of a resumable upload. */
const announcing = [
  "tus-resumable",
  "upload-complete",
  "upload-defer-length",
  "upload-draft-interop-version",
  "upload-incomplete",
  "upload-length",
  "upload-offset",
];

/** Whether a request speaks any protocol of resumable uploads. */
export function isResumable(headers: Headers): boolean {
  return announcing.some((name) => headers.has(name));
}

/**
 * Whether a request brings a whole file, so that a server without resumable
 * uploads can store it.
 */
export function isWhole(headers: Headers): boolean {
  return !headers.has("tus-resumable") &&
    (headers.get("upload-complete") ?? "?1") === "?1" &&
    (headers.get("upload-incomplete") ?? "?0") === "?0";
}

/** The fields that decide when, and as what, the upload becomes a file. */
export function lastingFields(
  headers: Headers,
): [name: string, value: string][] {
  return [
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "repr-digest",
  ].flatMap((name): [string, string][] => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
}

/** The number of octets in a field; undefined if there is no such field. */
export function countOf(headers: Headers, name: string): number | undefined {
  const field = headers.get(name);
  if (field === null) return undefined;
  if (!/^\d{1,15}$/.test(field)) {
    throw new HttpError(400, `${name} must be a number of octets`);
  }
  return Number(field);
}

/** The type of the content, without parameters. */
export function mediaTypeOf(headers: Headers): string | undefined {
  return headers.get("content-type")?.split(";")[0].trim().toLowerCase();
}

/** Whether a request has content, or may have some. */
export function hasContent({ headers, body }: Request): boolean {
  return body !== null && headers.get("content-length") !== "0";
}

/** The error for lengths of an upload that do not agree. */
export function inconsistentLength(): HttpError {
  return new HttpError(400, "The length of the upload is inconsistent");
}

/** An error with the fields that all responses of a protocol have. */
export function marked(cause: unknown, fields: HeadersInit): unknown {
  const error = diskError(cause, "write");
  if (!(error instanceof HttpError)) return error;
  return withFields(error, (headers) => {
    for (const [name, value] of new Headers(fields)) {
      if (!headers.has(name)) headers.set(name, value);
    }
  });
}

/** The maximum size of an upload in octets. */
export class SizeLimit {
  constructor(readonly octets: number) {}

  /** Throws if an upload has, or will have, more octets than allowed. */
  refuseMore(octets: number): void {
    if (octets <= this.octets) return;
    const message = `The upload is larger than ${this.octets} octets`;
    throw new Unresumable(413, message);
  }
}
