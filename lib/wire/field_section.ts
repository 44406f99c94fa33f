/**
 * Field lines: a header or trailer section (RFC 9112 §5).
 *
 *     field-line = field-name ":" OWS field-value OWS
 *
 * In: the octets of a section, including its empty line, whole or in pieces.
 * Out: the field lines, in order and in their case, duplicates kept; and back.
 * It checks the grammar alone: which fields may appear, and how often, is
 * decided by the modules that know their meaning.
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { isWhitespace } from "../field_value.ts";
import { endsLine, type Parser } from "./byte_reader.ts";
import {
  COLON,
  decodeLatin1,
  FIELD_OCTET,
  FIELD_VALUE,
  TCHAR,
  TOKEN,
} from "./grammar.ts";

/** A field's name and value as received, without surrounding whitespace. */
export type FieldLine = readonly [name: string, value: string];

/** Field lines in order, with look-up by name that ignores case. */
export class FieldSection {
  /** Every field line as it was received. */
  readonly lines: readonly FieldLine[];
  /**
   * The same for `Headers`, with one Cookie line: `Headers` would join several
   * by commas.
   */
  readonly headerLines: readonly FieldLine[];
  #isFrozen = false;

  /** Creates a section of lines, which must be valid. */
  constructor(lines: readonly FieldLine[] = []) {
    this.lines = lines;
    this.headerLines = withOneCookie(lines);
  }

  /**
   * The lines for callers that must not change them: other requests may share
   * the section. Frozen on first use, since freezing takes as long as parsing
   * and few callers ask.
   */
  get frozenLines(): readonly FieldLine[] {
    if (!this.#isFrozen) {
      for (const line of this.lines) Object.freeze(line);
      Object.freeze(this.lines);
      this.#isFrozen = true;
    }
    return this.lines;
  }

  /** Whether there is a line of that name, given in lower case. */
  has(name: string): boolean {
    return this.lines.some((line) => isNamed(line, name));
  }

  /**
   * The combined value of a field: its lines joined by commas (RFC 9110 §5.3).
   */
  get(name: string): string | undefined {
    let joined: string | undefined;
    for (const line of this.lines) {
      if (!isNamed(line, name)) continue;
      joined = joined === undefined ? line[1] : `${joined}, ${line[1]}`;
    }
    return joined;
  }
}

function isNamed([own]: FieldLine, name: string): boolean {
  return own.length === name.length && own.toLowerCase() === name;
}

/**
 * RFC 6265 §5.4 sends one line of cookies, separated by semicolons; several
 * lines mean the same (RFC 9113 §8.2.3).
 */
function withOneCookie(lines: readonly FieldLine[]): readonly FieldLine[] {
  const cookies = lines.filter((line) => isNamed(line, "cookie"));
  if (cookies.length < 2) return lines;
  const value = cookies.map(([, value]) => value).join("; ");
  const others = lines.filter((line) => !cookies.includes(line));
  return [...others, [cookies[0][0], value]];
}

/**
 * Parses a section, which may arrive in pieces. A line is checked when its end
 * arrives, and an octet that no line can hold at once: the refusal does not
 * depend on how the octets were cut.
 */
export class SectionParser implements Parser<FieldSection> {
  #limits: Limits;
  /** Where the name and the value of each complete line start and end. */
  #bounds: number[] = [];
  #lineStart = 0;
  /** -1 until the name has ended. */
  #nameEnd = -1;
  taken = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  parse(
    octets: Uint8Array,
    start: number,
    end: number,
  ): FieldSection | undefined {
    const most = start + this.#limits.fieldSection;
    const stop = Math.min(end, most + 1);
    let at = start + this.taken;
    for (;;) {
      if (this.#nameEnd < 0) {
        while (at < stop && TCHAR[octets[at]] === 1) at++;
        if (at < stop) this.#nameEnd = at - start;
      }
      while (at < stop && FIELD_OCTET[octets[at]] === 1) at++;
      this.taken = at - start;
      if (at > most) throw this.#tooLong();
      if (!endsLine(octets, at, end)) return undefined;
      if (this.taken === this.#lineStart) return this.#finish(octets, start);
      // Its line end counts, that of the empty line does not.
      if (at + 2 > most) throw this.#tooLong();
      this.#endLine(octets, start);
      at += 2;
    }
  }

  /** Checks the line that ends here. */
  #endLine(octets: Uint8Array, start: number): void {
    const { fieldCount } = this.#limits;
    const lineStart = start + this.#lineStart;
    const nameEnd = start + this.#nameEnd;
    if (nameEnd === lineStart || octets[nameEnd] !== COLON) {
      throw badFieldName(octets, lineStart, nameEnd);
    }
    if (this.#bounds.length === 4 * fieldCount) {
      throw new ProtocolError(431, `There are more than ${fieldCount} fields`);
    }
    let from = nameEnd + 1;
    let to = start + this.taken;
    while (from < to && isWhitespace(octets[from])) from++;
    while (to > from && isWhitespace(octets[to - 1])) to--;
    this.#bounds.push(this.#lineStart, this.#nameEnd, from - start, to - start);
    this.taken += 2;
    this.#lineStart = this.taken;
    this.#nameEnd = -1;
  }

  #finish(octets: Uint8Array, start: number): FieldSection {
    const text = decodeLatin1(octets, start, start + this.taken);
    const bounds = this.#bounds;
    const lines: FieldLine[] = [];
    for (let at = 0; at < bounds.length; at += 4) {
      lines.push([
        text.slice(bounds[at], bounds[at + 1]),
        text.slice(bounds[at + 2], bounds[at + 3]),
      ]);
    }
    this.taken += 2;
    return new FieldSection(lines);
  }

  #tooLong(): ProtocolError {
    const { fieldSection } = this.#limits;
    return new ProtocolError(
      431,
      `The fields are longer than ${fieldSection} octets`,
    );
  }
}

/** Encodes a section, including its empty line. */
export function encodeFieldSection(fields: Iterable<FieldLine>): string {
  return encodeFieldLines(fields) + "\r\n";
}

/**
 * Encodes field lines, one character for each octet. Throws a TypeError for a
 * field that would be read as another, or as two.
 */
export function encodeFieldLines(fields: Iterable<FieldLine>): string {
  let lines = "";
  for (const [name, value] of fields) {
    if (!TOKEN.test(name) || !FIELD_VALUE.test(value)) {
      throw new TypeError(
        `Cannot send field ${
          JSON.stringify(name)
        }: its name or value is invalid`,
      );
    }
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

/** The error for a line whose name ends, or is missing, at `at`. */
function badFieldName(octets: Uint8Array, start: number, at: number) {
  if (at === start && isWhitespace(octets[at])) {
    return new ProtocolError(
      400,
      "A field line must not begin with whitespace (RFC 9112 §5.2)",
    );
  }
  if (isWhitespace(octets[at])) {
    return new ProtocolError(
      400,
      "No whitespace is allowed before the colon of a field (RFC 9112 §5.1)",
    );
  }
  return new ProtocolError(
    400,
    "A field line must be a name, a colon and a value (RFC 9112 §5)",
  );
}
