/**
 * Parses `--listen`: the places to listen besides a host and port. It opens
 * nothing.
 *
 * @module
 */

import { UsageError } from "./messages.ts";

/** A Unix socket of a path and mode, or a socket that is open already. */
export type ListenAddress =
  | { path: string; mode?: number }
  | { descriptor: number };

const addressPattern =
  /^(?:fd:(?<descriptor>\d{1,6})|unix:(?<path>\/[^,\p{C}]+)(?:,mode=(?<mode>[0-7]{3}))?)$/u;

/** Descriptors below it are the standard input, output and error. */
const FIRST_DESCRIPTOR = 3;

/** Undefined for `tcp`: a host and port. */
export function parseListen(text: string): ListenAddress | undefined {
  if (text === "tcp") return undefined;
  const { descriptor, path, mode } = addressPattern.exec(text)?.groups ?? {};
  if (Number(descriptor) >= FIRST_DESCRIPTOR) {
    return { descriptor: Number(descriptor) };
  }
  if (path === undefined) {
    throw new UsageError(
      "write unix:/a/path, unix:/a/path,mode=660, or fd:3 and up",
    );
  }
  return { path, mode: mode === undefined ? undefined : parseInt(mode, 8) };
}
