/**
 * The fields of an answer whose text the client chose.
 *
 * @module
 */

/** Whoever makes the link chooses the text: it must not become a page. */
export const plainText: Record<string, string> = {
  "content-type": "text/plain",
  "x-content-type-options": "nosniff",
};
