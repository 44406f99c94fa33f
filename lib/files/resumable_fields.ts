/**
 * Parses and formats the fields of resumable uploads, and the problems that
 * answer them.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { UPLOAD_LIFETIME } from "./upload_store.ts";

/** The version of the draft that these uploads are of. */
const INTEROP_VERSION = "8";

/** What a proxy adds to a request, one or the other. */
const proxyFields = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
];

/**
 * Whether a client may get a 104. It must know the same version, as the draft
 * has it, and send content that it could go on with; and no proxy may be seen in
 * between: nginx takes the 104 for the final response, and waits for its content.
 */
export function mayGetInterim({ headers, body }: Request): boolean {
  const version = headers.get("upload-draft-interop-version")?.trim();
  return version === INTEROP_VERSION &&
    body !== null && headers.get("content-length") !== "0" &&
    !proxyFields.some((name) => headers.has(name));
}

/**
 * An upload that can never become a file, so that there is nothing to go on with:
 * what is here of it is removed.
 */
export class Unresumable extends HttpError {}

/** Those that say when, and of what, the upload is to become a file. */
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

/** Whether a request brings the last of an upload (RFC 9651 §3.3.6). */
export function completeness(headers: Headers): boolean {
  const field = headers.get("upload-complete");
  if (field === "?1" || field === "?0") return field === "?1";
  throw new HttpError(400, "Upload-Complete must be ?0 or ?1");
}

/** A number of octets; undefined where there is no such field. */
export function countOf(headers: Headers, name: string): number | undefined {
  const field = headers.get(name);
  if (field === null) return undefined;
  if (!/^\d{1,15}$/.test(field)) {
    throw new HttpError(400, `${name} must be a number of octets`);
  }
  return Number(field);
}

/** Says that the lengths of an upload do not agree. */
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

/** How large an upload may be, which each answer about one tells. */
export class SizeLimit {
  readonly #maxSize: number;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** The length in all, as far as a request tells. */
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

  /** Throws where an upload has, or is to have, more octets than it may. */
  refuseMore(octets: number): void {
    if (octets <= this.#maxSize) return;
    const message = `The upload is larger than ${this.#maxSize} octets`;
    throw new Unresumable(413, message, { headers: this.fields() });
  }

  /** How far an upload is. */
  progress(offset: number, isComplete: boolean): Headers {
    return new Headers({
      "cache-control": "no-store",
      "upload-complete": isComplete ? "?1" : "?0",
      "upload-offset": `${offset}`,
      ...this.fields(),
    });
  }

  /** What every answer about an upload says. */
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
