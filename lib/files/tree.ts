/**
 * Walks everything below a directory that readers may see, without following
 * links. It shares the event loop with all else, and ends when its signal says
 * so. It does not know what the walk is for.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { MOST_NAMES } from "./file_path.ts";
import type { DirectoryEntry, FoundDirectory } from "./found_directory.ts";

/**
 * How long (ms) all walks together go on, at most, before everything else has
 * its turn.
 */
const TURN = 2;
/** How long (ms) each of them goes on at least. */
const STEP = 0.25;

/** Something below a directory. */
export interface TreeEntry {
  /** Its names below the directory where the walk began, joined by `/`. */
  path: string;
  /** Its name and kind. */
  entry: DirectoryEntry;
  /** The directory that it is in. */
  folder: FoundDirectory;
}

/** How to walk. */
export interface WalkOptions {
  /** Ends the walk. */
  signal: AbortSignal;
  /** Whether an entry is there for this reader. Default: each is. */
  isShown?: (path: string) => boolean;
  /**
   * Whether a directory is left out that cannot be read, or is gone when its
   * turn comes. Default: the walk ends with the error.
   */
  skipsUnreadable?: boolean;
  /**
   * Whether the walk ends with a 409 where it cannot reach all: below as many
   * names as a path may have. Default: what is deeper is left out.
   */
  isWhole?: boolean;
}

/** A directory that is to be read. */
interface Waiting {
  folder: FoundDirectory;
  /** Empty, or with a `/` at its end. */
  start: string;
  depth: number;
}

/**
 * Yields what is below a directory: of each directory all of its entries, in no
 * order, and what is inside of them later. Throws as
 * {@linkcode FoundDirectory.list} does, and with the reason of the signal.
 */
export async function* walk(
  top: FoundDirectory,
  options: WalkOptions,
): AsyncGenerator<TreeEntry> {
  const { signal, isShown, skipsUnreadable, isWhole } = options;
  using pace = new Pace();
  const waiting: Waiting[] = [{ folder: top, start: "", depth: 1 }];
  for (let next; (next = waiting.pop());) {
    const { folder, start, depth } = next;
    const entries = await entriesOf(folder, pace, signal).catch((error) => {
      if (!skipsUnreadable || signal.aborted) throw error;
      return [];
    });
    for (const entry of entries) {
      if (pace.isDue) await pace.rest();
      signal.throwIfAborted();
      const path = start + entry.name;
      if (isShown?.(path) === false) continue;
      yield { path, entry, folder };
      if (!entry.isDirectory) continue;
      // Nothing deeper can be asked for.
      if (depth === MOST_NAMES) {
        if (isWhole) throw tooDeep();
        continue;
      }
      waiting.push({
        folder: folder.below(entry.name),
        start: `${path}/`,
        depth: depth + 1,
      });
    }
  }
}

/** Moves can make a tree deeper than a path, and hide in it what they must not. */
function tooDeep(): HttpError {
  return new HttpError(409, "The directory has too many directories in a row");
}

/**
 * All of them, before one is told: only then is it certain that they are of a
 * directory inside.
 */
async function entriesOf(
  folder: FoundDirectory,
  pace: Pace,
  signal: AbortSignal,
): Promise<DirectoryEntry[]> {
  const entries: DirectoryEntry[] = [];
  for await (const entry of folder.list()) {
    entries.push(entry);
    if (pace.isDue) await pace.rest();
    signal.throwIfAborted();
  }
  return entries;
}

const walking = new Set<Pace>();

/** Says when a walk has gone on for long enough. */
class Pace implements Disposable {
  #end = 0;

  constructor() {
    walking.add(this);
    this.#begin();
  }

  get isDue(): boolean {
    return performance.now() > this.#end;
  }

  /** Lets everything else have its turn. */
  async rest(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#begin();
  }

  #begin(): void {
    this.#end = performance.now() + Math.max(STEP, TURN / walking.size);
  }

  [Symbol.dispose](): void {
    walking.delete(this);
  }
}
