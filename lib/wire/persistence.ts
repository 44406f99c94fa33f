/**
 * May another request follow on this connection? (RFC 9112 §9.3)
 *
 * @module
 */
import type { RequestHead } from "./request_head.ts";

/** What the client asks for; the server may still wish to close. */
export function mayPersist(
  { fields, minorVersion }: Pick<RequestHead, "fields" | "minorVersion">,
): boolean {
  const options = fields.tokens("connection");
  if (options.includes("close")) return false;
  return minorVersion > 0 || options.includes("keep-alive");
}
