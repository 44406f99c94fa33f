/**
 * Moves a file, a link or a directory to another name in one step. Of two that
 * want the same name, one is refused; an upload into a directory that is moved
 * either goes along or fails. It does not know who asks.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { fold } from "../folded_path.ts";
import { makeNewer, syncDirectory } from "./atomic_write.ts";
import { type Containment, lstatOf } from "./containment.ts";
import type { Directory } from "./directory.ts";
import {
  beingReplaced,
  diskError,
  noDirectory,
  noSuchFile,
} from "./disk_error.ts";
import { dirname, fileNames, type Hiding, SEPARATOR } from "./file_path.ts";
import { containmentOf, rulesOf } from "./hiding.ts";
import { stateOf } from "./shared_state.ts";
import { spaceOf } from "./space.ts";
import { refuseRelative, refuseUnmovable } from "./unmovable.ts";
import {
  type Preconditions,
  refuseUnexpected,
  refuseUnexpectedDirectory,
} from "./validators.ts";

/** What to move, and where. */
export interface Move {
  /** Paths below the directory, percent-encoded; `/` at the end of a directory. */
  from: string;
  to: string;
  /** What must hold of the source. */
  preconditions: Preconditions;
  /** Throws if a file at the destination must stay. */
  refuseToReplace: () => void;
  /** Ends what is done before the move. */
  signal: AbortSignal;
}

/** Paths on the disk. */
interface Places {
  source: string;
  target: string;
}

/**
 * Moves something.
 *
 * @returns Whether nothing was at the destination. Rejects with an
 * {@linkcode HttpError}: 404 if nothing is there to move; 409 if the directory
 * of the destination is absent, or a directory is in the way; 412 if a
 * precondition fails; 403 if it would move into itself or may not be moved; 502
 * if it is on another file system.
 */
export async function relocate(
  directory: Directory,
  move: Move,
): Promise<boolean> {
  const relocation = new Relocation(directory, move);
  try {
    return move.from.endsWith("/")
      ? await relocation.moveDirectory()
      : await relocation.moveFile();
  } catch (error) {
    throw moveError(error);
  }
}

class Relocation {
  readonly #directory: Directory;
  readonly #rules: { hiding?: Hiding };
  readonly #containment: Containment;
  readonly #move: Move;
  readonly #from: string[];
  readonly #to: string[];

  constructor(directory: Directory, move: Move) {
    this.#directory = directory;
    const rules = this.#rules = rulesOf(directory);
    this.#containment = containmentOf(directory);
    this.#move = move;
    this.#from = namesOf(move.from, rules);
    this.#to = namesOf(move.to, rules);
    if (move.from.endsWith("/") || !move.to.endsWith("/")) return;
    throw new HttpError(409, "The name of a file has no / at its end");
  }

