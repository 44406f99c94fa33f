// The reasons why a server refuses an upload, what can be done about each, and
// what is in the place of a file whose name is in use.

import { problemOf } from "./dialogs.js";
import { formatSize } from "./format.js";
import { words } from "./words.js";

/** The server refused the upload. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {number} status
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {number} status
 * @param {string} text
 * @param {number} maxSize octets that the server accepts in a file
 */
export function refusalOf(status, text, maxSize) {
  return new Refusal(
    meaningOf(status, maxSize) ?? problemOf(text, status),
    status,
  );
}

/** @param {number} status @param {number} maxSize */
function meaningOf(status, maxSize) {
  if (status === 401) return words.upload.loggedOut;
  if (status === 405) return words.upload.readOnly;
  if (status === 413 && Number.isFinite(maxSize)) {
    return words.upload.tooLarge(formatSize(maxSize));
  }
  if (status === 507) return words.upload.diskFull;
}

/**
 * Whether the same request may succeed later: after somebody has made room or
 * logged in, or the server has recovered.
 *
 * @param {number} status
 */
export function mayRetry(status) {
  return [401, 408, 409, 412, 423, 429].includes(status) ||
    status >= 500 && status !== 501;
}

/**
 * @typedef {object} Existing
 * @property {string} etag of its octets as they are
 * @property {number} [size]
 * @property {string} [modified] RFC 3339
 */

/**
 * The file in a place, if there is one.
 *
 * @param {string} target
 * @returns {Promise<Existing | undefined>}
 */
export async function existingAt(target) {
  const { ok, headers } = await fetch(target, {
    method: "HEAD",
    cache: "no-store",
    // A browser asks for no compression of a part, and so gets the tag and the
    // length of the file itself.
    headers: { range: "bytes=0-" },
  }).catch(() => Response.error());
  if (!ok) return undefined;
  const length = headers.get("content-length");
  const modified = headers.get("last-modified");
  return {
    etag: headers.get("etag") ?? "*",
    size: length === null ? undefined : Number(length),
    modified: modified === null ? undefined : new Date(modified).toISOString(),
  };
}

/**
 * `a.txt` becomes `a (2).txt`, and that `a (3).txt`.
 *
 * @param {string} target
 */
export function anotherName(target) {
  const at = target.lastIndexOf("/") + 1;
  const name = decodeURIComponent(target.slice(at));
  const [, base, number, extension] =
    /^(.*?)(?: \((\d+)\))?(\.[^.]*)?$/s.exec(name) ?? [];
  const next = `${base} (${Number(number ?? 1) + 1})${extension ?? ""}`;
  return target.slice(0, at) + encodeURIComponent(next);
}
