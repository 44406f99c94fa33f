/**
 * Names of a directory go in; it is made, or removed if nothing is in it. What
 * is expected of it before is asked where it would be done otherwise
 * (RFC 9110 §13.2.1).
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { type Containment, lstatOf } from "./containment.ts";
import { noDirectory, noSuchFile } from "./disk_error.ts";
import { join } from "./file_path.ts";

/** Throws where what is there, or that nothing is, is not what was expected. */
export type DirectoryCheck = (isThere: boolean) => void;

/** Makes a directory, and those on its way; tells whether there was none. */
export function makeSubdirectory(
  containment: Containment,
  names: string[],
  check: DirectoryCheck,
): boolean {
  check(isDirectory(containment, names));
  const made: string[] = [];
  const place = containment.parent(names, made);
  if (!lstatOf(place)?.isDirectory) {
    throw new HttpError(409, "There is a file of that name");
  }
  const isNew = made.at(-1) === place;
  // Another client may have made it in between.
  if (!isNew) check(true);
  return isNew;
}

/** Whether a reader finds a directory there. Throws 409 for anything else. */
function isDirectory(containment: Containment, names: string[]): boolean {
  try {
    const place = containment.locate(join(containment.root, ...names));
    if (place === undefined) throw noDirectory();
    if (lstatOf(place)?.isDirectory) return true;
    throw new HttpError(409, "There is a file of that name");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Removes an empty directory; never a link to one. */
export async function removeSubdirectory(
  containment: Containment,
  names: string[],
  check: DirectoryCheck,
): Promise<void> {
  const parent = containment.locate(
    join(containment.root, ...names.slice(0, -1)),
  );
  const place = parent && join(parent, names[names.length - 1]);
  const there = place && lstatOf(place);
  if (!there) throw noSuchFile();
  if (!there.isDirectory) {
    throw new HttpError(409, "There is no directory of that name");
  }
  try {
    check(true);
  } catch (error) {
    // RFC 9110 §13.2.1: no precondition counts where it would fail without.
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
