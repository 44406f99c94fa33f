/**
 * Values of a field that are made to cost: a valid beginning, one filler over and
 * over, and an end that makes a reader look back.
 *
 * @module
 */

/** What is repeated: whitespace, delimiters, quotes, members, parameters. */
const fillers = [
  ...[" ", "\t", ",", ", ", ";", '"', "\\", '\\"', "=", ":", "/", "1", "\xe9"],
  ...["a ", "a,", "1.", "%41", ";a=b", '; a="b"'],
  ...[',"a"', ",a/b;c=d", ",0-0", ",a=:AAAA:"],
];

/** A value of about so many octets; what it is made of is its name. */
export interface HostileValue {
  name: string;
  make: (octets: number) => string;
}

/**
 * The values for a field of which `harmless` is a valid value.
 */
export function hostileValues(harmless: string): HostileValue[] {
  const frames = [
    [harmless, "~"],
    [`${harmless};a="`, ""],
    [`${harmless},`, `,${harmless}`],
  ];
  return fillers.flatMap((filler) =>
    frames.map(([start, end]) => ({
      name: `${printable(start)}(${printable(filler)})*${printable(end)}`,
      make: (octets: number) => {
        const room = octets - start.length - end.length;
        return start + filler.repeat(Math.max(0, room) / filler.length) + end;
      },
    }))
  );
}

function printable(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')
    .replace(/[\x80-\xff]/g, (it) => `\\x${it.charCodeAt(0).toString(16)}`);
}
