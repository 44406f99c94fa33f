/**
 * Percent-encoded text of a URL goes in, what it spells comes out.
 *
 * @module
 */

import { HttpError } from "../errors.ts";

/**
 * Decodes a path or a part of one (RFC 3986 §2.1). Throws an
 * {@linkcode HttpError} with 400 when it is no percent-encoded UTF-8.
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
