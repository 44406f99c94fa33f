/**
 * Names of a directory go in; it is made, or removed if nothing is in it.
 *
 * @module
 */

import { join } from "@std/path";
import { HttpError } from "../errors.ts";
import type { Enclosure } from "./enclosure.ts";
import { noSuchFile } from "./file_names.ts";
import { lstatOf } from "./replacement.ts";

/** Makes a directory, and those on its way; tells whether there was none. */
export function makeSubdirectory(
  enclosure: Enclosure,
  names: string[],
): boolean {
  const made: string[] = [];
  const place = enclosure.parent(names, made);
  if (lstatOf(place)?.isDirectory) return made.length > 0;
  throw new HttpError(409, "There is a file of that name");
}

/** Removes an empty directory; never a link to one. */
export function removeSubdirectory(
  enclosure: Enclosure,
  names: string[],
): void {
  const parent = enclosure.locate(
    join(enclosure.root, ...names.slice(0, -1)),
  );
  const place = parent && join(parent, names[names.length - 1]);
  const there = place && lstatOf(place);
  if (!there) throw noSuchFile();
  if (!there.isDirectory) {
    throw new HttpError(409, "There is no directory of that name");
  }
  try {
    Deno.removeSync(place);
  } catch (error) {
    const isFull = error instanceof Error && "code" in error &&
      error.code === "ENOTEMPTY";
    if (!isFull) throw error;
    throw new HttpError(409, "The directory is not empty", { cause: error });
  }
}
