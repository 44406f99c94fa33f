/**
 * Paths on the disk, written as this system writes them.
 *
 * `@std/path` asks `process` which system that is, and to make that takes Deno
 * longer than to start all of this server. So it is asked for each system's way
 * by name, and the choice is made here.
 *
 * @module
 */

import { dirname as dirnameOnPosix } from "@std/path/posix/dirname";
import { extname as extnameOnPosix } from "@std/path/posix/extname";
import { join as joinOnPosix } from "@std/path/posix/join";
import { dirname as dirnameOnWindows } from "@std/path/windows/dirname";
import { extname as extnameOnWindows } from "@std/path/windows/extname";
import { join as joinOnWindows } from "@std/path/windows/join";

const isWindows = Deno.build.os === "windows";

/** What stands between the names. */
export const SEPARATOR: string = isWindows ? "\\" : "/";

/** A path without its last name. */
export const dirname: typeof dirnameOnPosix = isWindows
  ? dirnameOnWindows
  : dirnameOnPosix;

/** The end of a name, from its last dot on; empty where it has none. */
export const extname: typeof extnameOnPosix = isWindows
  ? extnameOnWindows
  : extnameOnPosix;

/** The path of what lies below another. */
export const join: typeof joinOnPosix = isWindows ? joinOnWindows : joinOnPosix;
