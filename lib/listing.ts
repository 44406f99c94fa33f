/**
 * The list of a directory. It is a leaf because `files/` makes lists and `page/`
 * shows them, and neither knows the other.
 *
 * @module
 */

/** What is told of a file or directory in a {@linkcode Listing}. */
export interface Listed {
  /** Its name. */
  name: string;
  /** What it is. */
  type: "file" | "directory";
  /** Octets; of a directory undefined, as are the next two. */
  size?: number;
  /** When it was modified (RFC 3339). */
  modified?: string;
  /** Its entity tag (RFC 9110 §8.8.3). */
  etag?: string;
}

/** A directory as a list, for a page that shows it. */
export interface Listing {
  /** The path of its URL, percent-decoded, with `/` at both ends. */
  path: string;
  /** What is shown. */
  entries: Listed[];
  /** How many there are in all, of those that the filter lets through. */
  total: number;
  /** How many come before those that are shown. */
  offset: number;
  /** How many are shown at most. */
  limit: number;
  /** What they are sorted by. */
  sort: "name" | "size" | "modified";
  /** Which way. */
  order: "asc" | "desc";
  /** What each name contains, in either case; empty for all. */
  filter: string;
}
