/**
 * Removes directories, but only empty ones. It does not know where they may be.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { type Preconditions, refuseUnexpectedDirectory } from "./validators.ts";

/** Removes directories that were created in vain, unless they are in use. */
export async function removeEmpty(made: string[]): Promise<void> {
  for (const path of made.reverse()) await Deno.remove(path).catch(() => {});
}

/** Removes an empty directory, if its preconditions hold (RFC 9110 §13.2.1). */
export async function removeIfEmpty(
  place: string,
  preconditions: Preconditions | undefined,
): Promise<void> {
  try {
    refuseUnexpectedDirectory(true, preconditions);
  } catch (error) {
    // Preconditions do not count if removal would fail without them.
    for await (const _ of Deno.readDir(place)) throw notEmpty(error);
    throw error;
  }
  try {
    Deno.removeSync(place);
  } catch (error) {
    const isFull = error instanceof Error && "code" in error &&
      error.code === "ENOTEMPTY";
    throw isFull ? notEmpty(error) : error;
  }
}

function notEmpty(cause: unknown): HttpError {
  return new HttpError(409, "The directory is not empty", { cause });
}
