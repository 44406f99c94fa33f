/**
 * A path of a URL goes in; a file of one directory comes out, open, or is
 * replaced. Nothing outside of that directory is ever touched, whatever the
 * names or links say. It does not know HTTP but for its statuses.
 *
 * Permissions are no fence: they may be wider, and some calls follow links out
 * of them. So each file is first found, then opened, and then shown to be what
 * lies at a place inside.
 *
 * @module
 */

import { dirname, isAbsolute, join, relative, SEPARATOR } from "@std/path";
import { HttpError } from "../errors.ts";
import { diskError } from "./disk_error.ts";
import { fileNames, mayBeShown, noSuchFile } from "./file_names.ts";
import { createPart, type PartFile, removeStaleParts } from "./part_file.ts";
import {
  type Check,
  type Expectation,
  lstatOf,
  putInPlace,
  removeFrom,
  type Replaced,
} from "./replacement.ts";

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

/** A directory below the one that is served, or that one itself. */
export interface FoundDirectory {
  /** Where it is: absolute, without links. */
  directory: string;
}

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

/** What is in a directory, before it is looked at. */
export interface Entry {
  /** Its name. */
  name: string;
  /** Whether it is a directory, and no link to one. */
  isDirectory: boolean;
  /** Whether it is a link, to a file or to something else. */
  isSymlink: boolean;
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
  readonly #root: string;
  /** The removal of stale temporary files, by directory. */
  readonly #tidied = new Map<string, Promise<void>>();

  private constructor(root: string) {
    this.#root = root;
  }

  /** Where it is: absolute, without links. */
  get path(): string {
    return this.#root;
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
    const { file, path } = await createPart(this.#root);
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
      const found = this.#open(names);
      if (!isDirectory || "directory" in found) return found;
      found.file.close();
    } catch (error) {
      throw diskError(error, "read");
    }
    throw noSuchFile();
  }

  /**
   * The names of what may be read in a directory, in no order. Rejects with an
   * {@linkcode HttpError} as {@linkcode Directory.openFile} does.
   */
  async list({ directory }: FoundDirectory): Promise<Entry[]> {
    try {
      const entries: Entry[] = [];
      for await (const entry of Deno.readDir(directory)) {
        const { name, isFile, isDirectory, isSymlink } = entry;
        if (!isFile && !isDirectory && !isSymlink) continue;
        if (!this.#isShown(directory, name)) continue;
        entries.push({ name, isDirectory, isSymlink });
      }
      // It may have become a link that leads outside.
      if (this.#locate(directory) === directory) return entries;
    } catch (error) {
      throw diskError(error, "read");
    }
    throw noSuchFile();
  }

  /** What an entry says of itself; undefined if it is not, or no more, to be read. */
  inspect(
    { directory }: FoundDirectory,
    entry: Entry,
  ): Deno.FileInfo | undefined {
    try {
      const place = join(directory, entry.name);
      const path = entry.isSymlink ? this.#locate(place) : place;
      const info = path === undefined ? undefined : Deno.lstatSync(path);
      return info?.isFile || info?.isDirectory ? info : undefined;
    } catch (error) {
      if (diskError(error, "read") instanceof HttpError) return undefined;
      throw error;
    }
  }

  #isShown(directory: string, name: string): boolean {
    return mayBeShown(name, directory === this.#root ? 0 : 1);
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
      const part = await createPart(parent);
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
   */
  // deno-lint-ignore require-await -- so that what it throws is a rejection
  async mayReplace(
    path: string,
    { check = () => {} }: ReplaceOptions = {},
  ): Promise<void> {
    const names = fileNames(path, "write");
    try {
      check(this.#currentInfo(names));
      const parent = this.#locate(join(this.#root, ...names.slice(0, -1)));
      if (parent === undefined) throw noDirectory();
      refuseOther(lstatOf(join(parent, names[names.length - 1])));
    } catch (error) {
      // A directory that is missing would be made.
      if (error instanceof Deno.errors.NotFound) return;
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
      const parent = this.#locate(join(this.#root, ...names.slice(0, -1)));
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
   * Without a turn of the event loop, as nginx opens files: each would cost more
   * than what the disk knows by heart, and it takes seven.
   */
  #open(names: string[]): OpenFile | FoundDirectory {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const place = join(this.#root, ...names);
      const path = this.#locate(place);
      if (path === undefined) break;
      const { isFile, isDirectory } = Deno.lstatSync(path);
      if (isDirectory) return { directory: path };
      // Opening a FIFO would wait for its writer, and all other files with it.
      if (!isFile) break;
      const file = Deno.openSync(path);
      try {
        const info = file.statSync();
        if (info.isFile && this.#isAt(path, info)) {
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

  /** Where a file of these names goes. */
  #place(names: string[], made: string[]): string {
    const parent = this.#parent(names.slice(0, -1), made);
    const place = join(parent, names[names.length - 1]);
    refuseOther(lstatOf(place));
    return place;
  }

  /** A directory; what is missing of it is made, and added to `made`. */
  #parent(names: string[], made: string[]): string {
    try {
      const path = this.#locate(join(this.#root, ...names));
      if (path !== undefined) return path;
      throw noDirectory();
    } catch (error) {
      const isMissing = error instanceof Deno.errors.NotFound;
      if (!isMissing || names.length === 0) throw error;
    }
    const parent = this.#parent(names.slice(0, -1), made);
    const path = join(parent, names[names.length - 1]);
    Deno.mkdirSync(path);
    made.push(path);
    return path;
  }

  #expectation(
    names: string[],
    check: Check,
    mustBeNew = false,
  ): Expectation {
    return { current: () => this.#currentInfo(names), check, mustBeNew };
  }

  /** What a reader finds under these names. */
  #currentInfo(names: string[]): Deno.FileInfo | undefined {
    try {
      const path = this.#locate(join(this.#root, ...names));
      const info = path === undefined ? undefined : Deno.lstatSync(path);
      return info?.isFile ? info : undefined;
    } catch (error) {
      if (diskError(error, "read") instanceof HttpError) return undefined;
      throw error;
    }
  }

  /**
   * Between its creation and its lock another instance may have taken it for a
   * stale one.
   */
  #refuseDisturbed({ file, path }: PartFile): void {
    if (this.#isAt(path, file.statSync())) return;
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

  /** The same place without links, or undefined when that is outside. */
  #locate(path: string): string | undefined {
    const real = Deno.realPathSync(path);
    const way = relative(this.#root, real);
    const isOutside = way === ".." || way.startsWith(`..${SEPARATOR}`) ||
      isAbsolute(way);
    return isOutside ? undefined : real;
  }

  /** Whether an open file is what lies at a place, with no link on the way. */
  #isAt(path: string, info: Deno.FileInfo): boolean {
    try {
      if (this.#locate(path) !== path) return false;
      const there = Deno.lstatSync(path);
      return there.dev === info.dev && there.ino === info.ino &&
        this.#locate(path) === path;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }
}

/** How often a file is opened that is replaced each time, meanwhile. */
const ATTEMPTS = 20;

/** As if it were absent: what lies outside is nobody's business. */
function noDirectory(): HttpError {
  return new HttpError(409, "There is no directory for this file");
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

/** Puts a rename on the disk; not every platform can. */
async function syncDirectory(path: string): Promise<void> {
  try {
    using directory = await Deno.open(path);
    await directory.sync();
  } catch { /* The file has its name; only a power cut could take it back. */ }
}
