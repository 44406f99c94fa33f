/**
 * Creates one directory and none above it, as MKCOL does (RFC 4918 §9.3).
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { syncDirectory } from "./atomic_write.ts";
import { lstatOf } from "./containment.ts";
import type { Directory } from "./directory.ts";
import { diskError, noDirectory } from "./disk_error.ts";
import { dirname, fileNames } from "./file_path.ts";
import { containmentOf, rulesOf } from "./hiding.ts";
import { stateOf } from "./shared_state.ts";
import { type Preconditions, refuseUnexpectedDirectory } from "./validators.ts";

/**
 * Creates a directory.
 *
 * @param path As for {@linkcode Directory.makeDirectory}, with or without `/`
 * at its end.
 * @param preconditions As for {@linkcode Directory.makeDirectory}.
 * @returns Whether there was nothing with that name. Rejects with an
 * {@linkcode HttpError}: 409 if the directory above is absent, 412 if a
 * precondition fails, 403 if it may not be created.
 */
export async function makeCollection(
  directory: Directory,
  path: string,
  preconditions: Preconditions,
): Promise<boolean> {
  const inner = path.replace(/\/$/, "");
  if (inner === "") return false;
  const names = fileNames(inner, "write", rulesOf(directory));
  try {
    const place = containmentOf(directory).placeOf(names);
    if (place === undefined) throw noDirectory();
    const parent = dirname(place);
    {
      using _lock = await stateOf(directory).lock(parent);
      if (lstatOf(place)) return false;
      refuseUnexpectedDirectory(false, preconditions);
      Deno.mkdirSync(place);
    }
    await syncDirectory(parent);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw diskError(error, "write");
  }
}

/** RFC 4918 §9.3: the content of MKCOL would have to be understood. */
export async function refuseContent(
  { body }: Pick<Request, "body">,
): Promise<void> {
  if (body === null || (await body.getReader().read()).done) return;
  throw new HttpError(415, "A request for a directory must have no content");
}
