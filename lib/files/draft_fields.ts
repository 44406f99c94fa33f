/**
 * Parses and formats the fields of draft-ietf-httpbis-resumable-upload, and the
 * problems that answer them. Released clients speak different versions of it:
 * `Upload-Draft-Interop-Version` says which.
 *
 * | interop version | draft      |
 * | --------------- | ---------- |
 * | 3               | -01        |
 * | 4, 5            | -02, -03   |
 * | 6               | -04, -05   |
 * | 7               | -06 to -08 |
 * | 8               | -09 to -11 |
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import {
  countOf,
  hasContent,
  inconsistentLength,
  mediaTypeOf,
  type SizeLimit,
} from "./resumable_fields.ts";
import { UPLOAD_LIFETIME } from "./upload_store.ts";

/** What one version of the draft says, and how. */
export class Draft {
  /**
   * @param version The interop version.
   * @param name The value of `Upload-Draft-Interop-Version` in responses.
   */
  constructor(readonly version: number, readonly name = `${version}`) {}

  /** The first version asks the opposite question. */
  get #saysIncomplete(): boolean {
    return this.version === 3;
  }

  /** Whether a request completes an upload (RFC 9651 §3.3.6). */
  completeness(headers: Headers): boolean {
    const field = this.#saysIncomplete
      ? headers.get("upload-incomplete")
      : headers.get("upload-complete");
    if (field === "?1" || field === "?0") {
      return (field === "?1") !== this.#saysIncomplete;
    }
    // -01: more of an upload is the rest, unless the field says otherwise.
    const isRest = this.#saysIncomplete && headers.has("upload-offset");
    if (isRest && field === null) return true;
    const name = this.#saysIncomplete ? "Upload-Incomplete" : "Upload-Complete";
    throw new HttpError(400, `${name} must be ?0 or ?1`);
  }

  /** Throws if more of an upload does not have the type for it. */
  refuseOtherType(headers: Headers): void {
    if (this.version < 6) return;
    if (mediaTypeOf(headers) === "application/partial-upload") return;
    throw new HttpError(
      415,
      "The content type must be application/partial-upload",
    );
  }

  /** -01 to -05: a request that sends nothing must not say how much. */
  refuseProgress(headers: Headers): void {
    const isSaid = headers.has("upload-offset") ||
      headers.has("upload-complete") || headers.has("upload-incomplete");
    if (this.version > 6 || !isSaid) return;
    throw new HttpError(400, "Only a PATCH has fields about its content");
  }

  /** The status for a part that has arrived, but does not complete the upload. */
  get statusOfPart(): number {
    return this.version > 6 ? 204 : 201;
  }

  /** Whether the upload's URL is told even once the upload is complete. */
  get namesCompleteUpload(): boolean {
    return this.version <= 6;
  }

  /**
   * Whether an upload is complete once its offset is the length that the client
   * has told, whatever `Upload-Complete` says: tus-js-client takes it so, and in
   * Node.js says `?0` with the last part of a file.
   */
  get completesByLength(): boolean {
    return this.version <= 6;
  }

  /** The fields for the progress of an upload. */
  progress(offset: number, isComplete: boolean, limit: SizeLimit): Headers {
    const [name, is] = this.#saysIncomplete
      ? ["upload-incomplete", !isComplete]
      : ["upload-complete", isComplete];
    return new Headers({
      "cache-control": "no-store",
      [name]: is ? "?1" : "?0",
      "upload-offset": `${offset}`,
      ...this.fields(limit),
    });
  }

  /** The fields of every response about an upload. */
  fields(limit: SizeLimit): Record<string, string> {
    const fields = { "upload-draft-interop-version": this.name };
    if (this.version < 6) return fields;
    return { ...fields, "upload-limit": this.#limits(limit) };
  }

  #limits({ octets }: SizeLimit): string {
    const name = this.version === 6 ? "expires" : "max-age";
    const age = `${name}=${UPLOAD_LIFETIME / 1000}`;
    return Number.isFinite(octets) ? `max-size=${octets}, ${age}` : age;
  }
}

const LATEST = 8;

const drafts = new Map(
  [LATEST, 7, 6, 5, 4, 3].map((version) => [`${version}`, new Draft(version)]),
);

const allVersions = [...drafts.keys()].join(", ");

/** For a client that does not say its version. */
const unsaid = drafts.get(`${LATEST}`)!;

/** For a client of a version that nobody here knows. */
const unknown = new Draft(LATEST, allVersions);

/**
 * The version that a request speaks. Throws an {@linkcode HttpError} with 400
 * for an unknown one, unless the request brings a whole file: all versions let
 * that pass for an upload like any other.
 */
export function draftOf(headers: Headers): Draft {
  const version = headers.get("upload-draft-interop-version")?.trim();
  if (version === undefined) return unsaid;
  const draft = drafts.get(version);
  if (draft) return draft;
  const isWhole = headers.get("upload-complete") === "?1" &&
    !headers.has("upload-offset");
  if (isWhole) return unknown;
  const message = `Upload-Draft-Interop-Version must be one of ${allVersions}`;
  throw new HttpError(400, message, {
    headers: { "upload-draft-interop-version": allVersions },
  });
}

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
 * Whether a client may get a 104. It must say a known version of the draft, and
 * send content that it could resume. No field may show a proxy in between:
 * nginx takes the 104 for the final response, and waits for its content.
 */
export function mayGetInterim(request: Request): boolean {
  const { headers } = request;
  const version = headers.get("upload-draft-interop-version")?.trim();
  return drafts.has(version ?? "") && hasContent(request) &&
    !proxyFields.some((name) => headers.has(name));
}

/** The total length, if the request tells it. */
export function lengthOf(
  headers: Headers,
  isComplete: boolean,
  { offset, limit }: { offset: number; limit: SizeLimit },
): number | undefined {
  const told = countOf(headers, "upload-length");
  const content = countOf(headers, "content-length");
  const end = content === undefined ? undefined : offset + content;
  if (isComplete && (told ?? end) !== (end ?? told)) {
    throw inconsistentLength();
  }
  const length = told ?? (isComplete ? end : undefined);
  limit.refuseMore(Math.max(length ?? 0, end ?? 0));
  return length;
}

/** What a response to OPTIONS says of uploads. */
export function describeDraft(limit: SizeLimit): Record<string, string> {
  return {
    ...unsaid.fields(limit),
    "upload-draft-interop-version": allVersions,
  };
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
