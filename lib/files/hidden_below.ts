/**
 * Finds what patterns of `hide` for paths, and not for names, hide in a directory
 * that is to be moved: it would be seen elsewhere, or would be lost there.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { Slots } from "../slots.ts";
import type { Hiding } from "./file_path.ts";
import { FoundDirectory } from "./found_directory.ts";
import { walk } from "./tree.ts";

/** How many directories are looked through at once; others wait. */
const slots = new Slots(2);

/** A directory on its way, by its names before and after. */
export interface MovedDirectory {
  root: string;
  /** Its path: absolute, without links. */
  directory: string;
  from: readonly string[];
  to: readonly string[];
}

/**
 * Rejects with an {@linkcode HttpError} with 409 if a directory holds something
 * that is hidden where it is and would not be where it is moved to, or the
 * reverse.
 */
export async function refuseHiddenBelow(
  { root, directory, from, to }: MovedDirectory,
  hiding: Hiding,
  signal: AbortSignal,
): Promise<void> {
  using _slot = await slots.take(signal);
  const found = { directory, info: Deno.lstatSync(directory) };
  const top = new FoundDirectory(root, found, { dotfiles: "allow" });
  for await (const { path } of walk(top, { signal })) {
    const names = path.split("/");
    const [before, after] = [from, to].map((above) =>
      hiding.hides([...above, ...names])
    );
    if (before === after) continue;
    throw new HttpError(
      409,
      "The directory holds something hidden, so it stays where it is",
    );
  }
}
