/**
 * Parses and formats the fields of the tus protocol, version 1.0.0
 * (https://tus.io/protocols/resumable-upload).
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { countOf, type SizeLimit } from "./resumable_fields.ts";
import { UPLOAD_LIFETIME } from "./upload_store.ts";

const VERSION = "1.0.0";

/** The media type of content that is a part of an upload. */
export const PART_TYPE = "application/offset+octet-stream";

const extensions = [
  "creation",
  "creation-with-upload",
  "creation-defer-length",
  "expiration",
  "termination",
];

/** The field that every response has. */
export const resumable: Record<string, string> = { "tus-resumable": VERSION };

/** Throws an {@linkcode HttpError} with 412 for another version. */
export function refuseOtherVersion(headers: Headers): void {
  if (headers.get("tus-resumable")?.trim() === VERSION) return;
  throw new HttpError(412, `Tus-Resumable must be ${VERSION}`, {
    headers: { ...resumable, "tus-version": VERSION },
  });
}

/**
 * Throws an {@linkcode HttpError} with 400 for what a client asks for by
 * extensions that `Tus-Extension` does not name.
 */
export function refuseOtherExtensions(headers: Headers): void {
  if (headers.has("upload-concat")) {
    throw new HttpError(
      400,
      "Uploads in parallel parts are not possible here, omit Upload-Concat",
    );
  }
  if (headers.has("upload-checksum")) {
    throw new HttpError(
      400,
      "Upload-Checksum is not verified here, send Content-Digest (RFC 9530)",
    );
  }
}

/** The length of a new upload; undefined if it is to follow. */
export function newLengthOf(headers: Headers): number | undefined {
  const length = countOf(headers, "upload-length");
  const deferred = headers.get("upload-defer-length");
  const isOne = length !== undefined ? deferred === null : deferred === "1";
  if (isOne) return length;
  throw new HttpError(
    400,
    "A new upload has either Upload-Length or Upload-Defer-Length: 1",
  );
}

/** A key without commas, and Base64 (RFC 4648 §4) that may be missing. */
const keyAndValue = /^([!-+\--~]+)(?: ([A-Za-z\d+/]*={0,2}))?$/;

/** Parses `Upload-Metadata`: keys, and values in Base64. */
export function parseMetadata(field: string | null): Map<string, string> {
  const metadata = new Map<string, string>();
  for (const each of field?.split(",") ?? []) {
    const [, key, value = ""] = keyAndValue.exec(each.trim()) ?? [];
    if (key === undefined || metadata.has(key)) throw malformedMetadata();
    metadata.set(key, value);
  }
  return metadata;
}

/**
 * The name of the file that `Upload-Metadata` tells. Throws an
 * {@linkcode HttpError} with 400 if there is none.
 */
export function fileNameOf(headers: Headers): string {
  const value = parseMetadata(headers.get("upload-metadata")).get("filename");
  if (!value) {
    throw new HttpError(
      400,
      "Send the upload to the path of its file, or name the file in " +
        "Upload-Metadata: filename, a space, and the name in Base64",
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(Uint8Array.fromBase64(value));
  } catch (cause) {
    const message = "The filename in Upload-Metadata is not UTF-8 in Base64";
    throw new HttpError(400, message, { cause });
  }
}

function malformedMetadata(): HttpError {
  return new HttpError(
    400,
    "Upload-Metadata must have different keys, each with a value in Base64",
  );
}

/** The date at which an upload is removed unless more of it arrives. */
export function expiry(): string {
  return new Date(Date.now() + UPLOAD_LIFETIME).toUTCString();
}

/** What a response to OPTIONS says of uploads. */
export function describeTus({ octets }: SizeLimit): Record<string, string> {
  return {
    ...resumable,
    "tus-version": VERSION,
    "tus-extension": extensions.join(","),
    ...(Number.isFinite(octets) && { "tus-max-size": `${octets}` }),
  };
}
