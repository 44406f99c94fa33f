/**
 * Selects the representation that answers a request for a file: the file, a
 * coded form beside it, or one coded as it is sent (RFC 9110 §12.5.3); with its
 * ETag, Last-Modified and other fields. It does not know which part of it is
 * sent.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { preferredCodings } from "../handlers/accept_encoding.ts";
import { isCompressible } from "../handlers/compression.ts";
import { formatHttpDate } from "../handlers/http_date.ts";
import type { Validators } from "../handlers/preconditions.ts";
import type { Directory } from "./directory.ts";
import { diskError } from "./disk_error.ts";
import { type CachedFile, FileCache } from "./file_cache.ts";
import { type Dotfiles, extname } from "./file_path.ts";
import type { FoundDirectory } from "./found_directory.ts";
import { codedTag, validatorsOf } from "./validators.ts";

/**
 * A file of at most this many octets is read in one synchronous call. That is
 * several times cheaper, and blocks others noticeably only if the disk hangs.
 */
const AT_ONCE = 64 * 1024;

/** The fewest octets worth coding. */
const LEAST_CODED = 256;

/** Codings that are looked for beside a file, and their file extensions. */
const extensions: Record<string, string> = { br: ".br", gzip: ".gz" };

/** The ends of names of files that may be sent in place of another. */
export const storedEnds: readonly string[] = Object.values(extensions);
const codings = Object.keys(extensions);

/** A field's name and value. */
export type Line = [name: string, value: string];

/** The fields that are sent for a file. */
export interface Representation {
  validators: Validators;
  /** Fields of every answer about it. */
  fields: Line[];
  /** Fields that are sent only with the content. */
  contentFields: Line[];
}

/** A file's octets in memory, or an open file, which the receiver closes. */
export type Source = Uint8Array<ArrayBuffer> | Deno.FsFile;

/** A representation and its content. */
export interface Answerable extends Representation {
  length: number;
  source: Source;
  /** The fields of an answer with the whole file, made on first use. */
  headers?: Headers;
}

/**
 * Which pages may load a file as part of themselves (Fetch §3.6): those of the
 * same origin, of the same site, or all.
 */
export type ResourcePolicy = "same-origin" | "same-site" | "cross-origin";

/** Options of {@linkcode Representations}. */
export interface RepresentationsOptions {
  /**
   * Whether pages may run scripts, because only their owner can put files
   * there. Default: no.
   */
  isTrusted?: boolean;
  /** Which pages may load the files. Default: those of the same origin. */
  resourcePolicy?: ResourcePolicy;
  /** How long caches may use the files. Default: `no-cache`. */
  cacheControl?: string;
}

/** Options of {@linkcode Selection}. */
export interface SelectionOptions extends RepresentationsOptions {
  /** How to treat names that start with a dot. Default: `ignore`. */
  dotfiles?: Dotfiles;
}

/** Returns the media type for an extension with its dot. */
type TypeTable = (extension: string) => string | undefined;

/** TypeScript, which @std/media-types takes for an MPEG transport stream. */
const typeScript = /^\.[cm]?tsx?$/i;

/** Types whose scripts a browser runs when it opens them as a page. */
const page = /^(?:text\/html|(?:text|application)\/xml|[^;]+\+xml)(?:;|$)/;

/** Makes the representations of files. */
export class Representations {
  readonly #typeTable: TypeTable;
  readonly #isTrusted: boolean;
  readonly #resourcePolicy: ResourcePolicy;
  readonly #cacheControl: string;

  private constructor(
    typeTable: TypeTable,
    options: RepresentationsOptions,
  ) {
    this.#typeTable = typeTable;
    this.#isTrusted = options.isTrusted ?? false;
    this.#resourcePolicy = options.resourcePolicy ?? "same-origin";
    // Caches keep it but revalidate: a file may change at any time.
    this.#cacheControl = options.cacheControl ?? "no-cache";
  }

  /**
   * Loads the table of media types on demand, since it would slow down every
   * start.
   */
  static async load(options: RepresentationsOptions): Promise<Representations> {
    const { contentType } = await import("@std/media-types/content-type");
    return new Representations(contentType, options);
  }

