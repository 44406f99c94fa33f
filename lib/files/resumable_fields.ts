/**
 * Parses and formats the fields of resumable uploads, and the problems that
 * answer them.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { UPLOAD_LIFETIME } from "./upload_store.ts";

/** The version of the draft that is implemented. */
const INTEROP_VERSION = "8";

/** Fields that proxies add to a request. */
const proxyFields = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
];

/**
 * Whether a client may get a 104. It must use the same version of the draft,
 * and send content that it could resume. No field may show a proxy in between:
 * nginx takes the 104 for the final response, and waits for its content.
 */
export function mayGetInterim({ headers, body }: Request): boolean {
  const version = headers.get("upload-draft-interop-version")?.trim();
  return version === INTEROP_VERSION &&
    body !== null && headers.get("content-length") !== "0" &&
    !proxyFields.some((name) => headers.has(name));
}

/**
 * An upload that can never become a file, so it cannot be resumed: its octets
 * are removed.
 */
export class Unresumable extends HttpError {}

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

/** Whether a request completes an upload (RFC 9651 §3.3.6). */
export function completeness(headers: Headers): boolean {
  const field = headers.get("upload-complete");
  if (field === "?1" || field === "?0") return field === "?1";
  throw new HttpError(400, "Upload-Complete must be ?0 or ?1");
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

/** The error for lengths of an upload that do not agree. */
export function inconsistentLength(): HttpError {
  return new HttpError(400, "The length of the upload is inconsistent");
}

/** RFC 9457, with the types that the draft registers. */
export function problem(
  status: number,
  type: string,
  title: string,
  members: Record<string, number> = {},
): Response {
  const about = "https://iana.org/assignments/http-problem-types#";
  return Response.json({ type: about + type, title, status, ...members }, {
    status,
    headers: { "content-type": "application/problem+json" },
  });
}

/** The maximum size of an upload, which each answer about one states. */
export class SizeLimit {
  readonly #maxSize: number;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** The total length, if the request tells it. */
  lengthOf(
    headers: Headers,
    isComplete: boolean,
    offset: number,
  ): number | undefined {
    const told = countOf(headers, "upload-length");
    const content = countOf(headers, "content-length");
    const end = content === undefined ? undefined : offset + content;
    if (isComplete && (told ?? end) !== (end ?? told)) {
      throw inconsistentLength();
    }
    const length = told ?? (isComplete ? end : undefined);
    this.refuseMore(Math.max(length ?? 0, end ?? 0));
    return length;
  }

  /** Throws if an upload has, or will have, more octets than allowed. */
  refuseMore(octets: number): void {
    if (octets <= this.#maxSize) return;
    const message = `The upload is larger than ${this.#maxSize} octets`;
    throw new Unresumable(413, message, { headers: this.fields() });
  }

  /** The fields for the progress of an upload. */
  progress(offset: number, isComplete: boolean): Headers {
    return new Headers({
      "cache-control": "no-store",
      "upload-complete": isComplete ? "?1" : "?0",
      "upload-offset": `${offset}`,
      ...this.fields(),
    });
  }

  /** The fields of every answer about an upload. */
  fields(): Record<string, string> {
    const age = `max-age=${UPLOAD_LIFETIME / 1000}`;
    return {
      "upload-draft-interop-version": INTEROP_VERSION,
      "upload-limit": Number.isFinite(this.#maxSize)
        ? `max-size=${this.#maxSize}, ${age}`
        : age,
    };
  }
}
