/**
 * Reads, replaces and removes the files of one directory, if they are what the
 * client expects. `containment.ts` keeps it inside that directory,
 * `atomic_write.ts` replaces a file in one step; of HTTP it knows statuses and
 * preconditions.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import {
  lockDirectory,
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
  removeEmpty,
} from "./containment.ts";
import { diskError, noDirectory, noSuchFile } from "./disk_error.ts";
import { dirname, type Dotfiles, fileNames, join } from "./file_path.ts";
import { FoundDirectory } from "./found_directory.ts";
import { writeContent } from "./received_content.ts";
import {
  mustBeNew,
  type Preconditions,
  refuseUnexpected,
  refuseUnexpectedDirectory,
} from "./validators.ts";

/** What became of a file. */
export interface Replaced {
  /** Whether a reader found nothing there before. */
  isNew: boolean;
  /** What the file says of itself. */
  info: Deno.FileInfo;
}

/** A file that is to be changed. */
interface Target {
  /** Where it goes. */
  place: string;
  /** What a reader asks for it by. */
  names: string[];
  preconditions: Preconditions | undefined;
}

/**
 * A directory whose files are served and received.
 *
 * Links are followed as long as they stay inside. What is no regular file, and
 * what starts with a dot, is not there for a reader; `.well-known` is.
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
      await directory.#parts.tidy(root);
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
    const { file, path } = await this.#parts.create(this.path);
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
   * @param dotfiles What becomes of names that start with a dot. Default: `ignore`.
   * @returns What there is. Throws as {@linkcode Directory.openFile} rejects.
   */
  find(path: string, dotfiles?: Dotfiles): OpenFile | FoundDirectory {
    const isDirectory = path === "" || path.endsWith("/");
    const given = isDirectory ? path.slice(0, -1) : path;
    const names = path === "" ? [] : fileNames(given, "read", { dotfiles });
    try {
      const found = this.#containment.open(names);
      if ("directory" in found) {
        return new FoundDirectory(this.path, found, dotfiles);
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
   * @param content What goes into it, such as the `body` of a request; each piece
   * is written before the next is asked for. When it throws, nothing has happened.
   * @param preconditions What must hold before the content is read, and again in
   * one step with the replacement. Default: nothing.
   * @returns What it has become. Rejects with what `content` throws, or with an
   * {@linkcode HttpError}: 412 when a precondition fails; 409 when there is no
   * directory for the file, or one of its name; 403 when it may not be written,
   * 507 when there is no space, 400 when the path names no file.
   */
  async replaceFile(
    path: string,
    content: AsyncIterable<Uint8Array>,
    preconditions?: Preconditions,
  ): Promise<Replaced> {
    const names = fileNames(path, "write");
    const made: string[] = [];
    try {
      const place = this.#place(names, made);
      this.#verify(names, preconditions);
      const parent = dirname(place);
      const part = await this.#parts.create(parent, modeOf(lstatOf(place)));
      try {
        await writeContent(content, part.file);
        await part.file.sync();
        this.#refuseDisturbed(part);
        const target = { place, names, preconditions };
        const replaced = await this.#put(part, target);
        await syncDirectory(parent);
        return replaced;
      } catch (error) {
        await Deno.remove(part.path).catch(() => {});
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
   * The same with a file that is written already, on the disk, and open; it is
   * moved. If that fails it is where it was.
   */
  async adoptFile(
    part: { path: string; file: Deno.FsFile },
    path: string,
    preconditions?: Preconditions,
  ): Promise<Replaced> {
    const names = fileNames(path, "write");
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
   * Asks whether a file may be replaced now: rejects as
   * {@linkcode Directory.replaceFile} would.
   *
   * @returns What is in its place, be it a link; undefined if nothing is.
   */
  // deno-lint-ignore require-await -- so that what it throws is a rejection
  async mayReplace(
    path: string,
    preconditions?: Preconditions,
  ): Promise<Deno.FileInfo | undefined> {
    const names = fileNames(path, "write");
    try {
      this.#verify(names, preconditions);
      const place = this.#containment.placeOf(names);
      if (place === undefined) throw noDirectory();
      const there = lstatOf(place);
      refuseOther(there);
      return there;
    } catch (error) {
      // A directory that is missing would be made.
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw diskError(error, "write");
    }
  }

  /**
   * Removes a file; a link itself, never what it leads to.
   *
   * @param path As for {@linkcode Directory.openFile}.
   * @param preconditions What must hold, in one step with the removal. Default:
   * nothing.
   * @returns Rejects with an {@linkcode HttpError}: 412 when a precondition fails,
   * 404 when there is no file, 409 when it is a directory, 403 when it may not be
   * removed.
   */
  async removeFile(path: string, preconditions?: Preconditions): Promise<void> {
    const names = fileNames(path, "write");
    try {
      const place = this.#containment.placeOf(names);
      const there = place && lstatOf(place);
      if (!there) throw noSuchFile();
      refuseOther(there);
      {
        using _lock = await lockDirectory(dirname(place));
        this.#verify(names, preconditions);
        await Deno.remove(place);
      }
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
   * @param preconditions What must hold; of the fields only `If-Match: *` and
   * `If-None-Match: *` mean something. Default: nothing.
   * @returns Whether there was none. Rejects with an {@linkcode HttpError}: 412
   * when a precondition fails, 409 when there is a file of the name, 403 when it
   * may not be made, 400 when the path names none.
   */
  async makeDirectory(
    path: string,
    preconditions?: Preconditions,
  ): Promise<boolean> {
    const names = fileNames(path.replace(/\/$/, ""), "write");
    try {
      refuseUnexpectedDirectory(this.#hasDirectory(names), preconditions);
      const made: string[] = [];
      const place = this.#containment.parent(names, made);
      if (!lstatOf(place)?.isDirectory) throw isFile();
      const isNew = made.at(-1) === place;
      // Another client may have made it in between.
      if (!isNew) refuseUnexpectedDirectory(true, preconditions);
      await syncDirectory(join(this.path, ...names.slice(0, -1)));
      return isNew;
    } catch (error) {
      throw diskError(error, "write");
    }
  }

  /**
   * Removes a directory that is empty; never a link to one.
   *
   * @param path As for {@linkcode Directory.makeDirectory}.
   * @param preconditions As for {@linkcode Directory.makeDirectory}.
   * @returns Rejects with an {@linkcode HttpError}: 412 when a precondition fails,
   * 404 when there is none, 409 when it is not empty, 403 when it may not be
   * removed.
   */
  async removeDirectory(
    path: string,
    preconditions?: Preconditions,
  ): Promise<void> {
    const names = fileNames(path.replace(/\/$/, ""), "write");
    try {
      const place = this.#containment.placeOf(names);
      const there = place && lstatOf(place);
      if (!there) throw noSuchFile();
      if (!there.isDirectory) {
        throw new HttpError(409, "There is no directory of that name");
      }
      await removeIfEmpty(place, preconditions);
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

  /** What a reader finds there now; throws where a request expects another. */
  #verify(
    names: string[],
    preconditions: Preconditions | undefined,
  ): Deno.FileInfo | undefined {
    const current = this.#containment.infoOf(names);
    refuseUnexpected(current, preconditions);
    return current;
  }

  /** Gives a part its name, if what has it now is still what was expected. */
  async #put(
    part: PartFile,
    { place, names, preconditions }: Target,
  ): Promise<Replaced> {
    using _lock = await lockDirectory(dirname(place));
    const current = this.#verify(names, preconditions);
    const expected = { current, mustBeNew: mustBeNew(preconditions) };
    const info = await putInPlace(part, place, expected);
    return { isNew: current === undefined, info };
  }

  /**
   * Between its creation and its lock another instance may have taken it for a
   * stale one.
   */
  #refuseDisturbed({ file, path }: PartFile): void {
    if (this.#containment.isAt(path, file.statSync())) return;
    throw new HttpError(503, "The upload was disturbed, try again");
  }

  /** Whether a reader finds a directory there. Throws 409 for anything else. */
  #hasDirectory(names: string[]): boolean {
    try {
      const place = this.#containment.locate(join(this.path, ...names));
      if (place === undefined) throw noDirectory();
      if (lstatOf(place)?.isDirectory) return true;
      throw isFile();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
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

function isFile(): HttpError {
  return new HttpError(409, "There is a file of that name");
}

/** Removes an empty directory, if that is expected (RFC 9110 §13.2.1). */
async function removeIfEmpty(
  place: string,
  preconditions: Preconditions | undefined,
): Promise<void> {
  try {
    refuseUnexpectedDirectory(true, preconditions);
  } catch (error) {
    // No precondition counts where it would fail without.
    for await (const _ of Deno.readDir(place)) throw notEmpty(error);
    throw error;
  }
  try {
    Deno.removeSync(place);
  } catch (error) {
    const isFull = error instanceof Error && "code" in error &&
      error.code === "ENOTEMPTY";
    throw isFull ? notEmpty(error) : error;
  }
}

function notEmpty(cause: unknown): HttpError {
  return new HttpError(409, "The directory is not empty", { cause });
}
