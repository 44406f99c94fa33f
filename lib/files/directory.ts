/**
 * A path of a URL goes in; a file of one directory comes out, open, or is
 * replaced. How it stays inside of that directory `containment.ts` knows; of HTTP
 * it knows the statuses alone.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import {
  type Check,
  createPart,
  type Expectation,
  modeOf,
  type PartFile,
  putInPlace,
  removeFrom,
  removeStaleParts,
  type Replaced,
  syncDirectory,
} from "./atomic_write.ts";
import { Containment, lstatOf, type OpenFile } from "./containment.ts";
import { diskError, noDirectory, noSuchFile } from "./disk_error.ts";
import { dirname, fileNames, join } from "./file_path.ts";
import { FoundDirectory } from "./found_directory.ts";
import {
  type DirectoryCheck,
  makeSubdirectory,
  removeSubdirectory,
} from "./subdirectories.ts";

/** When a file is not to be replaced. */
export interface ReplaceOptions {
  /**
   * Called with what a reader finds there, before the file is written and again
   * in one step with its replacement; throws where that is not to be replaced.
   * Default: anything is.
   */
  check?: Check;
  /** Whether what another program puts there meanwhile stays. Default: false. */
  mustBeNew?: boolean;
}

/**
 * A directory whose files are served and received.
 *
 * Links are followed as long as they stay inside. What is no regular file, and
 * what starts with a dot, is not there for a reader; `.well-known` is.
 *
 * @example
 * ```ts
 * import { Directory } from "@sluice/http";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${path}/hello.txt`, "Hello");
 *
 * const directory = await Directory.open(path);
 * const { file, info } = await directory.openFile("hello.txt");
 * file.close();
 * assertEquals(info.size, 5);
 *
 * await Deno.remove(path, { recursive: true });
 * ```
 */
export class Directory {
  readonly #containment: Containment;
  /** The removal of stale temporary files, by directory. */
  readonly #tidied = new Map<string, Promise<void>>();

  private constructor(root: string) {
    this.#containment = new Containment(root);
  }

  /** Where it is: absolute, without links. */
  get path(): string {
    return this.#containment.root;
  }

  /**
   * Opens a directory to serve. With permission to write, temporary files that
   * a killed process left at its top are removed; in a directory below that is
   * done before the first file is received in it.
   *
   * @param path The directory. It needs `--allow-read`, and to receive files
   * `--allow-write`; with a link on the way, for the place it leads to as well.
   * @returns The directory. Rejects with `Deno.errors.NotFound`,
   * `Deno.errors.NotADirectory`, `Deno.errors.NotCapable` or, where the system
   * refuses, `Deno.errors.PermissionDenied`.
   */
  static async open(path: string): Promise<Directory> {
    const root = await Deno.realPath(path);
    // Deno checks the permission of some calls after it has followed the links,
    // so it is asked here, once, and not at each request.
    if (!(await Deno.stat(root)).isDirectory) {
      throw new Deno.errors.NotADirectory(
        `Cannot serve ${JSON.stringify(path)}: it is not a directory`,
      );
    }
    await refuseUnreadable(root);
    const directory = new Directory(root);
    const write = { name: "write", path: root } as const;
    // Without the query, a terminal would be asked for the permission.
    if ((await Deno.permissions.query(write)).state === "granted") {
      await directory.#tidy(root);
    }
    return directory;
  }

  /**
   * Tries whether files can be written here, by making one and removing it.
   *
   * @returns Rejects with what stands in the way: `Deno.errors.NotCapable`
   * where Deno does, or the file system's own error.
   */
  async tryWriting(): Promise<void> {
    const { file, path } = await createPart(this.path);
    file.close();
    await Deno.remove(path);
  }

  /**
   * Opens a regular file for reading.
   *
   * @param path Its path below this directory, as it stands in a URL:
   * percent-encoded, without the first `/`.
   * @returns The open file. Rejects with an {@linkcode HttpError}: 404 when
   * there is none, 403 when it may not be read, 400 when the path is malformed.
   */
  // deno-lint-ignore require-await -- how it waits is its own affair
  async openFile(path: string): Promise<OpenFile> {
    const found = this.find(path);
    if ("directory" in found) throw noSuchFile();
    return found;
  }

