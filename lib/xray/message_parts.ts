/**
 * Takes parts off the front of a message's text, one after another, without
 * overlaps or gaps. It does not know what a part means.
 *
 * @module
 */

/** The kind of part, such as `method` or `field-name`; or `wrong` and more. */
export interface Part {
  from: number;
  to: number;
  kind: string;
  /** The reason why it is wrong, or the field it belongs to. */
  note?: string;
  /** The section of an RFC that it violates. */
  section?: string;
  /** The kind that a wrong part would have if it were valid. */
  meant?: string;
}

/** A line: its text and its line end. */
export interface Line {
  text: string;
  end: string;
}

/** The most parts of one message; only an attacker sends more. */
const MOST_PARTS = 4000;

/** A message and the parts taken from it so far. */
export class MessageParts {
  readonly taken: Part[] = [];
  #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Characters that are not taken yet. */
  get rest(): number {
    return this.#text.length - this.#at;
  }

  /** The next characters, up to `length`. */
  peek(length: number): string {
    return this.#text.slice(this.#at, this.#at + length);
  }

  /** Takes a number of characters as a part; zero characters make no part. */
  take(
    length: number,
    kind: string,
    note?: string,
    section?: string,
  ): string {
    const from = this.#at;
    const to = Math.min(this.#text.length, from + length);
    if (to > from) {
      const about = { ...note && { note }, ...section && { section } };
      this.taken.push({ from, to, kind, ...about });
    }
    this.#at = to;
    return this.#text.slice(from, to);
  }

  /** Takes text that breaks the grammar of a kind of part. */
  takeWrong(text: string, meant: string, note: string, section: string): void {
    const count = this.taken.length;
    this.take(text.length, "wrong", note, section);
    if (this.taken.length > count) this.taken[count].meant = meant;
  }

  /** The next line; without an end if it is incomplete. */
  peekLine(): Line {
    const end = this.#text.indexOf("\n", this.#at);
    if (end < 0) return { text: this.#text.slice(this.#at), end: "" };
    const isWhole = this.#text[end - 1] === "\r" && end > this.#at;
    const text = this.#text.slice(this.#at, isWhole ? end - 1 : end);
    return { text, end: isWhole ? "\r\n" : "\n" };
  }

  /** Takes the rest as one part if there are too many; @returns whether it did. */
  takeExcess(): boolean {
    if (this.taken.length <= MOST_PARTS) return false;
    this.take(this.rest, "more");
    return true;
  }
}
