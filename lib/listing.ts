/**
 * The list of a directory. It is a leaf because `files/` makes lists and
 * `page/` shows them, and neither imports the other.
 *
 * @module
 */

/** A file or directory in a {@linkcode Listing}. */
export interface Listed {
  /** Its name. */
  name: string;
  /** Its kind. */
  type: "file" | "directory";
  /** Its size in octets; undefined for a directory, as are the next two. */
  size?: number;
  /** When it was modified (RFC 3339). */
  modified?: string;
  /** Its entity tag (RFC 9110 §8.8.3). */
  etag?: string;
}

/** The list of a directory, for a page that shows it. */
export interface Listing {
  /** The path of its URL, percent-decoded, with `/` at both ends. */
  path: string;
  /** The entries shown. */
  entries: Listed[];
  /** How many entries pass the filter in all. */
  total: number;
  /** How many come before the entries shown. */
  offset: number;
  /** The maximum number of entries shown. */
  limit: number;
  /** The key that they are sorted by. */
  sort: "name" | "size" | "modified";
  /** The direction: ascending or descending. */
  order: "asc" | "desc";
  /** Text that each name contains, in any case; empty for all. */
  filter: string;
}