  async moveFile(): Promise<boolean> {
    const places = this.#locate();
    const { source, target } = places;
    const parents = [dirname(source), dirname(target)];
    let replaced: Deno.FileInfo | undefined;
    {
      using _lock = await stateOf(this.#directory).lock(...parents);
      this.#refuseMoved(places);
      const info = presentAt(source);
      if (info.isDirectory) {
        throw new HttpError(409, "The name of a directory has / at its end");
      }
      if (!info.isFile && !info.isSymlink) throw noSuchFile();
      const isElsewhere = parents[0] !== parents[1];
      if (info.isSymlink && isElsewhere) refuseRelative(source);
      refuseUnexpected(
        this.#containment.infoOf(this.#from),
        this.#move.preconditions,
      );
      replaced = this.#occupantOf(places, info);
      if (replaced && isSameFile(info, replaced)) {
        // A second name of the same file: a rename would leave both.
        await Deno.remove(source);
      } else {
        if (info.isFile && replaced) {
          const current = this.#containment.infoOf(this.#to);
          await makeNewer(source, info, current);
        }
        await Deno.rename(source, target);
        if (replaced) spaceOf(this.#directory)?.shrink(replaced.size);
      }
    }
    await this.#sync(parents);
    return replaced === undefined;
  }

  async moveDirectory(): Promise<true> {
    const places = this.#locate();
    const { source, target } = places;
    const parents = [dirname(source), dirname(target)];
    refuseAllButDirectory(source);
    if (`${target}${SEPARATOR}`.startsWith(`${source}${SEPARATOR}`)) {
      throw new HttpError(403, "A directory cannot be moved into itself");
    }
    await refuseUnmovable({
      root: this.#containment.root,
      directory: source,
      // Without links: by these names readers are refused.
      from: this.#containment.namesOf(source),
      to: this.#containment.namesOf(target),
    }, {
      movesLinks: parents[0] !== parents[1],
      hiding: this.#rules.hiding,
      signal: this.#move.signal,
    });
    {
      using _lock = await stateOf(this.#directory).lockAll(...parents);
      this.#refuseMoved(places);
      const info = refuseAllButDirectory(source);
      refuseUnexpectedDirectory(true, this.#move.preconditions);
      this.#occupantOf(places, info);
      await Deno.rename(source, target);
    }
    await this.#sync(parents);
    return true;
  }

  /** Where the source and the destination are now. */
  #locate(): Places {
    let source: string | undefined;
    try {
      source = this.#containment.placeOf(this.#from);
    } catch (error) {
      throw isAbsent(error) ? noSuchFile(error) : error;
    }
    if (source === undefined) throw noSuchFile();
    presentAt(source);
    const target = this.#containment.placeOf(this.#to);
    if (target === undefined) throw noDirectory();
    if (source === target) {
      // RFC 4918 §9.9.4
      throw new HttpError(403, "It is already there");
    }
    return { source, target };
  }

  /** Something on the way may have been moved before the lock was had. */
  #refuseMoved(places: Places): void {
    const { source, target } = this.#locate();
    if (source === places.source && target === places.target) return;
    throw beingReplaced(undefined);
  }

  /**
   * The file or link that will be replaced. Throws if something is in the way
   * that must stay.
   */
  #occupantOf(
    { target }: Places,
    moved: Deno.FileInfo,
  ): Deno.FileInfo | undefined {
    const there = lstatOf(target);
    if (there === undefined) return undefined;
    const last = [this.#from, this.#to].map((names) => fold(names.at(-1)!));
    // On a file system that ignores case it may be the source itself.
    if (
      isSameFile(moved, there) && last[0] === last[1] && there.nlink === 1
    ) return undefined;
    this.#move.refuseToReplace();
    if (!moved.isDirectory && (there.isFile || there.isSymlink)) return there;
    throw new HttpError(
      409,
      there.isDirectory
        ? "There is already a directory with that name"
        : "There is already a file with that name",
    );
  }

  async #sync(parents: string[]): Promise<void> {
    // The new name first: a power cut may leave two, but not none.
    for (const path of new Set(parents.reverse())) await syncDirectory(path);
  }
}

function namesOf(path: string, rules: { hiding?: Hiding }): string[] {
  const inner = path.replace(/\/$/, "");
  if (inner === "") {
    throw new HttpError(403, "The served directory itself stays where it is");
  }
  return fileNames(inner, "write", rules);
}

function presentAt(place: string): Deno.FileInfo {
  try {
    const info = lstatOf(place);
    if (info) return info;
  } catch (error) {
    throw isAbsent(error) ? noSuchFile(error) : error;
  }
  throw noSuchFile();
}

function refuseAllButDirectory(place: string): Deno.FileInfo {
  const info = presentAt(place);
  if (info.isDirectory) return info;
  throw new HttpError(409, "There is no directory with that name");
}

function isAbsent(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory;
}

function isSameFile(one: Deno.FileInfo, other: Deno.FileInfo): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

/** RFC 4918 §9.9.4, beside the errors of all changes. */
function moveError(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : "";
  switch (code) {
    case "EXDEV":
      return new HttpError(502, "The destination is on another file system", {
        cause: error,
      });
    case "EBUSY":
      return new HttpError(409, "Another file system is in use there", {
        cause: error,
      });
    default:
      return diskError(error, "write");
  }
}
