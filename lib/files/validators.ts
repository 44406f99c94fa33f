/**
 * Derives the validators of a file, its ETag and Last-Modified, from its
 * metadata (RFC 9110 §8.8), and checks before a write whether they are what the
 * request expects (RFC 9110 §13.1). It never touches the disk.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import {
  evaluatePreconditions,
  type Validators,
} from "../handlers/preconditions.ts";

/**
 * The validators of a file. The tag is a strong one: files that are received get
 * a time of their own each (`atomic_write.ts`), and what other programs change has
 * another size, time or inode.
 */
export function validatorsOf(info: Deno.FileInfo): Validators {
  const time = info.mtime?.getTime() ?? 0;
  const parts = [info.ino ?? 0, info.size, time];
  const tag = parts.map((part) => part.toString(36)).join("-");
  return { entityTag: `"${tag}"`, lastModified: time };
}

/** The tag of the same content coded on its way: weak, as codes may vary. */
export function codedTag(entityTag: string, coding: string): string {
  return `W/${entityTag.slice(0, -1)}-${coding}"`;
}

/**
 * What must hold before something is changed: the precondition fields of a request
 * (RFC 9110 §13.1), or of what is made like one.
 */
export interface Preconditions {
  /** The request's method. */
  method: string;
  /** Its header fields. */
  headers: Headers;
  /** What a refusal says. Default: that it is not what was expected. */
  message?: string;
}

/** Throws an {@linkcode HttpError} with 412 where a file is not as expected. */
export function refuseUnexpected(
  current: Deno.FileInfo | undefined,
  preconditions: Preconditions | undefined,
): void {
  if (!preconditions) return;
  const { method, headers, message } = preconditions;
  const validators = current && validatorsOf(current);
  const asked = validators
    ? { method, headers: uncodedMatch(headers, validators.entityTag) }
    : { method, headers };
  if (evaluatePreconditions(asked, validators)) {
    throw preconditionFailed(message);
  }
}

/** Whether a file is to be made only where there is none. */
export function mustBeNew(preconditions: Preconditions | undefined): boolean {
  return preconditions?.headers.get("if-none-match")?.trim() === "*";
}

/** No entity tag is empty. */
const ofDirectory = { entityTag: "", lastModified: 0 };

/**
 * The same for a directory. It has neither an entity tag nor a date that changes
 * with its content, so only `*` can match, and If-Unmodified-Since means nothing
 * (RFC 9110 §13.1.4).
 */
export function refuseUnexpectedDirectory(
  isThere: boolean,
  preconditions: Preconditions | undefined,
): void {
  if (!preconditions) return;
  const headers = new Headers(preconditions.headers);
  headers.delete("if-unmodified-since");
  const asked = { method: preconditions.method, headers };
  if (evaluatePreconditions(asked, isThere ? ofDirectory : undefined)) {
    const message = "The directory is not, or no longer, what was expected";
    throw preconditionFailed(message);
  }
}

/**
 * A client that read the file coded on its way knows the tag of that, a weak one,
 * which If-Match could never match (RFC 9110 §13.1.1). Ours names one version of
 * the file all the same.
 */
function uncodedMatch(headers: Headers, entityTag: string): Headers {
  const field = headers.get("if-match");
  const coded = codedTag(entityTag, "gzip");
  if (!field?.includes(coded)) return headers;
  const changed = new Headers(headers);
  changed.set("if-match", field.replaceAll(coded, entityTag));
  return changed;
}

/** Says that a precondition failed. */
export function preconditionFailed(
  message = "The file is not, or no longer, what was expected",
): HttpError {
  return new HttpError(412, message);
}
