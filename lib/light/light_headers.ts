/**
 * Headers that are looked up in the field lines themselves, as long as nobody
 * does more with them than `get` and `has`.
 *
 * @module
 */
import { letStandIn } from "./stand_in.ts";

/** A field's name and value. */
export type Line = readonly [name: string, value: string];

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The stand-in; {@linkcode lightHeaders} makes one. */
class LightHeaders {
  #lines: readonly Line[];
  #makeReal: () => Headers;
  #real: Headers | undefined;

  constructor(lines: readonly Line[], makeReal: () => Headers) {
    this.#lines = lines;
    this.#makeReal = makeReal;
  }

  static realOf(light: LightHeaders): Headers {
    return light.#real ??= light.#makeReal();
  }

  static isLight(headers: Headers): boolean {
    return #real in headers && (headers as LightHeaders).#real === undefined;
  }

  get(name: string): string | null {
    if (this.#real || !token.test(name)) {
      return LightHeaders.realOf(this).get(name);
    }
    const wanted = name.toLowerCase();
    let joined: string | null = null;
    for (const line of this.#lines) {
      if (!isNamed(line, wanted)) continue;
      joined = joined === null ? line[1] : `${joined}, ${line[1]}`;
    }
    return joined;
  }

  has(name: string): boolean {
    if (this.#real || !token.test(name)) {
      return LightHeaders.realOf(this).has(name);
    }
    const wanted = name.toLowerCase();
    return this.#lines.some((line) => isNamed(line, wanted));
  }
}

letStandIn(LightHeaders, Headers, {
  sample: new Headers(),
  realOf: LightHeaders.realOf,
});

function isNamed([own]: Line, name: string): boolean {
  return own.length === name.length && own.toLowerCase() === name;
}

/**
 * Makes Headers of valid field lines.
 *
 * @param makeReal Makes the real ones. They are the same fields, and nobody else
 * changes them.
 */
export function lightHeaders(
  lines: readonly Line[],
  makeReal: () => Headers,
): Headers {
  return new LightHeaders(lines, makeReal) as unknown as Headers;
}

/** Whether these are headers that nobody can have changed. */
export const isLight: (headers: Headers) => boolean = LightHeaders.isLight;
