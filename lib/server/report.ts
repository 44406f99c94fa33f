/**
 * What went wrong on this side goes to the standard error.
 *
 * @module
 */

/** Logs an error. A log that can't be written is no reason to stop serving. */
export function report(error: unknown): void {
  try {
    console.error(error);
  } catch {
    // A full disk behind the standard error.
  }
}
