/**
 * Opens the log that the options ask for.
 *
 * @module
 */

import { AccessLog } from "./access_log.ts";
import { LogFile } from "./log_file.ts";
import { quoted, tellInPassing } from "./messages.ts";
import type { Options } from "./options.ts";

/** Opens the file of `--log-file`; undefined if there is none to write to. */
export async function openLogFile(
  { log, "log-file": path }: Options,
): Promise<LogFile | undefined> {
  if (log === "off" || path === undefined) return undefined;
  return await LogFile.open(path);
}

/**
 * Makes the log of exchanges; undefined if it is off.
 *
 * @param output Where lines go. Default: the standard output.
 */
export function openLog(
  format: Options["log"],
  output: WritableStream<Uint8Array> | undefined,
): AccessLog | undefined {
  if (format === "off") return undefined;
  return new AccessLog(format, {
    output,
    onFailure: (error) =>
      tellInPassing(`The log is off: ${quoted(String(error))}`, "error"),
  });
}
