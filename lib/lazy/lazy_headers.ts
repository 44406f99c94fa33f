/**
 * Headers that are looked up, and changed, in the field lines themselves, as
 * long as nobody does more with them.
 *
 * @module
 */
import { letStandIn, Proof } from "./stand_in.ts";

/** A field's name and value. */
export type Line = readonly [name: string, value: string];

/** What a name is (RFC 9110 §5.1), for Headers as for HTTP. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** What Headers refuse in a value, would strip from it, or had better judge. */
const unplain = /[^\t\x20-\x7e\x80-\xff]|^[\t ]|[\t ]$/;

/** Whether Headers take a name and a value as they are. */
export function isPlain(name: unknown, value: unknown): boolean {
  return typeof name === "string" && typeof value === "string" &&
    token.test(name) && !unplain.test(value);
}

/** Whether a line has a name; `name` in lower case. */
export function isNamed([own]: Line, name: string): boolean {
  return own.length === name.length && own.toLowerCase() === name;
}

/** The stand-in; {@linkcode lazyHeaders} makes one. */
class LazyHeaders {
  /** Never changed, as they may be those of others as well. */
  #lines: readonly Line[];
  #makeReal: () => Headers;
  #real: Headers | undefined;

  constructor(lines: readonly Line[], makeReal: () => Headers) {
    this.#lines = lines;
    this.#makeReal = makeReal;
  }

  static realOf(lazy: LazyHeaders): Headers {
    return lazy.#real ??= lazy.#makeReal();
  }

  static linesOf(headers: object): readonly Line[] | undefined {
    if (!(#lines in headers)) return undefined;
    return headers.#real === undefined ? headers.#lines : undefined;
  }

  static giveWay(headers: object, real: Headers): void {
    if (#real in headers) headers.#real = real;
  }

  /** Whether a name is to be looked up in the lines. */
  #mayLookUp(name: unknown): name is string {
    return this.#real === undefined && typeof name === "string" &&
      token.test(name);
  }

  get(name: string): string | null {
    if (!this.#mayLookUp(name)) return LazyHeaders.realOf(this).get(name);
    const wanted = name.toLowerCase();
    let joined: string | null = null;
    for (const line of this.#lines) {
      if (!isNamed(line, wanted)) continue;
      joined = joined === null ? line[1] : `${joined}, ${line[1]}`;
    }
    return joined;
  }

  has(name: string): boolean {
    if (!this.#mayLookUp(name)) return LazyHeaders.realOf(this).has(name);
    const wanted = name.toLowerCase();
    return this.#lines.some((line) => isNamed(line, wanted));
  }

  set(...line: Line): void {
    if (this.#real || !isPlain(...line)) {
      return LazyHeaders.realOf(this).set(...line);
    }
    this.#lines = [...this.#linesWithout(line[0]), line];
  }

  append(...line: Line): void {
    if (this.#real || !isPlain(...line)) {
      return LazyHeaders.realOf(this).append(...line);
    }
    this.#lines = [...this.#lines, line];
  }

  delete(name: string): void {
    if (!this.#mayLookUp(name)) return LazyHeaders.realOf(this).delete(name);
    this.#lines = this.#linesWithout(name);
  }

  #linesWithout(name: string): readonly Line[] {
    const unwanted = name.toLowerCase();
    return this.#lines.filter((line) => !isNamed(line, unwanted));
  }
}

/** Whether they behave. Ask it before the first is made. */
export const headersProof: Proof = new Proof(() => {
  letStandIn(LazyHeaders, Headers, {
    sample: new Headers(),
    realOf: LazyHeaders.realOf,
  });
  const lines: [string, string][] = [["B", "c"], ["a", "d"], ["b", "e"]];
  const headers = lazyHeaders(lines, () => new Headers(lines));
  return headers instanceof Headers && headers.get("B") === "c, e" &&
    [...headers].join(";") === "a,d;b,c, e";
});

/**
 * Makes Headers of plain field lines.
 *
 * @param makeReal Makes the real ones, of the lines that {@linkcode linesOf} then
 * tells.
 */
export function lazyHeaders(
  lines: readonly Line[],
  makeReal: () => Headers,
): Headers {
  return new LazyHeaders(lines, makeReal) as unknown as Headers;
}

/** The lines of a stand-in as they are now; undefined once real ones know better. */
export const linesOf: (headers: Headers) => readonly Line[] | undefined =
  LazyHeaders.linesOf;

/** Tells a stand-in that real ones have been made, which others may change. */
export const giveWay: (headers: Headers, real: Headers) => void =
  LazyHeaders.giveWay;
