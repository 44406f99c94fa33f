/**
 * What the command says to the person at the terminal: errors that make it
 * stop, one class for each thing to do next; any value as text that is safe
 * there; and the way to the standard error.
 *
 * @module
 */

/** The options are wrong: exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
  readonly exitCode = 2;
}

/** The options are right, but the server cannot start: exit code 1. */
export class StartError extends Error {
  override name = "StartError";
  readonly exitCode = 1;
}

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

/** Writes a message; one that nobody can receive is no reason to stop serving. */
export function tell(message: string): void {
  try {
    console.error(message);
  } catch {
    // A full disk behind the standard error.
  }
}

/**
 * The same while it serves: `console.error` would wait for whoever reads a pipe
 * that is full, and everybody with it.
 */
export async function tellInPassing(message: string): Promise<void> {
  try {
    await Deno.stderr.write(new TextEncoder().encode(`${message}\n`));
  } catch {
    // As above.
  }
}
