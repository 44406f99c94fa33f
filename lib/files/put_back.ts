/**
 * Puts back what was deleted: when somebody undoes it, and when the process has
 * ended before the deletion was enacted. It replaces nothing.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { syncDirectory } from "./atomic_write.ts";
import { lstatOf } from "./containment.ts";
import type { Directory } from "./directory.ts";
import { diskError } from "./disk_error.ts";
import { removeEmpty } from "./empty_directory.ts";
import { dirname, fileNames, join } from "./file_path.ts";
import { containmentOf, rulesOf } from "./hiding.ts";
import { stateOf } from "./shared_state.ts";
import { type Kept, UndoStore } from "./undo_store.ts";

/** How many names are tried for what had a name that is in use now. */
const MOST_NAMES_TRIED = 100;

/**
 * Puts something back.
 *
 * @param path Where, percent-encoded.
 * @returns Rejects with an {@linkcode HttpError}: 404 if it is no longer there,
 * 409 if something has the name, or if the directory above is gone.
 */
export async function putBack(
  directory: Directory,
  { place }: Kept,
  path: string,
): Promise<void> {
  const names = namesOf(directory, path);
  try {
    const target = containmentOf(directory).placeOf(names);
    if (target === undefined) throw noParent();
    await renameInto(directory, place, target);
  } catch (error) {
    throw undoError(error, place);
  }
}

/**
 * Puts back what crashed processes have left; if the name is in use, beside what
 * has it. What cannot be put back is kept.
 *
 * @returns How many files and directories are back.
 */
export async function putBackLeft(directory: Directory): Promise<number> {
  const store = new UndoStore(directory);
  let count = 0;
  await store.takeOver(async (kept) => {
    try {
      await putBackBeside(directory, kept);
      count++;
      await store.forget(kept);
    } catch (error) {
      if (!(diskError(error, "write") instanceof HttpError)) throw error;
    }
  });
  return count;
}

async function putBackBeside(
  directory: Directory,
  { place, record: { path } }: Kept,
): Promise<void> {
  const names = namesOf(directory, path);
  const made: string[] = [];
  const containment = containmentOf(directory);
  try {
    const parent = containment.parent(names.slice(0, -1), made);
    for (const name of freeNames(names.at(-1)!, path.endsWith("/"))) {
      const target = join(parent, name);
      if (lstatOf(target)) continue;
      try {
        return await renameInto(directory, place, target);
      } catch (error) {
        // Somebody was faster.
        if (!(error instanceof HttpError && error.status === 409)) throw error;
      }
    }
    throw nameInUse();
  } catch (error) {
    await removeEmpty(made);
    throw error;
  }
}

/** The name, and others if it is in use: `a (restored).txt`. */
function* freeNames(name: string, isDirectory: boolean): Generator<string> {
  yield name;
  const dot = isDirectory ? -1 : name.lastIndexOf(".");
  const at = dot > 0 ? dot : name.length;
  for (let number = 1; number < MOST_NAMES_TRIED; number++) {
    const which = number === 1 ? "restored" : `restored ${number}`;
    yield `${name.slice(0, at)} (${which})${name.slice(at)}`;
  }
}

async function renameInto(
  directory: Directory,
  place: string,
  target: string,
): Promise<void> {
  const parent = dirname(target);
  {
    using _lock = await stateOf(directory).lock(parent);
    if (lstatOf(parent)?.isDirectory !== true) throw noParent();
    // Somebody else may have put it back.
    if (!lstatOf(place)) throw tooLate();
    if (lstatOf(target)) throw nameInUse();
    await Deno.rename(place, target);
  }
  await syncDirectory(parent);
}

function namesOf(directory: Directory, path: string): string[] {
  return fileNames(path.replace(/\/$/, ""), "write", rulesOf(directory));
}

function nameInUse(): HttpError {
  return new HttpError(
    409,
    "Something has this name now, so choose another one: add ?name=",
  );
}

function noParent(cause?: unknown): HttpError {
  return new HttpError(
    409,
    "The folder that it was in is gone, put that back first",
    { cause },
  );
}

function undoError(error: unknown, place: string): unknown {
  if (!(error instanceof Deno.errors.NotFound)) {
    return diskError(error, "write");
  }
  if (lstatOf(place)) return noParent(error);
  return tooLate(error);
}

/** The error for what is gone, or has never been. */
export function tooLate(cause?: unknown): HttpError {
  return new HttpError(404, "The time to undo this is over", { cause });
}
