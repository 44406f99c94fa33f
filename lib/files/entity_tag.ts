/**
 * What a file says of itself goes in, the validators of its content come out
 * (RFC 9110 §8.8).
 *
 * @module
 */

import type { Validators } from "../handlers/preconditions.ts";

/**
 * The validators of a file. The tag is a strong one: files that are received get
 * a time of their own each (`directory.ts`), and what other programs change has
 * another size, time or inode.
 */
export function validatorsOf(info: Deno.FileInfo): Validators {
  const time = info.mtime?.getTime() ?? 0;
  const parts = [info.ino ?? 0, info.size, time];
  const tag = parts.map((part) => part.toString(36)).join("-");
  return { entityTag: `"${tag}"`, lastModified: time };
}

/** The tag of the same content coded on its way: weak, as codes may vary. */
export function codedTag(entityTag: string, coding: string): string {
  return `W/${entityTag.slice(0, -1)}-${coding}"`;
}
