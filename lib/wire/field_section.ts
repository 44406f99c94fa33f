/**
 * Field lines: a header or trailer section (RFC 9112 §5).
 *
 *     field-line = field-name ":" OWS field-value OWS
 *
 * In: the octets of a section, its empty line included. Out: the field lines,
 * in order, with their case, duplicates kept; and back. It judges grammar alone: which
 * fields may come once, or at all, is for those who know their meaning.
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import { isWhitespace } from "../whitespace.ts";
import {
  COLON,
  CR,
  decodeLatin1,
  FIELD_OCTET,
  FIELD_VALUE,
  LF,
  listMembers,
  TCHAR,
  TOKEN,
} from "./grammar.ts";

/** A field's name and value, as received, without the whitespace around. */
export type FieldLine = readonly [name: string, value: string];

/** Field lines in order, to be looked up without regard to case. */
export class FieldSection {
  /** Every field line as it was received. */
  readonly lines: readonly FieldLine[];
  #isFrozen = false;

  /** Makes a section of lines, which must keep to the grammar. */
  constructor(lines: readonly FieldLine[] = []) {
    this.lines = lines;
  }

  /**
   * The lines for who is not to change them: a section may be that of another
   * request as well. To freeze them takes as long as to parse them, and few ask.
   */
  get frozenLines(): readonly FieldLine[] {
    if (!this.#isFrozen) {
      for (const line of this.lines) Object.freeze(line);
      Object.freeze(this.lines);
      this.#isFrozen = true;
    }
    return this.lines;
  }

  /** The value of each line of that name; `name` in lower case. */
  values(name: string): string[] {
    const values = [];
    for (const line of this.lines) {
      if (isNamed(line, name)) values.push(line[1]);
    }
    return values;
  }

  /** Whether there is a line of that name; `name` in lower case. */
  has(name: string): boolean {
    return this.lines.some((line) => isNamed(line, name));
  }

  /** The one value of a field: lines joined by commas (RFC 9110 §5.3). */
  get(name: string): string | undefined {
    let joined: string | undefined;
    for (const line of this.lines) {
      if (!isNamed(line, name)) continue;
      joined = joined === undefined ? line[1] : `${joined}, ${line[1]}`;
    }
    return joined;
  }

  /** The members of a list of tokens, in lower case (RFC 9110 §5.6.1). */
  tokens(name: string): string[] {
    if (!this.has(name)) return [];
    return this.values(name).flatMap(listMembers)
      .filter((member) => member !== "")
      .map((member) => member.toLowerCase());
  }
}

function isNamed([own]: FieldLine, name: string): boolean {
  return own.length === name.length && own.toLowerCase() === name;
}

/** Parses a section, of which `octets` holds all and nothing more. */
export function parseFieldSection(
  octets: Uint8Array,
  fieldCount: number,
): FieldSection {
  const text = decodeLatin1(octets);
  const lines: FieldLine[] = [];
  let at = 0;
  while (octets[at] !== CR) {
    const nameStart = at;
    while (TCHAR[octets[at]]) at++;
    if (at === nameStart || octets[at] !== COLON) {
      throw badFieldName(octets, nameStart, at);
    }
    const name = text.slice(nameStart, at++);

    while (isWhitespace(octets[at])) at++;
    const valueStart = at;
    while (FIELD_OCTET[octets[at]]) at++;
    if (octets[at] !== CR || octets[at + 1] !== LF) {
      throw new ProtocolError(
        400,
        "A field value holds a control character (RFC 9110 §5.5)",
      );
    }
    let valueEnd = at;
    while (valueEnd > valueStart && isWhitespace(octets[valueEnd - 1])) {
      valueEnd--;
    }
    if (lines.length === fieldCount) {
      throw new ProtocolError(431, `There are more than ${fieldCount} fields`);
    }
    lines.push([name, text.slice(valueStart, valueEnd)]);
    at += 2;
  }
  if (octets[at + 1] !== LF) {
    throw new ProtocolError(400, "A CR must be followed by LF (RFC 9112 §2.2)");
  }
  return new FieldSection(lines);
}

/** Encodes a section, its empty line included. */
export function encodeFieldSection(fields: Iterable<FieldLine>): string {
  return encodeFieldLines(fields) + "\r\n";
}

/**
 * Encodes field lines as a character for each octet. A field that would be read
 * as another, or as two, throws a TypeError.
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

/** What is wrong with a line whose name ends, or is missing, at `at`. */
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
