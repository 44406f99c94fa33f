/**
 * Keeps new files from being sent in place of files that are there: `a.txt.gz`
 * is what readers get of `a.txt`. For directories that only take new files. It
 * does not know which ends of names these are.
 *
 * @module
 */

import { HttpError } from "../errors.ts";

const kept = new WeakMap<object, readonly string[]>();

/**
 * Lets nobody bring a form of a file that is there.
 *
 * @param ends The ends of the names of such forms, in lower case.
 */
export function keepWithoutForms(
  directory: object,
  ends: readonly string[],
): void {
  kept.set(directory, ends);
}

/**
 * Throws an {@linkcode HttpError} with 412 if a file with these names would be
 * sent in place of one that is there.
 */
export function refuseForm(
  directory: object,
  names: readonly string[],
  isThere: (names: string[]) => boolean,
): void {
  const name = names.at(-1)!;
  const end = kept.get(directory)?.find((end) =>
    name.toLowerCase().endsWith(end) && name.length > end.length
  );
  if (end === undefined) return;
  if (!isThere(names.with(-1, name.slice(0, -end.length)))) return;
  throw new HttpError(412, "A file with this name would stand in for another");
}
