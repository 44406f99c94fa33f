/**
 * A file's name and what it says of itself go in, the representation that it is
 * goes out: its validators, and the fields of a response with it.
 *
 * @module
 */

import { contentType } from "@std/media-types/content-type";
import { isCompressible } from "../handlers/compression.ts";
import { formatHttpDate } from "../handlers/http_date.ts";
import type { Validators } from "../handlers/preconditions.ts";
import type { Line } from "../light/light_headers.ts";
import { extname } from "./disk_path.ts";
import { codedTag, validatorsOf } from "./entity_tag.ts";

/** What is sent of a file, apart from its content. */
export interface Representation {
  validators: Validators;
  /** What every answer about it says. */
  fields: readonly Line[];
  /** What comes with the content alone. */
  contentFields: readonly Line[];
}

/**
 * Whose pages may load a file as part of themselves (Fetch §3.6): those of the
 * same origin, of the same site, or all.
 */
export type ResourcePolicy = "same-origin" | "same-site" | "cross-origin";

/** Whether a file's content gains by a content coding. */
export function mayBeCoded(name: string): boolean {
  return isCompressible(typeOf(name));
}

/**
 * Makes the representation of a file.
 *
 * @param stored The coding of the file itself, whose name is that of what it is
 * the coded form of.
 * @param isTrusted Whether a page may run scripts.
 * @param onTheWay The coding that its content gets when it is sent.
 * @param resourcePolicy Whose pages may load it.
 */
export function representationOf(
  name: string,
  info: Deno.FileInfo,
  { stored, onTheWay, isTrusted = false, resourcePolicy = "same-origin" }: {
    stored?: string;
    onTheWay?: string;
    isTrusted?: boolean;
    resourcePolicy?: ResourcePolicy;
  } = {},
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
    ["cross-origin-resource-policy", resourcePolicy],
    ["etag", validators.entityTag],
    ["last-modified", formatHttpDate(modified)],
  ];
  if (mayBeCoded(name)) fields.push(["vary", "Accept-Encoding"]);
  return {
    validators,
    fields,
    contentFields: contentFieldsOf(name, stored, isTrusted),
  };
}

function contentFieldsOf(
  name: string,
  coding: string | undefined,
  isTrusted: boolean,
): Line[] {
  const type = typeOf(name);
  const fields: Line[] = [["content-type", type]];
  // A browser is told not to guess another type, and to run a page without
  // rights: whoever uploaded it could else act here in the name of its reader.
  fields.push(["x-content-type-options", "nosniff"]);
  if (!isTrusted && page.test(type)) {
    fields.push(["content-security-policy", "sandbox"]);
  }
  if (coding) fields.push(["content-encoding", coding]);
  return [...fields, ["accept-ranges", "bytes"]];
}

/** What @std/media-types takes for an MPEG transport stream. */
const typeScript = /^\.[cm]?tsx?$/i;

/** What a browser runs scripts of when it is opened as a page. */
const page = /^(?:text\/html|(?:text|application)\/xml|[^;]+\+xml)(?:;|$)/;

function typeOf(name: string): string {
  const extension = extname(name);
  return typeScript.test(extension)
    ? "application/typescript"
    : contentType(extension) ?? "application/octet-stream";
}
