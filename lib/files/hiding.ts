/**
 * Hides paths of a directory by patterns, which are loaded only where there are
 * any.
 *
 * @module
 */

import { Containment } from "./containment.ts";
import type { Hiding } from "./file_path.ts";
import type { SpaceBounds } from "./space.ts";

/** Options of a directory: what it hides, and how much space it takes up. */
export interface DirectoryOptions extends SpaceBounds {
  /**
   * Patterns of paths that are hidden, with everything below them: they are in
   * no list and read as if they were not there, and nothing is written to them
   * (403). A pattern without `/`, such as `*.key`, is for names in any
   * directory; any other, such as `/private`, is for a path from the top. `*`
   * stands for any part of a name, `?` for one character, `[a-z]` for one of
   * these, `{jpg,png}` for one of these texts, and `**` for any number of
   * directories. Upper and lower case are the same. A link to a hidden path is
   * hidden as well. Default: none.
   */
  hide?: readonly string[];
}

const rules = new WeakMap<object, { hiding?: Hiding }>();

/** The rules for names below a directory. */
export function rulesOf(directory: object): { hiding?: Hiding } {
  return rules.get(directory) ?? {};
}

/** Keeps inside a directory, and out of what it hides. */
export function containmentOf(
  directory: { readonly path: string },
): Containment {
  return new Containment(directory.path, rulesOf(directory).hiding);
}

/** Says what a directory hides. @returns the rules for names below it. */
export function hideIn(
  directory: object,
  hiding: Hiding | undefined,
): { hiding?: Hiding } {
  const made = { hiding };
  rules.set(directory, made);
  return made;
}

/**
 * Hides what any of these patterns matches; undefined if there are none. Rejects
 * with a RangeError for an invalid pattern.
 */
export async function hidingOf(
  patterns: readonly string[] = [],
): Promise<Hiding | undefined> {
  if (patterns.length === 0) return undefined;
  const { PathPattern } = await import("./path_pattern.ts");
  const made = patterns.map((pattern) => new PathPattern(pattern));
  return { hides: (names) => made.some((each) => each.matches(names)) };
}
