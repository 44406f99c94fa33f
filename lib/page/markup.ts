/**
 * Templates for markup. Values put into one are escaped, unless they are markup
 * themselves, so no file name can become a tag.
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

/** A value for a template; `undefined` and `false` give nothing. */
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
