/**
 * Puts back what a process has deleted that ended before the time to undo it was
 * over. Few starts find any, so the code for it is loaded where there is some.
 *
 * @module
 */

import { lstatOf } from "../files/containment.ts";
import type { Directory } from "../files/directory.ts";
import { join } from "../files/file_path.ts";
import { DELETED, STATE_FOLDER } from "../files/shared_state.ts";

/** @returns how many files and directories are back. */
export async function putBackDeleted(directory: Directory): Promise<number> {
  const folder = join(directory.path, STATE_FOLDER, DELETED);
  if (lstatOf(folder) === undefined) return 0;
  const { putBackLeft } = await import("../files/put_back.ts");
  return await putBackLeft(directory);
}
