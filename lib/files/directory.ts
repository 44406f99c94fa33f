/**
 * Reads, replaces and removes the files of one directory, if they match the
 * client's preconditions. `containment.ts` keeps it inside that directory,
 * `atomic_write.ts` replaces a file in one step.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import {
  discard,
  modeOf,
  type PartFile,
  Parts,
  putInPlace,
  syncDirectory,
} from "./atomic_write.ts";
import {
  Containment,
  lstatOf,
  type OpenFile,
  refuseUnreadable,
} from "./containment.ts";
import {
  diskError,
  nameOfFile,
  noDirectory,
  noSuchFile,
} from "./disk_error.ts";
import { removeEmpty, removeIfEmpty } from "./empty_directory.ts";
import {
  dirname,
  type Dotfiles,
  fileNames,
  type Hiding,
  join,
} from "./file_path.ts";
import { FoundDirectory } from "./found_directory.ts";
import { type DirectoryOptions, hideIn, hidingOf } from "./hiding.ts";
import { writeContent } from "./received_content.ts";
import { type SharedState, stateOf, tryLocking } from "./shared_state.ts";
import { boundSpace, spaceOf } from "./space.ts";
import { refuseForm } from "./stand_ins.ts";
import {
  mustBeNew,
  preconditionFailed,
  type Preconditions,
  refuseUnexpected,
  refuseUnexpectedDirectory,
} from "./validators.ts";

/** The result of replacing a file. */
export interface Replaced {
  /** Whether readers found no file there before. */
  isNew: boolean;
  /** The file's metadata. */
  info: Deno.FileInfo;
}

/** A file to change. */
interface Target {
  /** Its path on the disk. */
  place: string;
  /** The names that a reader uses. */
  names: string[];
  preconditions: Preconditions | undefined;
}

/**
 * A directory whose files are served and received.
 *
 * Links are followed if they stay inside. Readers do not see special files, nor
 * names that start with a dot, except `.well-known`.
 *
 * @example
 * ```ts
 * import { Directory } from "@sluice/http/files";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempDir();
 *
 * const directory = await Directory.open(path);
 * await directory.replaceFile("hello.txt", new Response("Hello").body!);
 * const { file, info } = await directory.openFile("hello.txt");
 * file.close();
 * assertEquals(info.size, 5);
 *
 * await Deno.remove(path, { recursive: true });
 * ```
 */
export class Directory {
  readonly #containment: Containment;
  readonly #parts = new Parts();
  readonly #state: SharedState;
  readonly #rules: { hiding?: Hiding };

  private constructor(root: string, hiding: Hiding | undefined) {
    this.#containment = new Containment(root, hiding);
    this.#state = stateOf(this);
    this.#rules = hideIn(this, hiding);
  }

  /** Its path: absolute, without links. */
  get path(): string {
    return this.#containment.root;
  }

  /**
   * Opens a directory to serve. With write permission, it removes what a killed
   * process left at its top; below, before it receives the first file there.
   *
   * @param path The directory. It needs `--allow-read`, and `--allow-write` to
   * receive files; if its path has a link, also for the target of that.
   * @param options How much space files may take up, and which are hidden.
   * @returns The directory. Rejects with `Deno.errors` `NotFound`,
   * `NotADirectory`, `NotCapable` or, where the system refuses,
   * `PermissionDenied`; with a RangeError for an invalid bound or pattern.
   */
  static async open(
    path: string,
    { hide, ...bounds }: DirectoryOptions = {},
  ): Promise<Directory> {
    const root = await Deno.realPath(path);
    // Deno checks some permissions only after following links: here, once.
    if (!(await Deno.stat(root)).isDirectory) {
      throw new Deno.errors.NotADirectory(
        `Cannot serve ${JSON.stringify(path)}: it is not a directory`,
      );
    }
    await refuseUnreadable(root);
    const directory = new Directory(root, await hidingOf(hide));
    await boundSpace(directory, bounds);
    const write = { name: "write", path: root } as const;
    // Without the query, Deno would prompt for the permission on a terminal.
    if ((await Deno.permissions.query(write)).state === "granted") {
      await directory.#parts.tidy(root);
    }
    return directory;
  }

  /**
   * Checks whether files can be written here, by creating one and removing it.
   *
   * @returns Rejects with `Deno.errors.NotCapable` if Deno forbids it, with 503
   * if files cannot be locked or a newer version of the server has written
   * here, or with the file system's error.
   */
  async tryWriting(): Promise<void> {
    this.#state.refuseNewer();
    const { file, path } = await this.#parts.create(this.path);
    try {
      tryLocking(file);
    } finally {
      file.close();
      await Deno.remove(path);
    }
  }

  /**
   * Opens a regular file for reading.
   *
   * @param path Its path below this directory, as in a URL: percent-encoded,
   * without the first `/`.
   * @returns The open file. Rejects with an {@linkcode HttpError}: 404 if there
   * is none, 403 if it may not be read, 400 if the path is malformed.
   */
  // deno-lint-ignore require-await -- how it waits is its own affair
  async openFile(path: string): Promise<OpenFile> {
    const found = this.find(path);
    if ("directory" in found) throw noSuchFile();
    return found;
  }

