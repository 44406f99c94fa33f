/**
 * Lists and inspects a directory that was found, and checks afterwards that it
 * has not become a link to somewhere else.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { Containment } from "./containment.ts";
import { diskError, noSuchFile } from "./disk_error.ts";
import { type Dotfiles, join, mayBeShown } from "./file_path.ts";

/** What is in a directory, before it is looked at. */
export interface DirectoryEntry {
  /** Its name. */
  name: string;
  /** Whether it is a directory, and no link to one. */
  isDirectory: boolean;
  /** Whether it is a link, to a file or to something else. */
  isSymlink: boolean;
}

/**
 * A directory below the one that is served, or that one itself.
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
  /** Where it is: absolute, without links. */
  readonly directory: string;
  /** What it said of itself when it was found. */
  readonly info: Deno.FileInfo;
  readonly #containment: Containment;
  readonly #dotfiles: Dotfiles;

  /**
   * What {@linkcode Directory.find} gives, when it has shown that it lies inside.
   *
   * @param root The directory that is served: absolute, without links.
   * @param found Where it is: absolute, without links; and what it says of itself.
   * @param dotfiles Whether what starts with a dot is in the list.
   */
  constructor(
    root: string,
    { directory, info }: { directory: string; info: Deno.FileInfo },
    dotfiles: Dotfiles = "ignore",
  ) {
    this.#containment = new Containment(root);
    this.#dotfiles = dotfiles;
    this.directory = directory;
    this.info = info;
  }

  /**
   * The names of what may be read in it, in no order, as they come. Throws an
   * {@linkcode HttpError} as `Directory.openFile` rejects: at the end, where what
   * it gave were the names of another directory.
   */
  async *list(): AsyncGenerator<DirectoryEntry> {
    const rules = { dotfiles: this.#dotfiles };
    const depth = this.directory === this.#containment.root ? 0 : 1;
    try {
      // The other one, Deno.readDirSync, keeps others waiting until all is read.
      for await (const entry of Deno.readDir(this.directory)) {
        const { name, isFile, isDirectory, isSymlink } = entry;
        if (!isFile && !isDirectory && !isSymlink) continue;
        if (!mayBeShown(name, depth, rules)) continue;
        yield { name, isDirectory, isSymlink };
      }
    } catch (error) {
      throw diskError(error, "read");
    }
    this.verify();
  }

  /** Throws where what was seen of it may have been something outside. */
  verify(): void {
    if (!this.#isInPlace()) throw noSuchFile();
  }

  /** Whether it is where it was, and no link by now. */
  #isInPlace(): boolean {
    try {
      return this.#containment.locate(this.directory) === this.directory;
    } catch (error) {
      if (diskError(error, "read") instanceof HttpError) return false;
      throw error;
    }
  }

  /** What an entry says of itself; undefined if it is not, or no more, to be read. */
  inspect(entry: DirectoryEntry): Deno.FileInfo | undefined {
    try {
      const place = join(this.directory, entry.name);
      const path = entry.isSymlink ? this.#containment.locate(place) : place;
      const info = path === undefined ? undefined : Deno.lstatSync(path);
      return info?.isFile || info?.isDirectory ? info : undefined;
    } catch (error) {
      if (diskError(error, "read") instanceof HttpError) return undefined;
      throw error;
    }
  }
}
