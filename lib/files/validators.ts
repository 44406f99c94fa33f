/**
 * Derives the validators of a file, ETag and Last-Modified, from its metadata
 * (RFC 9110 §8.8), and checks the preconditions of writes against them (RFC
 * 9110 §13.1). It never touches the disk.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import {
  evaluatePreconditions,
  type Validators,
} from "../handlers/preconditions.ts";

/**
 * The validators of a file. The tag is strong: each received file gets a unique
 * time (`atomic_write.ts`), and a change by another program changes the size,
 * time or inode.
 */
export function validatorsOf(info: Deno.FileInfo): Validators {
  const time = info.mtime?.getTime() ?? 0;
  const parts = [info.ino ?? 0, info.size, time];
  const tag = parts.map((part) => part.toString(36)).join("-");
  return { entityTag: `"${tag}"`, lastModified: time };
}

/**
 * The tag of the same content coded as it is sent: weak, as the coded octets
 * may vary.
 */
export function codedTag(entityTag: string, coding: string): string {
  return `W/${entityTag.slice(0, -1)}-${coding}"`;
}

/**
 * The preconditions of a change: the fields of a request (RFC 9110 §13.1), or
 * of an object like one.
 */
export interface Preconditions {
  /** The request's method. */
  method: string;
  /** Its header fields. */
  headers: Headers;
  /** The message of a refusal. Default: that a precondition failed. */
  message?: string;
}

/**
 * Throws an {@linkcode HttpError} with 412 if a file does not match the
 * preconditions.
 */
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

/** Whether a file may be created only if there is none. */
export function mustBeNew(preconditions: Preconditions | undefined): boolean {
  return preconditions?.headers.get("if-none-match")?.trim() === "*";
}

/** No entity tag is empty. */
const ofDirectory = { entityTag: "", lastModified: 0 };

/**
 * The same for a directory. A directory has no entity tag, and no date that
 * changes with its content. So only `*` can match, and If-Unmodified-Since has
 * no meaning (RFC 9110 §13.1.4).
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
    const message = "The directory does not match the preconditions";
    throw preconditionFailed(message);
  }
}

/**
 * A client that read the file coded as it was sent knows only a weak tag, which
 * If-Match could never match (RFC 9110 §13.1.1). This server's weak tag still
 * names one version of the file, so it is accepted.
 */
function uncodedMatch(headers: Headers, entityTag: string): Headers {
  const field = headers.get("if-match");
  const coded = codedTag(entityTag, "gzip");
  if (!field?.includes(coded)) return headers;
  const changed = new Headers(headers);
  changed.set("if-match", field.replaceAll(coded, entityTag));
  return changed;
}

/** The error for a failed precondition. */
export function preconditionFailed(
  message = "The file does not match the preconditions",
): HttpError {
  return new HttpError(412, message);
}
