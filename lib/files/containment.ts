/**
 * Opens files and directories by path, and never one outside a given directory,
 * whatever names or links say.
 *
 * Permissions are not enough: they may be wider, and some calls follow links
 * out of them. So each file is first located, then opened, and then proven to
 * be the one at a path inside.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import {
  beingReplaced,
  diskError,
  isStaleHandle,
  noDirectory,
  noSuchFile,
} from "./disk_error.ts";
import { type Hiding, join, SEPARATOR } from "./file_path.ts";

/** How often a name is looked at again when its file is replaced each time. */
const ATTEMPTS = 20;

/** A regular file, open for reading. */
export interface OpenFile {
  /** At its beginning; the caller closes it. */
  file: Deno.FsFile;
  /** The metadata of the open file. */
  info: Deno.FileInfo;
  /** The last name of its path, decoded. */
  name: string;
  /** Where it was found, before links were followed. */
  place: string;
}

/** A directory, and access that never leads out of it. */
export class Containment {
  /** Its path: absolute, without links. */
  readonly root: string;
  /** The beginning of every path inside. */
  readonly #prefix: string;
  readonly #hiding: Hiding | undefined;

  /** @param hiding What is treated as if it were outside. */
  constructor(root: string, hiding?: Hiding) {
    this.root = root;
    this.#hiding = hiding;
    // `/` and `C:\` already end with a separator.
    this.#prefix = root.endsWith(SEPARATOR) ? root : root + SEPARATOR;
  }

  /**
   * Opens a file, or finds a directory. Throws the file system's error, or an
   * {@linkcode HttpError} with 404.
   *
   * Synchronous, as in nginx: it takes seven calls, and a turn of the event
   * loop costs more than a call that the disk cache answers.
   */
  open(names: string[]): OpenFile | { directory: string; info: Deno.FileInfo } {
    const place = join(this.root, ...names);
    const found = this.#look(place, (path) => {
      const there = Deno.lstatSync(path);
      if (there.isDirectory) return { directory: path, info: there };
      // Opening a FIFO would wait for its writer, and block all other files.
      if (!there.isFile) throw noSuchFile();
      const file = Deno.openSync(path);
      try {
        const info = file.statSync();
        if (info.isFile && this.isAt(path, info)) {
          return { file, info, name: names[names.length - 1], place };
        }
      } catch (error) {
        file.close();
        throw error;
      }
      file.close();
      return undefined;
    });
    if (found) return found;
    throw noSuchFile();
  }

  /** The metadata of the file that a reader finds under these names. */
  infoOf(names: string[]): Deno.FileInfo | undefined {
    try {
      const place = join(this.root, ...names);
      const info = this.#look(place, (path) => Deno.lstatSync(path));
      return info?.isFile ? info : undefined;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  /**
   * Looks at what a path leads to, and again if it changes meanwhile: a name
   * that another machine replaces is absent or stale for a moment, although it
   * is always there.
   *
   * @param look Returns undefined to look again.
   * @returns What it has seen; undefined if the path leads outside. Throws an
   * {@linkcode HttpError} with 503 if each look came to nothing.
   */
  #look<T>(
    place: string,
    look: (path: string) => T | undefined,
  ): T | undefined {
    let cause: unknown;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      let path: string | undefined;
      try {
        path = this.locate(place);
        if (path === undefined) return undefined;
        const seen = look(path);
        if (seen !== undefined) return seen;
      } catch (error) {
        const isGone = path !== undefined &&
          error instanceof Deno.errors.NotFound;
        if (!isGone && !isStaleHandle(error)) throw error;
        cause = error;
      }
    }
    throw beingReplaced(cause);
  }

  /**
   * The path of the last of these names, which may be a link; undefined if it
   * is outside, or hidden.
   */
  placeOf(names: string[]): string | undefined {
    const parent = this.locate(join(this.root, ...names.slice(0, -1)));
    const place = parent && join(parent, names[names.length - 1]);
    // A link on the way may have led to a path that is hidden.
    return place === undefined || this.hides(place) ? undefined : place;
  }

  /**
   * The path of a directory. Missing directories are created and added to
   * `made`; each name is looked at once, each directory created once.
   */
  parent(names: string[], made: string[]): string {
    let there = names.length;
    while (there > 0 && !lstatOf(join(this.root, ...names.slice(0, there)))) {
      there--;
    }
    let path = this.#inside(join(this.root, ...names.slice(0, there)));
    for (const name of names.slice(there)) {
      const place = join(path, name);
      path = this.#make(place, made) ? place : this.#inside(place);
    }
    // A directory on the way may have become a link that leads outside.
    if (there === names.length || this.locate(path) === path) return path;
    throw noDirectory();
  }

  #make(place: string, made: string[]): boolean {
    if (this.hides(place)) throw noDirectory();
    try {
      Deno.mkdirSync(place);
    } catch (error) {
      // Another instance was faster.
      if (error instanceof Deno.errors.AlreadyExists) return false;
      throw error;
    }
    made.push(place);
    return true;
  }

  /** The path of a directory, without links. */
  #inside(place: string): string {
    const path = this.locate(place);
    if (path === undefined) throw noDirectory();
    return path;
  }

  /** The same path without links; undefined if it is outside, or hidden. */
  locate(path: string): string | undefined {
    const real = this.#realPath(path);
    return real === undefined || this.hides(real) ? undefined : real;
  }

  /** Whether a path inside is hidden. */
  hides(path: string): boolean {
    if (this.#hiding === undefined || path === this.root) return false;
    return this.#hiding.hides(this.namesOf(path));
  }

  /** The same of a name in a directory inside. */
  hidesIn(directory: string, name: string): boolean {
    return this.#hiding !== undefined && this.hides(join(directory, name));
  }

  /** The names of a path inside, below the root. */
  namesOf(path: string): string[] {
    return path.slice(this.#prefix.length).split(SEPARATOR);
  }

  /** The same path without links; undefined if it is outside. */
  #realPath(path: string): string | undefined {
    const real = Deno.realPathSync(path);
    return real === this.root || real.startsWith(this.#prefix)
      ? real
      : undefined;
  }

  /** Whether an open file is the one at a path, with no link on the way. */
  isAt(path: string, info: Deno.FileInfo): boolean {
    try {
      if (this.#realPath(path) !== path) return false;
      const there = Deno.lstatSync(path);
      return there.dev === info.dev && there.ino === info.ino &&
        this.#realPath(path) === path;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }
}

/** Whether an error of the disk says that a reader finds no file. */
function isAbsent(error: unknown): boolean {
  const told = diskError(error, "read");
  return told instanceof HttpError && told.status < 500;
}

/** The metadata at a path, of a link itself; undefined if nothing is there. */
export function lstatOf(place: string): Deno.FileInfo | undefined {
  for (let attempt = 1;; attempt++) {
    try {
      return Deno.lstatSync(place);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      if (!isStaleHandle(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

/**
 * Rejects with the file system's error if a directory cannot be read, although
 * it can be found.
 */
export async function refuseUnreadable(path: string): Promise<void> {
  try {
    await Deno.lstat(join(path, crypto.randomUUID()));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
