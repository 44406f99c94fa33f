/**
 * Splits a part of a URL's path into names of directories and a file, or
 * refuses names that would lead elsewhere or are hidden; and joins names into a
 * path of this system. It does not know what is on the disk.
 *
 * `@std/path` asks `process` for the system, which takes Deno longer to load
 * than the whole server takes to start. So the functions for each system are
 * imported by name, and chosen here.
 *
 * @module
 */

import { dirname as dirnameOnPosix } from "@std/path/posix/dirname";
import { extname as extnameOnPosix } from "@std/path/posix/extname";
import { join as joinOnPosix } from "@std/path/posix/join";
import { dirname as dirnameOnWindows } from "@std/path/windows/dirname";
import { extname as extnameOnWindows } from "@std/path/windows/extname";
import { join as joinOnWindows } from "@std/path/windows/join";
import { HttpError } from "../errors.ts";
import { decodePath } from "../router/url_path.ts";
import { noSuchFile, type Purpose } from "./disk_error.ts";

/**
 * The most names in a path: more than people nest, and few enough for the file
 * system, which walks all of them in each call. Past it 404 to read, 400 to
 * write.
 */
export const MOST_NAMES = 64;

/** `\` separates names on Windows, and no system has NUL in one. */
const unusable = /[/\\\0]/;

/**
 * Windows: drives and streams, wildcards, dots and spaces that it drops, short
 * names (`HTACCE~1` is `.htaccess`) and devices, which have any extension.
 */
const unusableOnWindows =
  /[<>:"|?*\p{Cc}]|[. ]$|~\d|^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d¹²³]) *(?:\.|$)/iu;

/**
 * How to treat names that start with a dot: `ignore` answers 404, as if they
 * were absent; `deny` answers 403 and says that they are reserved; `allow`
 * serves them, even `.env` and `.git`. The directory `.well-known` is always
 * served, unfinished uploads never are.
 */
export type Dotfiles = "ignore" | "deny" | "allow";

/** Tells whether a path is hidden. */
export interface Hiding {
  /** Whether a path, as its names, is hidden or lies in a hidden directory. */
  hides(names: readonly string[]): boolean;
}

/** The rules for names. */
interface NameRules {
  /** Default: `ignore`. */
  dotfiles?: Dotfiles;
  /** What else is hidden. Default: nothing. */
  hiding?: Hiding;
  /** The system whose names they are. Default: this one. */
  os?: string;
}

/**
 * The server's own files, such as unfinished uploads, which no reader gets. It
 * ignores case and matches the long s, for file systems that fold them.
 */
const ownName = /^\.sluice-/iu;

/**
 * Splits a path into names. The URL parser must have normalized it, and its
 * first `/` is left out: `notes/a%20b.txt`.
 *
 * Throws an {@linkcode HttpError}: 400 if it is not percent-encoded UTF-8, for
 * an invalid name, and for more than {@linkcode MOST_NAMES}; 403 for a hidden
 * path, or a name that starts with a dot. To read, each of these is 404 instead,
 * except for text that is not percent-encoded UTF-8, and for a name that starts
 * with a dot under `dotfiles: "deny"`. The directory `.well-known` is not hidden
 * (RFC 8615 §3).
 */
export function fileNames(
  path: string,
  purpose: Purpose,
  rules: NameRules = {},
): string[] {
  const parts = path.split("/");
  if (parts.length > MOST_NAMES) {
    const message = `The path has more than ${MOST_NAMES} names`;
    throw refusal(purpose, 400, message);
  }
  const names = parts.map(decodePath);
  for (const [index, name] of names.entries()) {
    if (!isUsable(name, rules)) {
      throw refusal(purpose, 400, "A file cannot have this name here");
    }
    if (isHidden(name, index, rules)) {
      const message = "Names that start with a dot are reserved";
      if (rules.dotfiles === "deny") throw new HttpError(403, message);
      throw refusal(purpose, 403, message);
    }
  }
  if (rules.hiding?.hides(names)) {
    throw refusal(purpose, 403, "Names like this are reserved");
  }
  return names;
}

/** Whether readers may see a name at this depth of directories. */
export function mayBeShown(
  name: string,
  depth: number,
  rules: NameRules = {},
): boolean {
  return isUsable(name, rules) && !isHidden(name, depth, rules);
}

function isHidden(name: string, depth: number, { dotfiles }: NameRules) {
  if (!name.startsWith(".")) return false;
  if (dotfiles === "allow") return ownName.test(name);
  return !(depth === 0 && name === ".well-known");
}

function isUsable(name: string, { os = Deno.build.os }: NameRules): boolean {
  return name !== "" && name !== "." && name !== ".." && !unusable.test(name) &&
    !(os === "windows" && unusableOnWindows.test(name));
}

function refusal(
  purpose: Purpose,
  status: number,
  message: string,
): HttpError {
  return purpose === "read" ? noSuchFile() : new HttpError(status, message);
}

const isWindows = Deno.build.os === "windows";

/** The separator between names. */
export const SEPARATOR: string = isWindows ? "\\" : "/";

/** A path without its last name. */
export const dirname: typeof dirnameOnPosix = isWindows
  ? dirnameOnWindows
  : dirnameOnPosix;

/** The end of a name, from its last dot on; empty if there is none. */
export const extname: typeof extnameOnPosix = isWindows
  ? extnameOnWindows
  : extnameOnPosix;

/** Joins names into a path. */
export const join: typeof joinOnPosix = isWindows ? joinOnWindows : joinOnPosix;
