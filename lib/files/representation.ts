/**
 * A file's name and what it says of itself go in, the representation that it is
 * goes out: its validators, and the fields of a response with it.
 *
 * @module
 */

import { isCompressible } from "../handlers/compression.ts";
import { formatHttpDate } from "../handlers/http_date.ts";
import type { Validators } from "../handlers/preconditions.ts";
import { extname } from "./file_path.ts";
import { codedTag, validatorsOf } from "./validators.ts";

/** A field's name and value. */
export type Line = [name: string, value: string];

/** What is sent of a file, apart from its content. */
export interface Representation {
  validators: Validators;
  /** What every answer about it says. */
  fields: Line[];
  /** What comes with the content alone. */
  contentFields: Line[];
}

/**
 * Whose pages may load a file as part of themselves (Fetch §3.6): those of the
 * same origin, of the same site, or all.
 */
export type ResourcePolicy = "same-origin" | "same-site" | "cross-origin";

/** How files are represented. */
export interface RepresentationsOptions {
  /**
   * Whether a page may run scripts: nobody but who serves it has put it there.
   * Default: no.
   */
  isTrusted?: boolean;
  /** Whose pages may load the files. Default: those of the same origin. */
  resourcePolicy?: ResourcePolicy;
}

/** Tells the media type of an extension, with its dot. */
type TypeTable = (extension: string) => string | undefined;

/** Makes the representations of files. */
export class Representations {
  readonly #typeTable: TypeTable;
  readonly #isTrusted: boolean;
  readonly #resourcePolicy: ResourcePolicy;

  private constructor(
    typeTable: TypeTable,
    { isTrusted = false, resourcePolicy = "same-origin" }:
      RepresentationsOptions,
  ) {
    this.#typeTable = typeTable;
    this.#isTrusted = isTrusted;
    this.#resourcePolicy = resourcePolicy;
  }

  /** Loads the table of media types, which takes too long for every start. */
  static async load(options: RepresentationsOptions): Promise<Representations> {
    const { contentType } = await import("@std/media-types/content-type");
    return new Representations(contentType, options);
  }

  /** Whether a file's content gains by a content coding. */
  mayBeCoded(name: string): boolean {
    return isCompressible(this.#typeOf(name));
  }

  /**
   * Makes the representation of a file.
   *
   * @param stored The coding of the file itself, whose name is that of what it is
   * the coded form of.
   * @param onTheWay The coding that its content gets when it is sent.
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
      // Kept, but asked after: what is served may change at any time.
      ["cache-control", "no-cache"],
      // A page of another origin could else take in what its reader may see here.
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
    // A browser is told not to guess another type, and to run a page without
    // rights: whoever uploaded it could else act here in the name of its reader.
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

/** What @std/media-types takes for an MPEG transport stream. */
const typeScript = /^\.[cm]?tsx?$/i;

/** What a browser runs scripts of when it is opened as a page. */
const page = /^(?:text\/html|(?:text|application)\/xml|[^;]+\+xml)(?:;|$)/;
