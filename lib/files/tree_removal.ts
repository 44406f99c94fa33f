/**
 * Removes directories with all that is in them. A directory is first renamed
 * into the hidden state folder, so that nobody sees half of it; from there it is
 * removed, piece by piece. If the process ends meanwhile, the next one removes
 * the rest.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { Slots } from "../slots.ts";
import { partName, syncDirectory } from "./atomic_write.ts";
import { Containment, lstatOf } from "./containment.ts";
import type { Directory } from "./directory.ts";
import { diskError, noSuchFile } from "./disk_error.ts";
import { dirname, fileNames, type Hiding, join } from "./file_path.ts";
import { FoundDirectory } from "./found_directory.ts";
import { containmentOf, rulesOf } from "./hiding.ts";
import { makeStateFolder, STATE_FOLDER, stateOf } from "./shared_state.ts";
import { spaceOf } from "./space.ts";
import { walk } from "./tree.ts";
import { type Preconditions, refuseUnexpectedDirectory } from "./validators.ts";

/** The folder in the state folder for what is being removed. */
const REMOVED = "removed";

/** How many directories are removed at once; others wait. */
const AT_ONCE = 2;

/** How many files of one are removed at once. */
const FILES_AT_ONCE = 16;

/** Removes directories below an open one. */
export class TreeRemoval {
  readonly #directory: Directory;
  readonly #containment: Containment;
  /** Hides nothing: the state folder may match a pattern, such as `.*`. */
  readonly #whole: Containment;
  readonly #rules: { hiding?: Hiding };
  readonly #slots = new Slots(AT_ONCE);
  /** The removal of what other processes have left, once. */
  #swept: Promise<void> | undefined;

  constructor(directory: Directory) {
    this.#directory = directory;
    this.#rules = rulesOf(directory);
    this.#containment = containmentOf(directory);
    this.#whole = new Containment(directory.path);
  }

