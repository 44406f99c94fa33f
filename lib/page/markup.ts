/**
 * Templates that make markup. What is put into one is escaped, unless it is
 * markup itself: so no file name can become a tag.
 *
 * @module
 */

import { escape } from "@std/html/entities";

/** Text that is HTML already. */
export class Markup {
  #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What may be put into a template; nothing for `undefined` and `false`. */
export type Insertion =
  | Markup
  | string
  | number
  | undefined
  | false
  | Insertion[];

/** A template whose insertions are escaped. */
export function markup(
  texts: TemplateStringsArray,
  ...insertions: Insertion[]
): Markup {
  return new Markup(String.raw({ raw: texts }, ...insertions.map(textOf)));
}

function textOf(insertion: Insertion): string {
  if (Array.isArray(insertion)) return insertion.map(textOf).join("");
  if (insertion instanceof Markup) return insertion.toString();
  if (insertion === undefined || insertion === false) return "";
  return escape(String(insertion));
}
