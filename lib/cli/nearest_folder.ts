/**
 * Finds the folder that leads on from a path at which nothing is. It tells
 * nobody of a folder that they may not see, nor by its time.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import type { Directory } from "../files/directory.ts";
import { decodePath, pathOf } from "../router/url_path.ts";

/** A name that nothing has. */
const NOWHERE: string = crypto.randomUUID();

/**
 * The names of the deepest folder above a path that is there.
 *
 * @param above The path before that of the files: `/files/`.
 * @param mayRead Whether the reader may see a path. Default: everything.
 * @returns Undefined if the path is not one of files.
 */
export function nearestFolder(
  directory: Directory,
  { url }: Request,
  above: string,
  mayRead: (names: readonly string[]) => boolean = () => true,
): string[] | undefined {
  const path = pathOf(url);
  if (!path.startsWith(above) || !mayRead([])) return undefined;
  const found: string[] = [];
  for (const name of path.slice(above.length).split("/").slice(0, -1)) {
    const names = [...found, decodedOr(name, NOWHERE)];
    // It is looked for in any case: time would tell who may not see it.
    const shown = mayRead(names) ? names : [...found, NOWHERE];
    if (!isFolder(directory, shown)) break;
    found.push(names.at(-1)!);
  }
  return found;
}

function decodedOr(name: string, otherwise: string): string {
  try {
    return decodePath(name);
  } catch {
    return otherwise;
  }
}

function isFolder(directory: Directory, names: string[]): boolean {
  try {
    const found = directory.find(`${names.map(encodeURIComponent).join("/")}/`);
    if ("directory" in found) return true;
    found.file.close();
    return false;
  } catch (error) {
    if (error instanceof HttpError) return false;
    throw error;
  }
}