  /**
   * Removes a directory and all that is in it, never a link to one. Once the
   * directory is gone for readers, its files are removed even if the client has
   * left.
   *
   * @param path As for {@linkcode Directory.makeDirectory}.
   * @returns Fulfilled when all is removed. Rejects with an
   * {@linkcode HttpError}: 412 if a precondition fails, 404 if there is no such
   * directory, 409 if it holds something hidden, 403 if it may not be removed.
   */
  async remove(
    path: string,
    { preconditions, signal }: {
      preconditions: Preconditions;
      /** Ends what is done before anything is removed. */
      signal: AbortSignal;
    },
  ): Promise<void> {
    using _slot = await this.#slots.take(signal);
    const grave = this.#newGrave();
    const options = { preconditions, signal };
    await this.#takeAway(path, () => this.#made(grave), options);
    this.#swept ??= this.sweep().catch(ignoreKept);
    await Promise.all([this.#empty(grave), this.#swept]);
  }

  /**
   * Takes a directory away from readers, to a place in the state folder from
   * which it may come back. Rejects as {@linkcode TreeRemoval.remove} does.
   */
  async takeAway(
    path: string,
    place: string,
    options: { preconditions: Preconditions; signal: AbortSignal },
  ): Promise<void> {
    using _slot = await this.#slots.take(options.signal);
    await this.#takeAway(path, () => place, options);
  }

  /**
   * Removes what was taken away, for good.
   *
   * @returns Fulfilled when it cannot come back, with a promise that is fulfilled
   * when all is removed.
   */
  async finish(place: string): Promise<{ emptied: Promise<void> }> {
    const grave = this.#newGrave();
    await Deno.rename(place, this.#made(grave));
    return { emptied: this.#empty(grave) };
  }

  /** Removes what other processes have left. */
  async sweep(): Promise<void> {
    stateOf(this.#directory).refuseNewer();
    const folder = join(this.#directory.path, STATE_FOLDER, REMOVED);
    if (!lstatOf(folder)?.isDirectory) return;
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      // A later version may keep more here.
      if (isDirectory && graveName.test(name)) {
        await this.#empty(join(folder, name));
      }
    }
  }

  #locate(names: string[]): string {
    const place = this.#containment.placeOf(names);
    const there = place && lstatOf(place);
    if (!there) throw noSuchFile();
    if (there.isDirectory) return place;
    throw new HttpError(409, "There is no directory with that name");
  }

  /**
   * What nobody sees, nobody removes: it may not be meant to go. Parts of
   * uploads are, as without a directory they become nothing.
   */
  async #refuseHidden(place: string, signal: AbortSignal): Promise<void> {
    const root = this.#containment.root;
    const info = Deno.lstatSync(place);
    const found = { directory: place, info };
    const top = new FoundDirectory(root, found, this.#rules);
    await refuseUnlisted(top);
    for await (
      const { entry, folder } of walk(top, { signal, isWhole: true })
    ) {
      if (!entry.isDirectory) continue;
      await refuseUnlisted(folder.below(entry.name));
    }
  }

  /** Renames a directory away, if nothing in it is hidden. */
  async #takeAway(
    path: string,
    to: () => string,
    { preconditions, signal }: {
      preconditions: Preconditions;
      signal: AbortSignal;
    },
  ): Promise<void> {
    const names = fileNames(path.replace(/\/$/, ""), "write", this.#rules);
    try {
      const place = this.#locate(names);
      await this.#refuseHidden(place, signal);
      {
        const state = stateOf(this.#directory);
        using _lock = await state.lockAll(dirname(place));
        if (this.#locate(names) !== place) throw noSuchFile();
        refuseUnexpectedDirectory(true, preconditions);
        await Deno.rename(place, to());
      }
      await syncDirectory(dirname(place));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw noSuchFile(error);
      throw removalError(error);
    }
  }

  /** Where a directory is removed, piece by piece. */
  #newGrave(): string {
    const folder = join(this.#directory.path, STATE_FOLDER, REMOVED);
    return join(folder, crypto.randomUUID());
  }

  /** The same, once there is a folder for it. */
  #made(grave: string): string {
    if (makeStateFolder(dirname(grave))) return grave;
    throw new Error(`Cannot remove anything: ${REMOVED} is not a directory`);
  }

  /** Another process may do the same at the same time. */
  async #empty(top: string): Promise<void> {
    const directories = [top];
    for (const path of directories) {
      // Directories of a directory come to the end of this list.
      for (const below of await this.#removeFiles(path)) {
        directories.push(below);
      }
    }
    for (const path of directories.reverse()) {
      await Deno.remove(path).catch(ignoreKept);
    }
  }

  /** Removes the files of a directory. @returns the directories in it. */
  async #removeFiles(path: string): Promise<string[]> {
    const directories: string[] = [];
    let removals: Promise<void>[] = [];
    try {
      // A link would lead out of what is removed.
      if (this.#whole.locate(path) !== path) return [];
      for await (const { name, isDirectory } of Deno.readDir(path)) {
        const below = join(path, name);
        if (isDirectory) directories.push(below);
        else removals.push(this.#removeFile(below, name));
        if (removals.length < FILES_AT_ONCE) continue;
        await Promise.all(removals);
        removals = [];
      }
    } catch (error) {
      ignoreKept(error);
    }
    await Promise.all(removals);
    return directories;
  }

  async #removeFile(path: string, name: string): Promise<void> {
    try {
      // The space of a part is given back by who writes it.
      const space = partName.test(name) ? undefined : spaceOf(this.#directory);
      const size = space ? (await Deno.lstat(path)).size : 0;
      await Deno.remove(path);
      space?.shrink(size);
    } catch (error) {
      ignoreKept(error);
    }
  }
}

const graveName = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Throws if a directory has more than readers can see. */
async function refuseUnlisted(found: FoundDirectory): Promise<void> {
  const unlisted = new Set<string>();
  for await (const { name } of Deno.readDir(found.directory)) {
    if (!partName.test(name)) unlisted.add(name);
  }
  for await (const { name } of found.list()) unlisted.delete(name);
  if (unlisted.size === 0) return;
  throw new HttpError(
    409,
    "The directory holds something hidden, so it is not removed",
  );
}

/**
 * What cannot be removed stays in the hidden folder; so does a directory with
 * something in it. The next process tries again.
 */
function ignoreKept(error: unknown): void {
  const isOfDisk = error instanceof Error && "code" in error ||
    error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.PermissionDenied;
  if (!isOfDisk) throw error;
}

function removalError(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : "";
  if (code !== "EXDEV" && code !== "EBUSY") return diskError(error, "write");
  return new HttpError(
    409,
    "The directory is on another file system than the others, remove what is in it",
    { cause: error },
  );
}
