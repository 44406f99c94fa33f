/**
 * Any value goes in; one line of JSON comes out that is safe on a terminal and
 * in a log, whoever chose the value. It does not know where the line goes.
 *
 * @module
 */

/**
 * `JSON.stringify` escapes quotes, backslashes and C0 controls. It leaves DEL,
 * the C1 controls (U+009B starts an escape sequence as ESC [ does), and the
 * invisible characters that turn the direction or the line.
 */
export function quoted(value: unknown): string {
  // Most text is plain, and to look for all the rest in it takes its time.
  if (typeof value === "string" && PLAIN.test(value)) return `"${value}"`;
  return JSON.stringify(value).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escapeUnits);
}

/** Printable ASCII but for the quote and the backslash. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A character past U+FFFF is two units, and JSON wants an escape for each. */
function escapeUnits(character: string): string {
  let escaped = "";
  for (let index = 0; index < character.length; index++) {
    const unit = character.charCodeAt(index).toString(16).padStart(4, "0");
    escaped += `\\u${unit}`;
  }
  return escaped;
}
