/**
 * The names of directories and of a file that a part of a URL's path spells, or
 * an error for names that would lead elsewhere or are not shown; and a path of
 * names, written as this system writes them. It does not know what is on the
 * disk.
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
import { HttpError } from "../errors.ts";
import { decodePath } from "../router/url_path.ts";
import { noSuchFile, type Purpose } from "./disk_error.ts";

/**
 * Names that a path may have: more than people nest, and few enough that the file
 * system, which walks along all of them for each call, is not kept busy by a
 * request for a path of thousands. Past it 404 to read, 400 to write.
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
 * What becomes of names that start with a dot: `ignore`, a 404, as if there were
 * none; `deny`, a 403 that says that they are reserved; `allow`, what there is, be
 * it a `.env` or a `.git`. The directory `.well-known` is there in any case, what
 * this server keeps of unfinished uploads in none.
 */
export type Dotfiles = "ignore" | "deny" | "allow";

/** Which names there are. */
interface NameRules {
  /** Default: `ignore`. */
  dotfiles?: Dotfiles;
  /** The system whose names they are. Default: this one. */
  os?: string;
}

/**
 * What this server keeps beside the files: unfinished uploads, which no reader
 * gets. In any case, and with the long s, for file systems that fold them.
 */
const ownName = /^\.sluice-/iu;

/**
 * Takes the names out of a path that the URL parser has normalized and whose
 * first `/` is left out, such as `notes/a%20b.txt`.
 *
 * Throws an {@linkcode HttpError}: 400 for what is no percent-encoded UTF-8, for
 * what is no name, and for more than {@linkcode MOST_NAMES}; 403 for a hidden
 * one, which starts with a dot; instead of these 404 when it was to be read, but
 * for the first, and for a hidden one with `dotfiles: "deny"`. The directory
 * `.well-known` is not hidden (RFC 8615 §3).
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
  return names;
}

/** Whether a name, so many directories deep, is one that a reader may see. */
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
