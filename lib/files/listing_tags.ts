/**
 * Entity tags of lists, so that a program can ask whether one has changed
 * without getting it again (RFC 9110 §13.1.2). A short list is tagged by its
 * text. A long one is not held for that: only a list of all names has a tag, by
 * the metadata of the directory, which changes with them.
 *
 * @module
 */

import { evaluatePreconditions } from "../handlers/preconditions.ts";
import { isSettled } from "./file_cache.ts";

/**
 * The tag of the names in a directory; undefined if it has changed so recently
 * that another change could hide. It is weak, as it may be the same for two
 * lists that differ in what links lead to.
 */
export function tagOfNames(info: Deno.FileInfo): string | undefined {
  if (!isSettled(info)) return undefined;
  const parts = [info.ino, info.size, +info.mtime!, +info.ctime!];
  return `W/"${parts.map((part) => part!.toString(36)).join("-")}"`;
}

/** The tag of a list by its text; weak, as it may be coded on the way. */
export async function tagOfText(text: string): Promise<string> {
  const octets = new TextEncoder().encode(text);
  const digest = await crypto.subtle.digest("SHA-256", octets);
  return `W/"${new Uint8Array(digest, 0, 16).toHex()}"`;
}

/** A 304 if the client has the list with this tag. */
export function answerIfKnown(
  { method, headers }: Request,
  tag: string | undefined,
): Response | undefined {
  const field = headers.get("if-none-match");
  if (field === null || tag === undefined) return undefined;
  const asked = { method, headers: new Headers({ "if-none-match": field }) };
  const current = { entityTag: tag, lastModified: 0 };
  if (evaluatePreconditions(asked, current) !== 304) return undefined;
  return new Response(null, {
    status: 304,
    headers: { "cache-control": "no-cache", etag: tag, vary: "Accept" },
  });
}
