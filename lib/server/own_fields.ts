/**
 * Fields that say how one message is framed, and what becomes of its connection:
 * the server's business alone, whatever a handler says.
 *
 * @module
 */

/** Their names. */
export const ownFields: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "transfer-encoding",
]);
