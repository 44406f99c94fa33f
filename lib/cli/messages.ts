/**
 * Messages of the command on the terminal: errors that stop it, one class for
 * each thing to do next; any value as text that is safe to print; and writing
 * to the standard error.
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
 * `JSON.stringify` escapes quotes, backslashes and C0 controls. It does not
 * escape DEL, the C1 controls (U+009B starts an escape sequence as ESC [ does),
 * and the invisible characters that change direction or break lines; this does.
 */
export function quoted(value: unknown): string {
  // Most text is plain, and searching it for all the rest is slow.
  if (typeof value === "string" && PLAIN.test(value)) return `"${value}"`;
  return JSON.stringify(value).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escapeUnits);
}

/** The message of whatever was thrown, safe at a terminal. */
export function messageOf(error: unknown): string {
  return quoted(error instanceof Error ? error.message : String(error));
}

/** The sentence of a start that failed, or the message of anything else. */
export function reasonOf(error: unknown): string {
  return error instanceof UsageError || error instanceof StartError
    ? error.message
    : messageOf(error);
}

/** Printable ASCII except the quote and the backslash. */
export const PLAIN = /^[ !#-[\]-~]*$/;

/** A character past U+FFFF is two units, and JSON needs an escape for each. */
function escapeUnits(character: string): string {
  let escaped = "";
  for (let index = 0; index < character.length; index++) {
    const unit = character.charCodeAt(index).toString(16).padStart(4, "0");
    escaped += `\\u${unit}`;
  }
  return escaped;
}

/** How urgent a message is. Those of a level are shown at each later one, too. */
export type LogLevel = "error" | "warn" | "info" | "debug";

/** The most urgent first. */
export const logLevels: readonly LogLevel[] = [
  "error",
  "warn",
  "info",
  "debug",
];

let level: LogLevel = "info";

/** From now on only messages of this level or a more urgent one are shown. */
export function setLogLevel(least: LogLevel): void {
  level = least;
}

function isShown(urgency: LogLevel): boolean {
  return logLevels.indexOf(urgency) <= logLevels.indexOf(level);
}

/**
 * Writes a message; one that cannot be written is no reason to stop serving.
 */
export function tell(message: string, urgency: LogLevel = "info"): void {
  if (!isShown(urgency)) return;
  try {
    console.error(message);
  } catch {
    // The disk behind the standard error may be full.
  }
}

/** Messages that wait for a reader of the standard error; others are dropped. */
const MOST_WAITING = 1000;

let waiting = 0;

/**
 * The same while serving: `console.error` would block all requests if the
 * standard error is a full pipe.
 */
export async function tellInPassing(
  message: string,
  urgency: LogLevel = "info",
): Promise<void> {
  if (!isShown(urgency) || waiting >= MOST_WAITING) return;
  waiting++;
  try {
    await Deno.stderr.write(new TextEncoder().encode(`${message}\n`));
  } catch {
    // As above.
  } finally {
    waiting--;
  }
}
