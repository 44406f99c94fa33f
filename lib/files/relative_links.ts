/**
 * Finds symbolic links that would lead elsewhere once they are moved. Clients
 * cannot make links; moving one would let them choose where it leads: to a file
 * that they may not read.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { Slots } from "../slots.ts";
import { join, SEPARATOR } from "./file_path.ts";
import { FoundDirectory } from "./found_directory.ts";
import { walk } from "./tree.ts";

/** How many directories are searched for links at once; others wait. */
const AT_ONCE = 2;

const slots = new Slots(AT_ONCE);

/** Throws an {@linkcode HttpError} with 409 if a link is relative. */
export function refuseRelative(link: string): void {
  if (isAbsolute(Deno.readLinkSync(link))) return;
  throw new HttpError(409, "A relative link stays in its directory");
}

/**
 * Rejects with an {@linkcode HttpError} with 409 if a link in a directory leads
 * out of it, unless it is absolute.
 *
 * @param directory Its path: absolute, without links.
 */
export async function refuseLinksOut(
  directory: string,
  { root, signal }: { root: string; signal: AbortSignal },
): Promise<void> {
  using _slot = await slots.take(signal);
  // Those in hidden directories as well: another link may lead there.
  const found = { directory, info: Deno.lstatSync(directory) };
  const top = new FoundDirectory(root, found, { dotfiles: "allow" });
  for await (
    const { path, entry, folder } of walk(top, { signal })
  ) {
    if (!entry.isSymlink) continue;
    const text = Deno.readLinkSync(join(folder.directory, entry.name));
    if (!leadsOut(text, path.split("/").length - 1)) continue;
    throw new HttpError(
      409,
      "The directory has a link that leads out of it, so it stays where it is",
    );
  }
}

/**
 * Whether a link leads out of the directory that is moved.
 *
 * @param depth How many directories below that one the link is in.
 */
export function leadsOut(text: string, depth: number): boolean {
  if (isAbsolute(text)) return false;
  let ups = 0;
  let isBelow = false;
  for (const name of text.split(/[/\\]/)) {
    if (name === "" || name === ".") continue;
    if (name !== "..") isBelow = true;
    // Below another link, `..` may be anywhere.
    else if (isBelow || ++ups > depth) return true;
  }
  return false;
}

function isAbsolute(text: string): boolean {
  return text.startsWith(SEPARATOR) || /^[a-z]:/i.test(text) && isWindows;
}

const isWindows = Deno.build.os === "windows";
