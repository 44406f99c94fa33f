/**
 * Arbitrary pieces of messages, and arbitrary cuts. Octets are written as text,
 * a character each.
 *
 * @module
 */
import fc from "fast-check";

/** Text of these characters. */
function textOf(
  characters: string,
  constraints: fc.StringConstraints = {},
): fc.Arbitrary<string> {
  const unit = fc.constantFrom(...characters);
  return fc.string({ ...constraints, unit });
}

/** The characters from one to another, inclusive. */
function range(first: number, last: number): string {
  return String.fromCharCode(
    ...Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
}

const alphanumeric = range(0x30, 0x39) + range(0x41, 0x5a) + range(0x61, 0x7a);
const visible = range(0x21, 0x7e);

export const token = textOf(alphanumeric + "!#$%&'*+-.^_`|~", { minLength: 1 });

/** A field value as it is after parsing: without whitespace at its ends. */
export const fieldValue = textOf(`\t ${visible}${range(0x80, 0xff)}`)
  .map((value) => value.replace(/^[\t ]+|[\t ]+$/g, ""));

export const whitespace = textOf("\t ", { maxLength: 3 });

/** Field lines whose names have no meaning for the framing. */
export const fieldLines = fc.array(
  fc.tuple(token.map((name) => `X-${name}`), fieldValue),
  { maxLength: 12 },
);

export const host = fc.tuple(
  textOf(alphanumeric + "-._~!$&'()*+,;=", { minLength: 1 }),
  fc.constantFrom("", ":", ":80", ":65535"),
).map((parts) => parts.join(""));

/** Origin-form: a query may hold a backslash, a path may not. */
export const originForm = fc.tuple(
  textOf(visible.replaceAll(/[#?\\]/g, "")),
  fc.option(textOf(visible.replace("#", "")), { nil: undefined }),
).map(([path, query]) => `/${path}${query === undefined ? "" : `?${query}`}`);

export const content = fc.string({
  unit: fc.constantFrom(...range(0, 255), "\r\n", "0\r\n\r\n"),
  maxLength: 100,
});

/** Cuts octets at arbitrary places: into arrivals none of which is empty. */
export function cutsOf(octets: string): fc.Arbitrary<string[]> {
  return fc.uniqueArray(fc.nat(octets.length), { maxLength: 12 })
    .map((places) => {
      places.sort((a, b) => a - b);
      return [0, ...places]
        .map((place, index) => octets.slice(place, places[index]))
        .filter((piece) => piece !== "");
    });
}

/** What was made, the octets that it was written as, and how they arrive. */
export interface Sent<T> {
  made: T;
  octets: string;
  arrivals: string[];
}

/** Sends what is made, written as `write` does, cut anywhere. */
export function sent<T>(
  making: fc.Arbitrary<T>,
  write: (made: T) => string,
): fc.Arbitrary<Sent<T>> {
  return making.chain((made) => {
    const octets = write(made);
    return cutsOf(octets).map((arrivals) => ({ made, octets, arrivals }));
  });
}
