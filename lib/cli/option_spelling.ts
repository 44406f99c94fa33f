/**
 * How people write options: short, from habit, or nearly right. It knows their
 * names, and not what they mean.
 *
 * @module
 */

import { closestString } from "@std/text/closest-string";
import { quoted, UsageError } from "./messages.ts";

/** The names of options, without `--`. */
export interface OptionNames {
  /** Of those that take a value. */
  valued: readonly string[];
  /** Of those that take none. */
  flags: readonly string[];
}

/** Options of one letter. */
export const shortOptions: Record<string, string> = {
  "-p": "port",
  "-H": "host",
  "-h": "help",
  "-V": "version",
};

/** Options that people type from habit. */
const spellings: Record<string, string> = {
  "-v": "version",
  "-d": "directory",
  "--no-log": "log off",
};

/** Writes each short option in its long form, and `--cors` with its value. */
export function inLong(args: string[]): string[] {
  const end = args.indexOf("--");
  return args.map((argument, at) => {
    if (end !== -1 && at >= end) return argument;
    if (Object.hasOwn(shortOptions, argument)) {
      return `--${shortOptions[argument]}`;
    }
    // A folder may follow, which is no origin.
    const isAlone = argument === "--cors" &&
      !/^\*$|:\/\//.test(args[at + 1] ?? "");
    return isAlone ? "--cors=*" : argument;
  });
}

/**
 * Refuses arguments that `parseArgs` would misread: `--no-log=json` as
 * `--log=json`, and both `--help=no` and `--help false` as `--help`.
 */
export function refuseMisread(args: string[], names: OptionNames): void {
  for (const [index, argument] of args.entries()) {
    if (argument === "--") return;
    const [sign] = argument.split("=");
    if (sign.startsWith("--no-") && !names.flags.includes(sign.slice(2))) {
      refuseUnknown(argument, names);
    }
    for (const name of names.flags) {
      const hasValue = argument.startsWith(`--${name}=`) ||
        argument === `--${name}` && /^(true|false)$/.test(args[index + 1]);
      if (!hasValue) continue;
      throw new UsageError(
        `Cannot use --${name}: it takes no value, write --${name}`,
      );
    }
  }
}

/** Refuses an option that does not exist; names one that may have been meant. */
export function refuseUnknown(argument: string, names: OptionNames): never {
  const [name] = argument.split("=");
  const near = spellings[name] ?? nearestName(name.replace(/^-+/, ""), names);
  const advice = near ? `did you mean --${near}?` : "--help lists them all";
  throw new UsageError(
    `Cannot use ${quoted(name)}: there is no such option, ${advice}`,
  );
}

/**
 * The only name that begins with this, or else one at most two letters away.
 */
function nearestName(
  name: string,
  { valued, flags }: OptionNames,
): string | undefined {
  const names = [...valued, ...flags];
  const longer = names.filter((each) => each.startsWith(name));
  if (longer.length === 1) return longer[0];
  // closestString always finds one. The decoy is two letters away, or one if
  // the name is short, and wins over names that are farther.
  const near = Math.min(2, Math.ceil(name.length / 2));
  const decoy = name + "\0".repeat(near);
  const nearest = closestString(name, [...names, decoy]);
  return nearest === decoy ? undefined : nearest;
}
