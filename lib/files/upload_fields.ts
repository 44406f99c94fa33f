/**
 * Fields of resumable uploads go in as text, what they say comes out; and problems
 * with them.
 *
 * @module
 */

import { HttpError } from "../errors.ts";

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
