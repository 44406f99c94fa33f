/**
 * Answers with a directory, or with some names in it, as a zip archive. How
 * many are sent at once is bounded. `archive.ts` reads the files.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { Slots } from "../slots.ts";
import { archiveOf } from "./archive.ts";
import { attachment } from "./attachment.ts";
import { Containment } from "./containment.ts";
import { noSuchFile } from "./disk_error.ts";
import { SEPARATOR } from "./file_path.ts";
import type { FoundDirectory } from "./found_directory.ts";
import { rulesOf } from "./hiding.ts";
import { walk } from "./tree.ts";
import { chosenNames } from "./tree_request.ts";

/** How many archives are sent at once. */
const AT_ONCE = 4;

/** Seconds after which a client may try again. */
const RETRY_AFTER = 5;

/** The name of the archive of the served directory itself. */
const NAME_OF_TOP = "files";

/** What an archive may hold. */
export interface ZipOptions {
  /** Whether a path below the directory is there for this reader. */
  isShown?: (path: string) => boolean;
}

const all = new WeakMap<object, Zips>();

/** The archives of an open directory, whichever handler sends them. */
export function zipsOf(directory: { readonly path: string }): Zips {
  let zips = all.get(directory);
  if (zips === undefined) {
    zips = new Zips(directory);
    all.set(directory, zips);
  }
  return zips;
}

/** Sends archives. */
class Zips {
  readonly #containment: Containment;
  readonly #slots = new Slots(AT_ONCE);

  constructor(directory: { readonly path: string }) {
    const { hiding } = rulesOf(directory);
    this.#containment = new Containment(directory.path, hiding);
  }

  /**
   * Answers with an archive. Rejects with an {@linkcode HttpError}: 503 while
   * others are sent, 404 if a name of the form is not there, and as
   * {@linkcode chosenNames} does.
   */
  async answer(
    request: Request,
    found: FoundDirectory,
    options: ZipOptions,
  ): Promise<Response> {
    const chosen = await chosenNames(request);
    const headers = {
      "accept-ranges": "none",
      "cache-control": "no-cache",
      "content-disposition": attachment(`${this.#nameOf(found)}.zip`),
      "content-type": "application/zip",
      "x-content-type-options": "nosniff",
    };
    if (request.method === "HEAD") return new Response(null, { headers });
    const slot = this.#slots.takeFree();
    if (slot === undefined) {
      throw new HttpError(503, "Other archives are being sent, try again", {
        headers: { "retry-after": `${RETRY_AFTER}` },
      });
    }
    const left = new AbortController();
    try {
      if (chosen) await refuseAbsent(chosen, found, options);
      const entries = walk(found, {
        signal: left.signal,
        isShown: (path) =>
          isChosen(path, chosen) && options.isShown?.(path) !== false,
      });
      const release = () => {
        left.abort();
        entries.return(undefined).catch(() => {});
        slot[Symbol.dispose]();
      };
      const containment = this.#containment;
      const content = archiveOf({ containment, entries, release });
      return new Response(content, { headers });
    } catch (error) {
      slot[Symbol.dispose]();
      throw error;
    }
  }

  #nameOf({ directory }: FoundDirectory): string {
    return directory === this.#containment.root
      ? NAME_OF_TOP
      : directory.split(SEPARATOR).at(-1)!;
  }
}

function isChosen(path: string, chosen: Set<string> | undefined): boolean {
  return chosen === undefined || chosen.has(path.split("/", 1)[0]);
}

/** Rejects with 404 unless a reader finds all of these names. */
async function refuseAbsent(
  chosen: Set<string>,
  found: FoundDirectory,
  { isShown }: ZipOptions,
): Promise<void> {
  const absent = new Set(chosen);
  for await (const entry of found.list()) {
    const { name, isSymlink } = entry;
    if (!chosen.has(name) || isShown?.(name) === false) continue;
    if (!isSymlink || found.inspect(entry)?.isFile) absent.delete(name);
  }
  if (absent.size > 0) throw noSuchFile();
}