  /** Whether a content coding makes a file's content smaller. */
  mayBeCoded(name: string): boolean {
    return isCompressible(this.#typeOf(name));
  }

  /**
   * Makes the representation of a file.
   *
   * @param stored The coding of the file itself; `name` is then the name
   * without the coding's extension.
   * @param onTheWay The coding that is applied as the content is sent.
   */
  of(
    name: string,
    info: Deno.FileInfo,
    { stored, onTheWay }: { stored?: string; onTheWay?: string } = {},
  ): Representation {
    const validators = validatorsOf(info);
    if (onTheWay) {
      validators.entityTag = codedTag(validators.entityTag, onTheWay);
    }
    // RFC 9110 §8.8.2.1: never later than the response.
    const modified = Math.min(validators.lastModified, Date.now());
    const fields: Line[] = [
      ["cache-control", this.#cacheControl],
      // Otherwise a page of another origin could load what its viewer may see
      // here.
      ["cross-origin-resource-policy", this.#resourcePolicy],
      ["etag", validators.entityTag],
      ["last-modified", formatHttpDate(modified)],
    ];
    if (this.mayBeCoded(name)) fields.push(["vary", "Accept-Encoding"]);
    return {
      validators,
      fields,
      contentFields: this.#contentFieldsOf(name, stored),
    };
  }

  #contentFieldsOf(name: string, coding: string | undefined): Line[] {
    const type = this.#typeOf(name);
    const fields: Line[] = [["content-type", type]];
    // A browser is told not to guess another type, and to sandbox pages: an
    // uploaded page could otherwise act in the name of its viewer.
    fields.push(["x-content-type-options", "nosniff"]);
    if (!this.#isTrusted && page.test(type)) {
      fields.push(["content-security-policy", "sandbox"]);
    }
    if (coding) fields.push(["content-encoding", coding]);
    return [...fields, ["accept-ranges", "bytes"]];
  }

  #typeOf(name: string): string {
    const extension = extname(name);
    return typeScript.test(extension)
      ? "application/typescript"
      : this.#typeTable(extension) ?? "application/octet-stream";
  }
}

/** The representation that answers a request. */
export interface Selected {
  /** The path it was selected by, percent-encoded. */
  path: string;
  name: string;
  /** The metadata of the file itself, even if a coded form is sent. */
  info: Deno.FileInfo;
  file: Answerable;
  /** The coding to apply as the content is sent. */
  onTheWay?: "gzip";
}

interface Loaded {
  name: string;
  info: Deno.FileInfo;
  source: Source;
  /** The file as it is, made on first use. */
  identity?: Answerable;
}

interface KeptFile extends Loaded, CachedFile {
  source: Uint8Array<ArrayBuffer>;
}

/** Selects representations of the files of a directory. */
export class Selection {
  readonly #directory: Directory;
  readonly #representations: Representations;
  readonly #dotfiles: Dotfiles | undefined;
  readonly #cache = new FileCache<KeptFile>();

  private constructor(
    directory: Directory,
    representations: Representations,
    dotfiles: Dotfiles | undefined,
  ) {
    this.#directory = directory;
    this.#representations = representations;
    this.#dotfiles = dotfiles;
  }

  /** Loads what selection needs. */
  static async load(
    directory: Directory,
    options: SelectionOptions = {},
  ): Promise<Selection> {
    const representations = await Representations.load(options);
    return new Selection(directory, representations, options.dotfiles);
  }

  /**
   * Selects a representation. Throws an {@linkcode HttpError} as
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
      // A range is always one of the file as it is, not of a coded form.
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
    return { path, name, info, file: loaded.identity };
  }

  /** The same, but undefined if there is nothing. */
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
        const file = answerable(beside.source, beside.info, stored);
        return { path, name, info, file };
      }
      if (coding === "gzip" && info.size >= LEAST_CODED) {
        const coded = this.#representations.of(name, info, {
          onTheWay: coding,
        });
        const file = answerable(source, info, coded);
        return { path, name, info, file, onTheWay: coding };
      }
    }
    return undefined;
  }

  /** A coded form beside the file, if it is not older. */
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
    const kept = this.#cache.get(path);
    if (kept) return kept;
    const found = this.#directory.find(path, this.#dotfiles);
    if ("directory" in found) return found;
    const { file, info, name, place } = found;
    if (info.size > AT_ONCE) return { name, info, source: file };
    let content: Uint8Array<ArrayBuffer>;
    try {
      content = readContent(file, info.size);
    } catch (error) {
      throw diskError(error, "read");
    }
    const read = { name, info, place, content, source: content };
    // A file that became shorter meanwhile is no longer the same.
    if (content.length === info.size) this.#cache.keep(path, read);
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

/** Closes an open file. */
export function closeSource(source: Source): void {
  if (!(source instanceof Uint8Array)) source.close();
}

/** Reads the next octets of a file, up to `length`, and closes it. */
export function readContent(
  file: Deno.FsFile,
  length: number,
): Uint8Array<ArrayBuffer> {
  using _closed = file;
  const octets = new Uint8Array(length);
  let end = 0;
  while (end < length) {
    const count = file.readSync(octets.subarray(end));
    if (count === null) break;
    end += count;
  }
  return octets.subarray(0, end);
}
