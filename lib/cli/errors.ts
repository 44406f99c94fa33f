/**
 * Why the command stops, one class for each thing to do next: correct the
 * options, or change what is around them. The message is a sentence for the
 * person at the terminal.
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
