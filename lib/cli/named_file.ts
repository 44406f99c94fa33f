/**
 * What holds for each file that an option names: Deno has to allow it, and
 * clients must not reach it. It does not know what the file says.
 *
 * @module
 */

import { SEPARATOR } from "../files/file_path.ts";
import { quoted, StartError } from "./messages.ts";
import { obtain } from "./permissions.ts";

/** Obtains the permission to read it, or throws a StartError. */
export async function obtainFile(option: string, path: string): Promise<void> {
  const advice = await obtain({ name: "read", path });
  if (!advice) return;
  throw new StartError(`Cannot use ${option}: not allowed, ${advice}`);
}

/**
 * Throws a StartError if it is among the served files: clients could read what
 * is secret, and who may write could replace it.
 *
 * @param directory The served one: absolute, without links.
 */
export async function refuseServed(
  option: string,
  path: string,
  directory: string,
): Promise<void> {
  const action = `Cannot use ${option}: ${quoted(path)}`;
  const real = await Deno.realPath(path).catch(() => undefined);
  if (real === undefined) {
    throw new StartError(`${action} is a link, name its target instead`);
  }
  if (!real.startsWith(directory.replace(/[/\\]$/, "") + SEPARATOR)) return;
  throw new StartError(`${action} is among the served files, move it out`);
}
