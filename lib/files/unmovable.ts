/**
 * Refuses to move what would be another thing elsewhere.
 *
 * - Symbolic links: clients cannot make them, and moving a relative one would
 *   let them choose where it leads, such as to a file that they may not read.
 * - What patterns of `hide` for paths, and not for names, hide: it would be seen
 *   elsewhere, or would be lost there.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { Slots } from "../slots.ts";
import { type Hiding, join, SEPARATOR } from "./file_path.ts";
import { FoundDirectory } from "./found_directory.ts";
import { walk } from "./tree.ts";

/** How many directories are looked through at once; others wait. */
const AT_ONCE = 2;

const slots = new Slots(AT_ONCE);

/** A directory on its way. */
export interface MovedDirectory {
  /** The served directory: absolute, without links. */
  root: string;
  /** Its path: absolute, without links. */
  directory: string;
  /** Its names before and after. */
  from: readonly string[];
  to: readonly string[];
}

/** Throws an {@linkcode HttpError} with 409 if a link is relative. */
export function refuseRelative(link: string): void {
  if (isAbsolute(Deno.readLinkSync(link))) return;
  throw new HttpError(409, "A relative link stays in its directory");
}

/**
 * Rejects with an {@linkcode HttpError} with 409 if a directory holds a link
 * that leads out of it, unless that is absolute; or something that is hidden in
 * one of the two places only.
 */
export async function refuseUnmovable(
  { root, directory, from, to }: MovedDirectory,
  { movesLinks, hiding, signal }: {
    /** Whether links get another directory above. */
    movesLinks: boolean;
    hiding: Hiding | undefined;
    signal: AbortSignal;
  },
): Promise<void> {
  if (!movesLinks && hiding === undefined) return;
  using _slot = await slots.take(signal);
  // What is in hidden directories as well: a link may lead there.
  const found = { directory, info: Deno.lstatSync(directory) };
  const top = new FoundDirectory(root, found, { dotfiles: "allow" });
  const entries = walk(top, { signal, isWhole: true });
  for await (const { path, entry, folder } of entries) {
    const names = path.split("/");
    if (movesLinks && entry.isSymlink) {
      const link = Deno.readLinkSync(join(folder.directory, entry.name));
      if (leadsOut(link, names.length - 1)) throw hasLinkOut();
    }
    if (hiding === undefined) continue;
    const wasHidden = hiding.hides([...from, ...names]);
    if (wasHidden !== hiding.hides([...to, ...names])) throw hasHidden();
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

function hasLinkOut(): HttpError {
  return new HttpError(
    409,
    "The directory has a link that leads out of it, so it stays where it is",
  );
}

function hasHidden(): HttpError {
  return new HttpError(
    409,
    "The directory holds something hidden, so it stays where it is",
  );
}
