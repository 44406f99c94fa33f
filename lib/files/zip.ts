/**
 * Answers with a directory, or with some names in it, as a zip archive. How
 * many are sent at once is bounded. `archive.ts` reads the files.
 *
 * @module
 */

import { archiveOf } from "./archive.ts";
import { attachment } from "./attachment.ts";
import type { Directory } from "./directory.ts";
import { noSuchFile } from "./disk_error.ts";
import { SEPARATOR } from "./file_path.ts";
import type { FoundDirectory } from "./found_directory.ts";
import { containmentOf } from "./hiding.ts";
import { SharedSlots } from "./shared_slots.ts";
import { walk } from "./tree.ts";
import { chosenNames } from "./tree_request.ts";

/** How many archives of a directory are sent at once. */
const slots = new SharedSlots(4, {
  message: "Other archives are being sent, try again",
  retryAfter: 5,
});

/** The name of the archive of the served directory itself. */
const NAME_OF_TOP = "files";

/** What an archive may hold. */
interface ZipOptions {
  /** The directory whose archive it is. */
  found: FoundDirectory;
  /** Whether a path below the directory is there for this reader. */
  isShown?: (path: string) => boolean;
}

/**
 * Answers with an archive. Rejects with an {@linkcode HttpError}: 503 while
 * others are sent, 404 if a name of the form is not there, and as
 * {@linkcode chosenNames} does.
 */
export async function answerWithZip(
  directory: Directory,
  request: Request,
  { found, isShown }: ZipOptions,
): Promise<Response> {
  const containment = containmentOf(directory);
  const chosen = await chosenNames(request);
  const headers = {
    "accept-ranges": "none",
    "cache-control": "no-cache",
    "content-disposition": attachment(`${nameOf(found, containment.root)}.zip`),
    "content-type": "application/zip",
    "x-content-type-options": "nosniff",
  };
  if (request.method === "HEAD") return new Response(null, { headers });
  const slot = slots.take(directory);
  const left = new AbortController();
  try {
    if (chosen) await refuseAbsent(chosen, { found, isShown });
    const entries = walk(found, {
      signal: left.signal,
      isShown: (path) => isChosen(path, chosen) && isShown?.(path) !== false,
    });
    const release = () => {
      left.abort();
      entries.return(undefined).catch(() => {});
      slot[Symbol.dispose]();
    };
    const content = archiveOf({ containment, entries, release });
    return new Response(content, { headers });
  } catch (error) {
    slot[Symbol.dispose]();
    throw error;
  }
}

function nameOf({ directory }: FoundDirectory, root: string): string {
  return directory === root ? NAME_OF_TOP : directory.split(SEPARATOR).at(-1)!;
}

function isChosen(path: string, chosen: Set<string> | undefined): boolean {
  return chosen === undefined || chosen.has(path.split("/", 1)[0]);
}

/** Rejects with 404 unless a reader finds all of these names. */
async function refuseAbsent(
  chosen: Set<string>,
  { found, isShown }: ZipOptions,
): Promise<void> {
  const absent = new Set(chosen);
  for await (const entry of found.list()) {
    const { name, isSymlink } = entry;
    if (!chosen.has(name) || isShown?.(name) === false) continue;
    if (!isSymlink || found.inspect(entry)?.isFile) absent.delete(name);
  }
  if (absent.size > 0) throw noSuchFile();
}
