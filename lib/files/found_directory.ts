/**
 * Lists and inspects a directory, and checks afterwards that it has not become
 * a link to another place.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { Containment } from "./containment.ts";
import { diskError, isStaleHandle, noSuchFile } from "./disk_error.ts";
import { type Dotfiles, type Hiding, join, mayBeShown } from "./file_path.ts";

/** How often an entry is looked at that is replaced each time. */
const LOOKS = 3;

/** An entry of a directory, before it is inspected. */
export interface DirectoryEntry {
  /** Its name. */
  name: string;
  /** Whether it is a directory, and not a link to one. */
  isDirectory: boolean;
  /** Whether it is a link to anything. */
  isSymlink: boolean;
}

/**
 * A directory below the served one, or that one itself.
 *
 * @example
 * ```ts
 * import { Directory } from "@sluice/http/files";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${path}/hello.txt`, "Hello");
 *
 * const found = (await Directory.open(path)).find("");
 * const entries = "directory" in found
 *   ? await Array.fromAsync(found.list())
 *   : [];
 * assertEquals(entries.map(({ name }) => name), ["hello.txt"]);
 *
 * await Deno.remove(path, { recursive: true });
 * ```
 */
export class FoundDirectory {
  /** Its path: absolute, without links. */
  readonly directory: string;
  /** Its metadata when it was found. */
  readonly info: Deno.FileInfo;
  readonly #containment: Containment;
  readonly #rules: { dotfiles?: Dotfiles; hiding?: Hiding };

  /**
   * Creates what {@linkcode Directory.find} returns for a directory that is
   * proven to be inside.
   *
   * @param root The served directory: absolute, without links.
   * @param found Its path, absolute and without links, and its metadata.
   * @param rules Whether names that start with a dot are listed, and what is
   * not listed besides.
   */
  constructor(
    root: string,
    { directory, info }: { directory: string; info: Deno.FileInfo },
    rules: { dotfiles?: Dotfiles; hiding?: Hiding } = {},
  ) {
    this.#containment = new Containment(root, rules.hiding);
    this.#rules = rules;
    this.directory = directory;
    this.info = info;
  }

  /**
   * Lists the entries that may be read, in no order, as they are found. Throws
   * an {@linkcode HttpError} as `Directory.openFile` rejects; at the end, if
   * the entries were those of another directory.
   */
  async *list(): AsyncGenerator<DirectoryEntry> {
    const isListed = this.#listed();
    try {
      // Deno.readDirSync would block everything else until all is read.
      for await (const entry of Deno.readDir(this.directory)) {
        if (isListed(entry)) yield entry;
      }
    } catch (error) {
      throw diskError(error, "read");
    }
    this.verify();
  }

  /**
   * Calls back with each entry of {@linkcode FoundDirectory.list}, and rejects
   * as that throws: a generator would take a fifth longer for a long list.
   */
  async visit(each: (entry: DirectoryEntry) => void): Promise<void> {
    const isListed = this.#listed();
    try {
      for await (const entry of Deno.readDir(this.directory)) {
        if (isListed(entry)) each(entry);
      }
    } catch (error) {
      throw diskError(error, "read");
    }
    this.verify();
  }

  /** Tells whether an entry that is there is listed. */
  #listed(): (entry: Deno.DirEntry) => boolean {
    // The containment hides the rest.
    const rules = { dotfiles: this.#rules.dotfiles };
    const depth = this.directory === this.#containment.root ? 0 : 1;
    return ({ name, isFile, isDirectory, isSymlink }) =>
      (isFile || isDirectory || isSymlink) && mayBeShown(name, depth, rules) &&
      !this.#containment.hidesIn(this.directory, name);
  }

  /** A directory in it, by the same rules, that is proven to be there by `list`. */
  below(name: string): FoundDirectory {
    const found = { directory: join(this.directory, name), info: this.info };
    return new FoundDirectory(this.#containment.root, found, this.#rules);
  }

  /** Throws if the entries may have been those of a directory outside. */
  verify(): void {
    if (!this.#isInPlace()) throw noSuchFile();
  }

  /** Whether it is still in its place, and not a link. */
  #isInPlace(): boolean {
    try {
      return this.#containment.locate(this.directory) === this.directory;
    } catch (error) {
      if (diskError(error, "read") instanceof HttpError) return false;
      throw error;
    }
  }

  /**
   * The metadata of an entry; undefined if it is not, or no longer, readable.
   */
  inspect(entry: DirectoryEntry): Deno.FileInfo | undefined {
    for (let look = 1;; look++) {
      try {
        return this.#inspect(entry);
      } catch (error) {
        // Another machine has just replaced it.
        if (isStaleHandle(error) && look < LOOKS) continue;
        if (diskError(error, "read") instanceof HttpError) return undefined;
        throw error;
      }
    }
  }

  #inspect({ name, isSymlink }: DirectoryEntry): Deno.FileInfo | undefined {
    const place = join(this.directory, name);
    const path = isSymlink ? this.#containment.locate(place) : place;
    const info = path === undefined ? undefined : Deno.lstatSync(path);
    return info?.isFile || info?.isDirectory ? info : undefined;
  }
}