  /**
   * Opens a regular file, or finds a directory; at once, as the file system is
   * asked without a turn of the event loop.
   *
   * @param path As for {@linkcode Directory.openFile}; of a directory, with or
   * without a `/` at its end, and empty for this one.
   * @returns What there is. Throws as {@linkcode Directory.openFile} rejects.
   */
  find(path: string): OpenFile | FoundDirectory {
    const isDirectory = path === "" || path.endsWith("/");
    const names = path === ""
      ? []
      : fileNames(isDirectory ? path.slice(0, -1) : path, "read");
    try {
      const found = this.#containment.open(names);
      if ("directory" in found) {
        return new FoundDirectory(this.path, found.directory, found.info);
      }
      if (!isDirectory) return found;
      found.file.close();
    } catch (error) {
      throw diskError(error, "read");
    }
    throw noSuchFile();
  }

  /**
   * Creates or replaces a file. Until the new content is whole and on the disk
   * the name shows the old file, even when the process is killed. A link is
   * replaced itself, never what it leads to.
   *
   * @param path As for {@linkcode Directory.openFile}.
   * Directories that are missing on its way are made.
   *
   * @param write Writes the content. When it rejects, nothing has happened.
   * @param options When not to.
   * @returns What it has become. Rejects with what `write` rejects with, what
   * `check` throws, or with an
   * {@linkcode HttpError}: 409 when there is no directory for the file, or one
   * of its name; 403 when it may not be written, 507 when there is no space,
   * 400 when the path names no file.
   */
  async replaceFile(
    path: string,
    write: (file: Deno.FsFile) => Promise<void>,
    options: ReplaceOptions = {},
  ): Promise<Replaced> {
    return await this.#fill(path, options, async (place, expectation) => {
      const parent = dirname(place);
      await this.#tidy(parent);
      const part = await createPart(parent, modeOf(lstatOf(place)));
      try {
        await write(part.file);
        await part.file.sync();
        this.#refuseDisturbed(part);
        return await putInPlace(part, place, expectation);
      } catch (error) {
        await Deno.remove(part.path).catch(() => {});
        throw error;
      } finally {
        part.file.close();
      }
    });
  }

  /**
   * The same with a file that is written already, on the disk, and open; it is
   * moved. If that fails it is where it was.
   */
  async adoptFile(
    part: { path: string; file: Deno.FsFile },
    path: string,
    options: ReplaceOptions = {},
  ): Promise<Replaced> {
    return await this.#fill(
      path,
      options,
      (place, expectation) => putInPlace(part, place, expectation),
    );
  }

  /**
   * Asks whether a file may be replaced now: rejects as
   * {@linkcode Directory.replaceFile} would.
   *
   * @returns What is in its place, be it a link; undefined if nothing is.
   */
  // deno-lint-ignore require-await -- so that what it throws is a rejection
  async mayReplace(
    path: string,
    { check = () => {} }: ReplaceOptions = {},
  ): Promise<Deno.FileInfo | undefined> {
    const names = fileNames(path, "write");
    try {
      check(this.#containment.infoOf(names));
      const parent = this.#containment.locate(
        join(this.path, ...names.slice(0, -1)),
      );
      if (parent === undefined) throw noDirectory();
      const there = lstatOf(join(parent, names[names.length - 1]));
      refuseOther(there);
      return there;
    } catch (error) {
      // A directory that is missing would be made.
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw diskError(error, "write");
    }
  }

  /** Finds the place of a file, and has it filled. */
  async #fill(
    path: string,
    { check = () => {}, mustBeNew = false }: ReplaceOptions,
    fill: (place: string, expectation: Expectation) => Promise<Replaced>,
  ): Promise<Replaced> {
    const names = fileNames(path, "write");
    const made: string[] = [];
    try {
      const place = this.#place(names, made);
      const expectation = this.#expectation(names, check, mustBeNew);
      // Before the content is read, and again when it is here.
      check(expectation.current());
      const replaced = await fill(place, expectation);
      await syncDirectory(dirname(place));
      return replaced;
    } catch (error) {
      // Only those that are still empty go.
      for (const path of made.reverse()) {
        await Deno.remove(path).catch(() => {});
      }
      throw diskError(error, "write");
    }
  }

  /**
   * Removes a file; a link itself, never what it leads to.
   *
   * @param path As for {@linkcode Directory.openFile}.
   * @param options When not to.
   * @returns Rejects with what `check` throws, or with an {@linkcode HttpError}:
   * 404 when there is no file, 409 when it is a directory, 403 when it may not be
   * removed.
   */
  async removeFile(
    path: string,
    { check = () => {} }: Pick<ReplaceOptions, "check"> = {},
  ): Promise<void> {
    const names = fileNames(path, "write");
    try {
      const parent = this.#containment.locate(
        join(this.path, ...names.slice(0, -1)),
      );
      const place = parent && join(parent, names[names.length - 1]);
      if (!place || !lstatOf(place)) throw noSuchFile();
      refuseOther(lstatOf(place));
      await removeFrom(place, this.#expectation(names, check));
      await syncDirectory(dirname(place));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw noSuchFile(error);
      throw diskError(error, "write");
    }
  }

  /**
   * Makes a directory, and those that are missing on its way.
   *
   * @param path As for {@linkcode Directory.openFile}, with `/` at its end.
   * @param check Called with whether there is one; throws where it is not to be
   * made. Default: it is.
   * @returns Whether there was none. Rejects with what `check` throws, or with an
   * {@linkcode HttpError}: 409 when there is a file of the name, 403 when it may
   * not be made, 400 when the path names none.
   */
  async makeDirectory(
    path: string,
    check: DirectoryCheck = () => {},
  ): Promise<boolean> {
    const names = fileNames(path.replace(/\/$/, ""), "write");
    try {
      const isNew = makeSubdirectory(this.#containment, names, check);
      await syncDirectory(join(this.path, ...names.slice(0, -1)));
      return isNew;
    } catch (error) {
      throw diskError(error, "write");
    }
  }

  /**
   * Removes a directory that is empty.
   *
   * @param path As for {@linkcode Directory.makeDirectory}.
   * @param check Called where there is one; throws where it is to stay. Default:
   * it goes.
   * @returns Rejects with what `check` throws, or with an {@linkcode HttpError}:
   * 404 when there is none, 409 when it is not empty, 403 when it may not be
   * removed.
   */
  async removeDirectory(
    path: string,
    check: DirectoryCheck = () => {},
  ): Promise<void> {
    const names = fileNames(path.replace(/\/$/, ""), "write");
    try {
      await removeSubdirectory(this.#containment, names, check);
      await syncDirectory(join(this.path, ...names.slice(0, -1)));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw noSuchFile(error);
      throw diskError(error, "write");
    }
  }

  /** Where a file of these names goes. */
  #place(names: string[], made: string[]): string {
    const parent = this.#containment.parent(names.slice(0, -1), made);
    const place = join(parent, names[names.length - 1]);
    refuseOther(lstatOf(place));
    return place;
  }

  #expectation(
    names: string[],
    check: Check,
    mustBeNew = false,
  ): Expectation {
    return { current: () => this.#containment.infoOf(names), check, mustBeNew };
  }

  /**
   * Between its creation and its lock another instance may have taken it for a
   * stale one.
   */
  #refuseDisturbed({ file, path }: PartFile): void {
    if (this.#containment.isAt(path, file.statSync())) return;
    throw new HttpError(503, "The upload was disturbed, try again");
  }

  /** Removes what writers that died have left in a directory, once. */
  #tidy(path: string): Promise<void> {
    let tidied = this.#tidied.get(path);
    if (tidied === undefined) {
      tidied = removeStaleParts(path).catch(() => {});
      this.#tidied.set(path, tidied);
    }
    return tidied;
  }
}

/** Only files and links are replaced or removed. */
function refuseOther(there: Deno.FileInfo | undefined): void {
  if (!there || there.isFile || there.isSymlink) return;
  throw new HttpError(409, "There is something else of that name");
}

/** A directory can be found, and still keep its files to itself. */
async function refuseUnreadable(path: string): Promise<void> {
  try {
    await Deno.lstat(join(path, crypto.randomUUID()));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