  /**
   * Opens a regular file, or finds a directory. It is synchronous, and throws
   * as {@linkcode Directory.openFile} rejects.
   *
   * @param path As for {@linkcode Directory.openFile}; for a directory with or
   * without a `/` at its end, and empty for this one.
   * @param dotfiles How to treat names that start with a dot. Default:
   * `ignore`.
   */
  find(path: string, dotfiles?: Dotfiles): OpenFile | FoundDirectory {
    const isDirectory = path === "" || path.endsWith("/");
    const given = isDirectory ? path.slice(0, -1) : path;
    const rules = { dotfiles, ...this.#rules };
    const names = path === "" ? [] : fileNames(given, "read", rules);
    try {
      const found = this.#containment.open(names);
      if ("directory" in found) {
        return new FoundDirectory(this.path, found, rules);
      }
      if (!isDirectory) return found;
      found.file.close();
    } catch (error) {
      throw diskError(error, "read");
    }
    throw noSuchFile();
  }

  /**
   * Creates or replaces a file. Until the new content is complete and on the
   * disk, readers see the old file, even if the process is killed. A link
   * itself is replaced, never its target.
   *
   * @param path As for {@linkcode Directory.openFile}. Missing directories are
   * created.
   * @param content Such as the `body` of a request; each piece is written
   * before the next is requested. If it throws, nothing has changed.
   * @param preconditions Checked before the content is read, and again in one
   * step with the replacement. Default: none.
   * @returns The result. Rejects with the error of `content`, or with an
   * {@linkcode HttpError}: 412 if a precondition fails; 409 if there is no
   * directory for it, or one with its name; 403 if it may not be written, 507
   * if there is no space, 503 without locks, 400 if the path names no file.
   */
  async replaceFile(
    path: string,
    content: AsyncIterable<Uint8Array>,
    preconditions?: Preconditions,
  ): Promise<Replaced> {
    const names = fileNames(path, "write", this.#rules);
    const made: string[] = [];
    try {
      const place = this.#place(names, made);
      this.#verify(names, preconditions);
      const parent = dirname(place);
      const part = await this.#parts.create(parent, modeOf(lstatOf(place)));
      const counted = spaceOf(this)?.counted(content);
      try {
        await writeContent(counted ?? content, part.file);
        await part.file.sync();
        this.#refuseDisturbed(part);
        const replaced = await this.#put(part, { place, names, preconditions });
        await syncDirectory(parent);
        return replaced;
      } catch (error) {
        await discard(part);
        counted?.giveBack();
        throw error;
      } finally {
        part.file.close();
      }
    } catch (error) {
      await removeEmpty(made);
      throw diskError(error, "write");
    }
  }

  /**
   * The same with an open file that is already written to the disk: it is
   * moved. If that fails, it stays where it was.
   */
  async adoptFile(
    part: { path: string; file: Deno.FsFile },
    path: string,
    preconditions?: Preconditions,
  ): Promise<Replaced> {
    const names = fileNames(path, "write", this.#rules);
    const made: string[] = [];
    try {
      const place = this.#place(names, made);
      const replaced = await this.#put(part, { place, names, preconditions });
      await syncDirectory(dirname(place));
      return replaced;
    } catch (error) {
      await removeEmpty(made);
      throw diskError(error, "write");
    }
  }

  /**
   * Checks whether a file may be replaced now: rejects as
   * {@linkcode Directory.replaceFile} would.
   *
   * @returns The metadata of the file or link in its place; undefined if there
   * is none.
   */
  // deno-lint-ignore require-await -- so that what it throws is a rejection
  async mayReplace(
    path: string,
    preconditions?: Preconditions,
  ): Promise<Deno.FileInfo | undefined> {
    const names = fileNames(path, "write", this.#rules);
    try {
      this.#verify(names, preconditions);
      const place = this.#containment.placeOf(names);
      if (place === undefined) throw noDirectory();
      const there = lstatOf(place);
      refuseOther(there);
      return there;
    } catch (error) {
      // A missing directory would be created.
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw diskError(error, "write");
    }
  }

  /**
   * Removes a file, or a link itself, never its target.
   *
   * @param path As for {@linkcode Directory.openFile}.
   * @param preconditions Checked in one step with the removal. Default: none.
   * @returns Rejects with an {@linkcode HttpError}: 412 if a precondition
   * fails, 404 if there is no file, 409 if it is a directory, 403 if it must
   * stay.
   */
  async removeFile(path: string, preconditions?: Preconditions): Promise<void> {
    const names = fileNames(path, "write", this.#rules);
    try {
      const place = this.#containment.placeOf(names);
      const there = place && lstatOf(place);
      if (!there) throw noSuchFile();
      refuseOther(there);
      let size: number | undefined;
      {
        using _lock = await this.#state.lock(dirname(place));
        this.#verify(names, preconditions);
        // It may have been replaced by a file of another size.
        size = lstatOf(place)?.size;
        await Deno.remove(place);
      }
      spaceOf(this)?.shrink(size ?? 0);
      await syncDirectory(dirname(place));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw noSuchFile(error);
      throw diskError(error, "write");
    }
  }

  /**
   * Creates a directory, and missing ones above it.
   *
   * @param path As for {@linkcode Directory.openFile}, with `/` at its end.
   * @param preconditions Only `If-Match: *` and `If-None-Match: *` have a
   * meaning here. Default: none.
   * @returns Whether it is new. Rejects with an {@linkcode HttpError}: 412 if a
   * precondition fails, 409 if a file has the name, 403 if it may not be
   * created, 400 if the path names no directory.
   */
  async makeDirectory(
    path: string,
    preconditions?: Preconditions,
  ): Promise<boolean> {
    const names = fileNames(path.replace(/\/$/, ""), "write", this.#rules);
    try {
      refuseUnexpectedDirectory(this.#hasDirectory(names), preconditions);
      const made: string[] = [];
      const place = this.#containment.parent(names, made);
      if (!lstatOf(place)?.isDirectory) throw nameOfFile();
      const isNew = made.at(-1) === place;
      // Another client may have created it in between.
      if (!isNew) refuseUnexpectedDirectory(true, preconditions);
      await syncDirectory(join(this.path, ...names.slice(0, -1)));
      return isNew;
    } catch (error) {
      throw diskError(error, "write");
    }
  }

  /**
   * Removes an empty directory, never a link to one.
   *
   * @param path As for {@linkcode Directory.makeDirectory}.
   * @param preconditions As for {@linkcode Directory.makeDirectory}.
   * @returns Rejects with an {@linkcode HttpError}: 412 if a precondition
   * fails, 404 if there is none, 409 if it is not empty, 403 if it must stay.
   */
  async removeDirectory(
    path: string,
    preconditions?: Preconditions,
  ): Promise<void> {
    const names = fileNames(path.replace(/\/$/, ""), "write", this.#rules);
    try {
      const place = this.#containment.placeOf(names);
      const there = place && lstatOf(place);
      if (!there) throw noSuchFile();
      if (!there.isDirectory) {
        throw new HttpError(409, "There is no directory with that name");
      }
      await removeIfEmpty(place, preconditions);
      await syncDirectory(join(this.path, ...names.slice(0, -1)));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw noSuchFile(error);
      throw diskError(error, "write");
    }
  }

  /** The path on the disk for a file with these names. */
  #place(names: string[], made: string[]): string {
    const parent = this.#containment.parent(names.slice(0, -1), made);
    const place = join(parent, names[names.length - 1]);
    // A link on the way may have led to a path that is hidden.
    if (this.#containment.hides(place)) throw noDirectory();
    refuseOther(lstatOf(place));
    return place;
  }

  /** The file that readers find there now; throws if a precondition fails. */
  #verify(
    names: string[],
    preconditions: Preconditions | undefined,
  ): Deno.FileInfo | undefined {
    const current = this.#containment.infoOf(names);
    refuseUnexpected(current, preconditions);
    refuseForm(this, names, (other) => !!this.#containment.infoOf(other));
    return current;
  }

  /** Moves a part to its place, if the preconditions still hold there. */
  async #put(
    part: PartFile,
    { place, names, preconditions }: Target,
  ): Promise<Replaced> {
    using _lock = await this.#state.lock(dirname(place));
    // In this order: a file that arrives in between fails the preconditions.
    const there = lstatOf(place);
    const current = this.#verify(names, preconditions);
    const expected = { there, current, mustBeNew: mustBeNew(preconditions) };
    try {
      const info = await putInPlace(part, place, expected);
      if (there) spaceOf(this)?.shrink(there.size);
      return { isNew: current === undefined, info };
    } catch (error) {
      const isLate = expected.mustBeNew &&
        error instanceof Deno.errors.AlreadyExists;
      throw isLate ? preconditionFailed(preconditions?.message) : error;
    }
  }

  /** Before its lock, another instance may have removed it as stale. */
  #refuseDisturbed({ file, path }: PartFile): void {
    if (this.#containment.isAt(path, file.statSync())) return;
    throw new HttpError(503, "Another process changed the upload, try again");
  }

  /** Whether readers find a directory there. Throws 409 for anything else. */
  #hasDirectory(names: string[]): boolean {
    try {
      const place = this.#containment.locate(join(this.path, ...names));
      if (place === undefined) throw noDirectory();
      if (lstatOf(place)?.isDirectory) return true;
      throw nameOfFile();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }
}

/** Only files and links are replaced or removed. */
function refuseOther(there: Deno.FileInfo | undefined): void {
  if (!there || there.isFile || there.isSymlink) return;
  throw new HttpError(409, "Something else has that name");
}
