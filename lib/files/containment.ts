/**
 * Opens what lies at a path, and never anything outside one directory, whatever
 * names or links say.
 *
 * Permissions are not enough: they may be wider, and some calls follow links
 * out of them. So each file is first found, then opened, and then shown to be
 * what lies at a place inside.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { diskError, noDirectory, noSuchFile } from "./disk_error.ts";
import { join, SEPARATOR } from "./file_path.ts";

/** How often a file is opened that is replaced each time, meanwhile. */
const ATTEMPTS = 20;

/** A regular file, open for reading. */
export interface OpenFile {
  /** At its beginning; whoever gets it closes it. */
  file: Deno.FsFile;
  /** What the open file says of itself. */
  info: Deno.FileInfo;
  /** The last name of its path, decoded. */
  name: string;
  /** Where it was found, before links were followed. */
  place: string;
}

/** A directory that no access leads out of. */
export class Containment {
  /** Where it is: absolute, without links. */
  readonly root: string;
  /** How the path of all else that lies inside begins. */
  readonly #prefix: string;

  constructor(root: string) {
    this.root = root;
    // `/` and `C:\` end with one already.
    this.#prefix = root.endsWith(SEPARATOR) ? root : root + SEPARATOR;
  }

  /**
   * Opens a file, or finds a directory. Throws what the file system says, or an
   * {@linkcode HttpError} with 404.
   *
   * Without a turn of the event loop, as nginx opens files: each would cost more
   * than what the disk knows by heart, and it takes seven.
   */
  open(names: string[]): OpenFile | { directory: string; info: Deno.FileInfo } {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const place = join(this.root, ...names);
      const path = this.locate(place);
      if (path === undefined) break;
      const there = Deno.lstatSync(path);
      if (there.isDirectory) return { directory: path, info: there };
      // Opening a FIFO would wait for its writer, and all other files with it.
      if (!there.isFile) break;
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
    }
    throw noSuchFile();
  }

  /** What a reader finds under these names. */
  infoOf(names: string[]): Deno.FileInfo | undefined {
    try {
      const path = this.locate(join(this.root, ...names));
      const info = path === undefined ? undefined : Deno.lstatSync(path);
      return info?.isFile ? info : undefined;
    } catch (error) {
      if (diskError(error, "read") instanceof HttpError) return undefined;
      throw error;
    }
  }

  /**
   * Where the last of these names lies, be it a link; undefined where that is
   * outside.
   */
  placeOf(names: string[]): string | undefined {
    const parent = this.locate(join(this.root, ...names.slice(0, -1)));
    return parent && join(parent, names[names.length - 1]);
  }

  /**
   * A directory; what is missing of it is made, and added to `made`. Each name is
   * looked at once, each directory made once.
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
    // On the way a directory may have become a link that leads outside.
    if (there === names.length || this.locate(path) === path) return path;
    throw noDirectory();
  }

  #make(place: string, made: string[]): boolean {
    try {
      Deno.mkdirSync(place);
    } catch (error) {
      // Another instance was quicker.
      if (error instanceof Deno.errors.AlreadyExists) return false;
      throw error;
    }
    made.push(place);
    return true;
  }

  /** Where a directory is, without links. */
  #inside(place: string): string {
    const path = this.locate(place);
    if (path === undefined) throw noDirectory();
    return path;
  }

  /** The same place without links, or undefined when that is outside. */
  locate(path: string): string | undefined {
    const real = Deno.realPathSync(path);
    return real === this.root || real.startsWith(this.#prefix)
      ? real
      : undefined;
  }

  /** Whether an open file is what lies at a place, with no link on the way. */
  isAt(path: string, info: Deno.FileInfo): boolean {
    try {
      if (this.locate(path) !== path) return false;
      const there = Deno.lstatSync(path);
      return there.dev === info.dev && there.ino === info.ino &&
        this.locate(path) === path;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }
}

/** What lies at a place, be it a link; undefined if nothing does. */
export function lstatOf(place: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(place);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Removes directories that were made in vain; what is in use stays. */
export async function removeEmpty(made: string[]): Promise<void> {
  for (const path of made.reverse()) await Deno.remove(path).catch(() => {});
}
