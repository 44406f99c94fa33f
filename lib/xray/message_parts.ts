/**
 * Takes parts off the front of a message's text, one behind the other: none
 * overlaps, and nothing lies between two. It does not know what a part means.
 *
 * @module
 */

/** What a part is, such as `method` or `field-name`; or `wrong` and more. */
export interface Part {
  from: number;
  to: number;
  kind: string;
  /** Why it is wrong, or which field it belongs to. */
  note?: string;
  /** Which section is broken. */
  section?: string;
}

/** A line: its text, and what ends it. */
export interface Line {
  text: string;
  end: string;
}

/** Parts that are told apart; who sends more does so on purpose. */
const MOST_PARTS = 4000;

/** A message, as far as its parts are taken. */
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

  /** The next characters, as many as there are. */
  peek(length: number): string {
    return this.#text.slice(this.#at, this.#at + length);
  }

  /** Takes so many characters as a part; nothing of none. */
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

  /** What is left of a line, as something that breaks the grammar. */
  takeWrong(text: string, note: string, section: string): void {
    this.take(text.length, "wrong", note, section);
  }

  /** The line that comes next; without an end if it is not all there. */
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
