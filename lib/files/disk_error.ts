/**
 * Maps errors of the operating system to answers for the client. It does not
 * know which file an error is about.
 *
 * @module
 */

import { HttpError } from "../errors.ts";

/** The purpose of an access. A refusal to read does not reveal what exists. */
export type Purpose = "read" | "write";

type Answer = [status: number, message: string];

const forbidden: Answer = [403, "The file's permissions do not allow this"];
const notThere: Answer = [409, "There is no directory for this file"];
const notReplaceable: Answer = [
  409,
  "There is already a directory with that name",
];
const noSpace: Answer = [507, "There is no space left for this file"];
const noHandles: Answer = [503, "Too many files are open, try again later"];
const noStorage: Answer = [503, "The storage does not answer, try again later"];

/** Seconds after which a client may try again. */
const RETRY_AFTER = 1;

const eitherAnswers: Record<string, Answer> = {
  EACCES: forbidden,
  EPERM: forbidden,
  EMFILE: noHandles,
  ENFILE: noHandles,
  ENOTCONN: noStorage,
  ETIMEDOUT: noStorage,
};

const absent = ["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "EISDIR"];

const writeAnswers: Record<string, Answer> = {
  ...eitherAnswers,
  ENOENT: notThere,
  ENOTDIR: notThere,
  ELOOP: notThere,
  EISDIR: notReplaceable,
  EEXIST: notReplaceable,
  ENOTEMPTY: notReplaceable,
  ENAMETOOLONG: [400, "The name of the file is too long"],
  EILSEQ: [400, "A file cannot have this name here"],
  EROFS: [403, "Nothing can be written here"],
  ENOSPC: noSpace,
  EDQUOT: noSpace,
  EFBIG: noSpace,
};

/**
 * The {@linkcode HttpError} for an error on a file, or the error itself if it
 * does not come from the disk, or is a fault of this server.
 */
export function diskError(error: unknown, purpose: Purpose): unknown {
  // Deno refuses paths outside its permissions.
  if (error instanceof Deno.errors.NotCapable) {
    return purpose === "read"
      ? noSuchFile(error)
      : new HttpError(403, "Nothing can be written here", { cause: error });
  }
  if (isStaleHandle(error)) return beingReplaced(error);
  // Not every error has a class: a name that is too long gives a plain Error.
  if (!(error instanceof Error) || !("code" in error)) return error;
  const code = `${error.code}`;
  if (purpose === "read" && absent.includes(code)) return noSuchFile(error);
  const answers = purpose === "read" ? eitherAnswers : writeAnswers;
  if (!Object.hasOwn(answers, code)) return error;
  const [status, message] = answers[code];
  return new HttpError(status, message, {
    cause: error,
    headers: status === 503 ? { "retry-after": `${RETRY_AFTER}` } : {},
  });
}

const stale = Deno.build.os === "linux"
  ? /^[^(]*\(os error 116\)/
  : /^[^(]*\(os error 70\)/;

/**
 * Whether an error is ESTALE, for which Deno has neither class nor code: on a
 * network file system, another machine has replaced or removed the file while
 * it was looked at.
 */
export function isStaleHandle(error: unknown): boolean {
  return error instanceof Error && stale.test(error.message);
}

/** The error for a file that is replaced at each look. */
export function beingReplaced(cause: unknown): HttpError {
  return new HttpError(503, "The file is being replaced, try again", {
    cause,
    headers: { "retry-after": `${RETRY_AFTER}` },
  });
}

/** The same error for absent, hidden, outside and special files. */
export function noSuchFile(cause?: unknown): HttpError {
  return new HttpError(404, "There is no such file", { cause });
}

/** The error for a directory with the name of a file. */
export function nameOfFile(): HttpError {
  return new HttpError(409, "There is already a file with that name");
}

/** The same as for an absent one, so that nothing outside is revealed. */
export function noDirectory(): HttpError {
  return new HttpError(...notThere);
}
