/**
 * What a user may do below which paths. It does not know who the user is, or
 * what is on the disk.
 *
 * In: rules, each for a path as names. Out: whether a right holds for another
 * path. The rule with the longest path that leads to it counts.
 *
 * @module
 */

import { fold } from "../folded_path.ts";

/** What can be done with a path. */
export type Right = "read" | "write" | "delete";

/** All of them. */
export const allRights: readonly Right[] = ["read", "write", "delete"];

/** The rights for a path and for everything below it. */
export interface Rule {
  /** The names of the path; none for the top. */
  names: readonly string[];
  rights: readonly Right[];
}

type Rules = ReadonlyMap<string, readonly Right[]>;

/** The rules of one user. */
export class Rights {
  readonly #exact: Rules;
  /**
   * A file system may ignore case, and compose characters: there `/PRIVATE` is
   * `/private`. So a right must hold for the path as written and as folded.
   */
  readonly #folded: Rules;

  /** Throws a RangeError if two paths differ at most in case. */
  constructor(rules: readonly Rule[]) {
    const entries = rules.map(({ names, rights }) =>
      [names.join("/"), rights] as const
    );
    this.#exact = new Map(entries);
    this.#folded = new Map(
      entries.map(([path, rights]) => [fold(path), rights]),
    );
    if (this.#folded.size < rules.length) {
      throw new RangeError("write each path once, in any case");
    }
  }

  /** Whether a right holds for a path. */
  may(right: Right, names: readonly string[]): boolean {
    const path = names.join("/");
    return nearest(this.#exact, path).includes(right) &&
      nearest(this.#folded, fold(path)).includes(right);
  }

  /** Whether a right holds for a path and for everything below it. */
  mayBelow(right: Right, names: readonly string[]): boolean {
    if (!this.may(right, names)) return false;
    const start = names.length === 0 ? "" : `${fold(names.join("/"))}/`;
    for (const [path, rights] of this.#folded) {
      if (path.startsWith(start) && !rights.includes(right)) return false;
    }
    return true;
  }

  /** Whether a right holds anywhere. */
  maySomewhere(right: Right): boolean {
    return [...this.#exact.values()].some((rights) => rights.includes(right));
  }
}

/** The rights for a path by the rule with the longest path. */
function nearest(rules: Rules, path: string): readonly Right[] {
  for (let rest = path;;) {
    const rights = rules.get(rest);
    if (rights) return rights;
    if (rest === "") return [];
    rest = rest.slice(0, Math.max(0, rest.lastIndexOf("/")));
  }
}
