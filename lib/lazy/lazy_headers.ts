/**
 * Headers that read and change the field lines themselves, until a program uses
 * more of them.
 *
 * @module
 */
import { letStandIn, Proof } from "./stand_in.ts";

/** A field's name and value. */
export type Line = readonly [name: string, value: string];

/** A field name (RFC 9110 §5.1), for Headers as for HTTP. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Common names, accepted without checking each letter. */
const usualNames = new Set([
  "accept",
  "accept-encoding",
  "cache-control",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "cookie",
  "etag",
  "host",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "last-modified",
  "location",
  "origin",
  "range",
  "set-cookie",
  "user-agent",
  "vary",
  "x-content-type-options",
]);

function isToken(name: string): boolean {
  return usualNames.has(name) || token.test(name);
}

/** Values that Headers would refuse or strip, or should judge themselves. */
const unplain = /[^\t\x20-\x7e\x80-\xff]|^[\t ]|[\t ]$/;

/** Whether Headers take a name and a value as they are. */
export function isPlain(name: unknown, value: unknown): boolean {
  return typeof name === "string" && typeof value === "string" &&
    isToken(name) && !unplain.test(value);
}

/** Whether a line has a name; `name` in lower case. */
function isNamed(line: Line, name: string): boolean {
  const own = line[0];
  return own === name ||
    own.length === name.length && own.toLowerCase() === name;
}

/** Whether a line says the type of the content. */
export function isType(line: Line): boolean {
  return isNamed(line, "content-type");
}

/** An owner of field lines: its headers change them there. */
export interface Lined {
  /** Replaced and never changed, because other objects may share them. */
  lines: readonly Line[];
  /**
   * Real headers, once there are any: they then count in place of the lines.
   */
  headers: Headers | undefined;
}

/** The stand-in; {@linkcode lazyHeaders} makes one. */
class LazyHeaders {
  #owner: Lined;

  constructor(owner: Lined) {
    this.#owner = owner;
  }

  static realOf(lazy: LazyHeaders): Headers {
    const { lines } = lazy.#owner;
    return lazy.#owner.headers ??= new Headers(lines as [string, string][]);
  }

  static linesOf(headers: object): readonly Line[] | undefined {
    if (!(#owner in headers)) return undefined;
    const owner = headers.#owner;
    return owner.headers ? [...owner.headers] : owner.lines;
  }

  /** A name in lower case, if it is to be looked up in the lines. */
  #lookedUp(name: unknown): string | undefined {
    if (this.#owner.headers || typeof name !== "string") return undefined;
    if (usualNames.has(name)) return name;
    return token.test(name) ? name.toLowerCase() : undefined;
  }

  get(name: string): string | null {
    const wanted = this.#lookedUp(name);
    if (wanted === undefined) return LazyHeaders.realOf(this).get(name);
    let joined: string | null = null;
    for (const line of this.#owner.lines) {
      if (!isNamed(line, wanted)) continue;
      joined = joined === null ? line[1] : `${joined}, ${line[1]}`;
    }
    return joined;
  }

  has(name: string): boolean {
    const wanted = this.#lookedUp(name);
    if (wanted === undefined) return LazyHeaders.realOf(this).has(name);
    for (const line of this.#owner.lines) {
      if (isNamed(line, wanted)) return true;
    }
    return false;
  }

  set(...line: Line): void {
    if (this.#owner.headers || !isPlain(...line)) {
      return LazyHeaders.realOf(this).set(...line);
    }
    this.#owner.lines = [...this.#linesWithout(line[0]), line];
  }

  append(...line: Line): void {
    if (this.#owner.headers || !isPlain(...line)) {
      return LazyHeaders.realOf(this).append(...line);
    }
    this.#owner.lines = [...this.#owner.lines, line];
  }

  delete(name: string): void {
    const wanted = this.#lookedUp(name);
    if (wanted === undefined) return LazyHeaders.realOf(this).delete(name);
    this.#owner.lines = this.#linesWithout(wanted);
  }

  #linesWithout(name: string): readonly Line[] {
    const unwanted = name.toLowerCase();
    return this.#owner.lines.filter((line) => !isNamed(line, unwanted));
  }
}

/** Whether they behave. Ask it before the first is made. */
export const headersProof: Proof = new Proof(() => {
  letStandIn(LazyHeaders, Headers, {
    sample: new Headers(),
    realOf: LazyHeaders.realOf,
  });
  const lines: [string, string][] = [["B", "c"], ["a", "d"], ["b", "e"]];
  const headers = lazyHeaders({ lines, headers: undefined });
  return headers instanceof Headers && headers.get("B") === "c, e" &&
    [...headers].join(";") === "a,d;b,c, e";
});

/** Makes Headers of what has plain field lines. */
export function lazyHeaders(owner: Lined): Headers {
  return new LazyHeaders(owner) as unknown as Headers;
}

/** The lines of a stand-in as they are now; undefined for real headers. */
export const linesOf: (headers: Headers) => readonly Line[] | undefined =
  LazyHeaders.linesOf;
