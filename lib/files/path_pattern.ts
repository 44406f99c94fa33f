/**
 * Matches paths by patterns like those of `.gitignore`: `*.key`, `/private`,
 * `drafts/*.txt`. It works on names, and does not know what is on the disk.
 *
 * A pattern without `/` is for names in any directory, any other for a path from
 * the top. It also matches everything below what it matches.
 *
 * @module
 */

import { globToRegExp } from "@std/path/posix/glob-to-regexp";
import { fold } from "../folded_path.ts";

/**
 * The most characters of a name that is looked at: no common file system has
 * longer ones. Those beyond match every pattern.
 */
const MOST_CHARACTERS = 255;

/**
 * The most `*` in a name, and `**` in a path: each multiplies how long a match
 * may take by the length of what clients send.
 */
const MOST_STARS = 2;
/** The most `{` in a name: each multiplies it by its alternatives. */
const MOST_CHOICES = 2;

/** Any number of names. */
const ANY_NAMES = "**";

/** A pattern of paths. */
export class PathPattern {
  /** One for each name; undefined for any number of them. */
  readonly #parts: (RegExp | undefined)[];

  /** Throws a RangeError, whose message says what to write instead. */
  constructor(text: string) {
    try {
      this.#parts = partsOf(text).map((part) =>
        part === ANY_NAMES ? undefined : expressionOf(part)
      );
    } catch (cause) {
      const advice = cause instanceof RangeError
        ? cause.message
        : "write ranges in their order, such as [a-z]";
      throw new RangeError(`got ${JSON.stringify(text)}, ${advice}`, { cause });
    }
  }

  /** Whether it matches a path, as its names, or a directory on its way. */
  matches(names: readonly string[]): boolean {
    return this.#matchesFrom(0, names.map(fold), 0);
  }

  #matchesFrom(part: number, names: readonly string[], at: number): boolean {
    if (part === this.#parts.length) return true;
    if (at === names.length) return false;
    const expression = this.#parts[part];
    if (expression) {
      return isMatch(expression, names[at]) &&
        this.#matchesFrom(part + 1, names, at + 1);
    }
    return this.#matchesFrom(part + 1, names, at) ||
      this.#matchesFrom(part, names, at + 1);
  }
}

/** The names of a pattern, and what stands for any number of them. */
function partsOf(text: string): string[] {
  if (text.startsWith("!")) {
    throw new RangeError("write only what to match, without !");
  }
  const path = text.endsWith("/") ? text.slice(0, -1) : text;
  const parts = path.replace(/^\//, "").split("/");
  if (parts.includes("")) {
    throw new RangeError("write a name such as *.key, or a path");
  }
  if (parts.filter((part) => part === ANY_NAMES).length > MOST_STARS) {
    throw new RangeError(`write at most ${MOST_STARS} times ** in a path`);
  }
  return path.includes("/") ? parts : [ANY_NAMES, ...parts];
}

function isMatch(expression: RegExp, name: string): boolean {
  return name.length > MOST_CHARACTERS || expression.test(name);
}

function expressionOf(part: string): RegExp {
  if (part.split("*").length - 1 > MOST_STARS) {
    throw new RangeError(`write at most ${MOST_STARS} times * in a name`);
  }
  if (part.split("{").length - 1 > MOST_CHOICES) {
    throw new RangeError(`write at most ${MOST_CHOICES} times { in a name`);
  }
  const { source } = globToRegExp(fold(part), { extended: false });
  // With `s`, as `?` is also for a newline.
  return new RegExp(source, "is");
}
