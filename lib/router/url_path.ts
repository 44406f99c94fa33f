/**
 * The path of a URL, and the text that a path encodes. It does not know which
 * resource is there.
 *
 * @module
 */

import { HttpError } from "../errors.ts";

/**
 * The path of a URL, as `new URL` returns it. The URL must be normalized, as
 * the URL of a Request is.
 */
export function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const fragment = url.indexOf("#", start);
  const end = fragment === -1 ? url.length : fragment;
  const query = url.indexOf("?", start);
  return url.slice(start, query === -1 ? end : Math.min(query, end));
}

/**
 * Decodes a path or a part of one (RFC 3986 §2.1). Throws an
 * {@linkcode HttpError} with 400 if it is not percent-encoded UTF-8.
 */
export function decodePath(path: string): string {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new HttpError(400, "The path is not percent-encoded UTF-8", {
      cause,
    });
  }
}
