/**
 * A path and a request go in; out comes which representation of the file answers
 * it: the file, its coded form that lies beside it, or one that is coded on the way
 * (RFC 9110 §12.5.3).
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { preferredCodings } from "../handlers/accept_encoding.ts";
import type { Directory } from "./directory.ts";
import { type Answerable, closeSource, type Source } from "./file_answer.ts";
import { readContent } from "./file_content.ts";
import type { FoundDirectory } from "./found_directory.ts";
import {
  type Representation,
  Representations,
  type RepresentationsOptions,
} from "./representation.ts";
import { type SmallFile, SmallFiles } from "./small_files.ts";

/**
 * Octets up to which a file is read in one go, and nobody else served meanwhile:
 * several times cheaper, and no matter unless the disk hangs.
 */
const atOnce = 64 * 1024;

/** Less gains nothing by being coded. */
const leastCoded = 256;

/** Codings that are looked for beside a file, and the ends of their names. */
const extensions: Record<string, string> = { br: ".br", gzip: ".gz" };
const codings = Object.keys(extensions);

/** What answers a request. */
export interface Selected {
  name: string;
  file: Answerable;
  /** The coding that the content is to get on its way. */
  onTheWay?: "gzip";
}

interface Loaded {
  name: string;
  info: Deno.FileInfo;
  source: Source;
  /** The file as it is, made when that is asked for. */
  identity?: Answerable;
}

interface KeptFile extends Loaded, SmallFile {
  source: Uint8Array<ArrayBuffer>;
}

/** Selects representations of the files of a directory. */
export class Selection {
  readonly #directory: Directory;
  readonly #representations: Representations;
  readonly #small = new SmallFiles<KeptFile>();

  private constructor(
    directory: Directory,
    representations: Representations,
  ) {
    this.#directory = directory;
    this.#representations = representations;
  }

  /** Loads what it takes to select. */
  static async load(
    directory: Directory,
    options: RepresentationsOptions = {},
  ): Promise<Selection> {
    return new Selection(directory, await Representations.load(options));
  }

  /**
   * Selects one. Throws an {@linkcode HttpError} as
   * {@linkcode Directory.openFile} rejects.
   *
   * @param path As for {@linkcode Directory.find}.
   */
  select(path: string, headers: Headers): Selected | FoundDirectory {
    const loaded = this.#load(path);
    if ("directory" in loaded) return loaded;
    const { name, info, source } = loaded;
    try {
      const field = headers.get("accept-encoding");
      // A part is one of the file as it is, whatever else there may be.
      if (
        field && !headers.has("range") && this.#representations.mayBeCoded(name)
      ) {
        const coded = this.#selectCoded(path, loaded, field);
        if (coded) return coded;
      }
    } catch (error) {
      closeSource(source);
      throw error;
    }
    loaded.identity ??= answerable(
      source,
      info,
      this.#representations.of(name, info),
    );
    return { name, file: loaded.identity };
  }

  /** The same, and undefined where there is nothing. */
  find(path: string, headers: Headers): Selected | FoundDirectory | undefined {
    try {
      return this.select(path, headers);
    } catch (error) {
      if (error instanceof HttpError && error.status === 404) return undefined;
      throw error;
    }
  }

  #selectCoded(
    path: string,
    { name, info, source }: Loaded,
    field: string,
  ): Selected | undefined {
    for (const coding of preferredCodings(field, codings)) {
      const beside = this.#loadBeside(path + extensions[coding], info);
      if (beside) {
        closeSource(source);
        const stored = this.#representations.of(name, beside.info, {
          stored: coding,
        });
        return { name, file: answerable(beside.source, beside.info, stored) };
      }
      if (coding === "gzip" && info.size >= leastCoded) {
        const coded = this.#representations.of(name, info, {
          onTheWay: coding,
        });
        return {
          name,
          file: answerable(source, info, coded),
          onTheWay: coding,
        };
      }
    }
    return undefined;
  }

  /** A coded form, if there is one that is not older than the file. */
  #loadBeside(path: string, original: Deno.FileInfo): Loaded | undefined {
    let loaded: Loaded | FoundDirectory;
    try {
      loaded = this.#load(path);
    } catch (error) {
      if (error instanceof HttpError) return undefined;
      throw error;
    }
    if ("directory" in loaded) return undefined;
    if (timeOf(loaded.info) >= timeOf(original)) return loaded;
    closeSource(loaded.source);
    return undefined;
  }

  #load(path: string): Loaded | FoundDirectory {
    const kept = this.#small.get(path);
    if (kept) return kept;
    const found = this.#directory.find(path);
    if ("directory" in found) return found;
    const { file, info, name, place } = found;
    if (info.size > atOnce) return { name, info, source: file };
    const content = readContent(file, info.size);
    const read = { name, info, place, content, source: content };
    // What became shorter meanwhile is something else by now.
    if (content.length === info.size) this.#small.keep(path, read);
    return read;
  }
}

function answerable(
  source: Source,
  info: Deno.FileInfo,
  representation: Representation,
): Answerable {
  const length = source instanceof Uint8Array ? source.length : info.size;
  return { ...representation, length, source };
}

function timeOf(info: Deno.FileInfo): number {
  return info.mtime?.getTime() ?? 0;
}
