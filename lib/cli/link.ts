/**
 * `sluice link PATH --for TIME`: prints the path of a URL that reads one file, or
 * with `--upload` receives it, without a login.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { SignedLinks } from "../access/signed_links.ts";
import { fileNames } from "../files/file_path.ts";
import { quoted, StartError, UsageError } from "./messages.ts";
import { parsePrefix } from "./option_values.ts";
import { obtain } from "./permissions.ts";
import { SigningKeys, storedKeys } from "./signing_keys.ts";

const USAGE = "write sluice link PATH --for 2h [--upload] " +
  "[--directory DIR | --key-file FILE] [--prefix PATH]";

// time = 1*4DIGIT ( "m" / "h" / "d" )
const timePattern = /^(?<count>[1-9]\d{0,3})(?<unit>[mhd])$/;

const secondsOf = { m: 60, h: 3600, d: 86_400 };

/** What a link is for. */
export interface LinkOptions {
  /** The names of the file's path. */
  names: string[];
  /** The served directory, whose server signs. */
  directory: string;
  /** The keys of the server, if they are not in the directory. */
  keyFile?: string;
  /** How long it holds. */
  seconds: number;
  right: "read" | "write";
  /** The path of everything that the server serves. */
  prefix: string;
}

/** Understands the arguments. Throws a UsageError that says what to type. */
export function parseLink(args: readonly string[]): LinkOptions {
  const strangers: string[] = [];
  const { _: paths, ...options } = parseArgs([...args], {
    string: ["for", "directory", "key-file", "prefix", "_"],
    boolean: ["upload"],
    default: { directory: "./public", prefix: "off" },
    unknown: (argument) => {
      if (argument.startsWith("-")) strangers.push(argument);
      return !argument.startsWith("-");
    },
  });
  if (strangers.length > 0 || paths.length !== 1 || !options.for) {
    throw new UsageError(`Cannot make a link: ${USAGE}`);
  }
  return {
    names: namesOf(String(paths[0])),
    directory: options.directory,
    keyFile: options["key-file"],
    seconds: secondsIn(options.for),
    right: options.upload ? "write" : "read",
    prefix: prefixOf(options.prefix),
  };
}

/** Prints a link. Throws as {@linkcode parseLink}, or a StartError. */
export async function printLink(args: readonly string[]): Promise<void> {
  const { names, seconds, right, prefix, ...place } = parseLink(args);
  const expires = Math.floor(Date.now() / 1000) + seconds;
  const keys = await keysOf(place);
  const links = new SignedLinks(() => keys);
  const query = links.sign({ right, names }, expires);
  const path = names.map(encodeURIComponent).join("/");
  console.log(`${prefix}/files/${path}?${query}`);
}

async function keysOf(
  { keyFile, directory }: Pick<LinkOptions, "keyFile" | "directory">,
): Promise<readonly Uint8Array[]> {
  return keyFile === undefined
    ? storedKeys(await realDirectory(directory))
    : (await SigningKeys.ofFile(keyFile)).current();
}

function namesOf(path: string): string[] {
  const names = path.replace(/^\//, "").split("/");
  try {
    return fileNames(names.map(encodeURIComponent).join("/"), "write");
  } catch {
    throw new UsageError(
      `Cannot make a link to ${quoted(path)}: name a file as below /files, ` +
        "such as notes/a.txt",
    );
  }
}

function prefixOf(text: string): string {
  try {
    return parsePrefix(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(
      `Cannot use --prefix: got ${quoted(text)}, ${error.message}`,
    );
  }
}

function secondsIn(text: string): number {
  const { count, unit } = timePattern.exec(text)?.groups ?? {};
  if (count === undefined) {
    throw new UsageError(
      `Cannot use --for: got ${quoted(text)}, write a time such as 30m, 2h ` +
        "or 7d",
    );
  }
  return Number(count) * secondsOf[unit as keyof typeof secondsOf];
}

async function realDirectory(path: string): Promise<string> {
  const advice = await obtain({ name: "read", path });
  if (advice) {
    throw new StartError(`Cannot make a link: not allowed, ${advice}`);
  }
  return await Deno.realPath(path).catch(() => path);
}
