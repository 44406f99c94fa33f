/**
 * Parses the arguments of the command, or throws a UsageError that says how to
 * write them. Parsing, the help text and the advice all come from the tables in
 * this file. It touches nothing outside its arguments.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { defaultLimits, defaultTimeouts } from "../limits.ts";
import { refuseOpenAccess } from "./access_options.ts";
import { parseCache, parseField, parseOrigin } from "./field_options.ts";
import { parseListen } from "./listen_address.ts";
import { quoted, UsageError } from "./messages.ts";
import { refuseConflicts } from "./option_conflicts.ts";
import {
  inLong,
  type OptionNames,
  refuseMisread,
  refuseUnknown,
  shortOptions,
} from "./option_spelling.ts";
import {
  parseAddress,
  parseAllowedHost,
  parseBound,
  parseCount,
  parseDrainDelay,
  parseDuration,
  parseFile,
  parseHost,
  parseLimit,
  parseLog,
  parseLogFile,
  parseLogLevel,
  parsePrefix,
  parseResourcePolicy,
  parseSize,
  parseTimeout,
  parseWorkers,
} from "./option_values.ts";
import { refuseHalfTls, tlsOptions } from "./tls_options.ts";

interface Option {
  placeholder: string;
  fallback: string;
  /** A value to show where one is missing. Default: the fallback. */
  example?: string;
  meaning: string;
  /**
   * Throws a UsageError whose message is the advice at the end of the full
   * message.
   */
  parse(text: string): unknown;
}

const options = {
  "directory": {
    placeholder: "DIR",
    fallback: "./public",
    meaning: "Serve and receive the files in DIR",
    parse: (text: string) => text,
  },
  "port": {
    placeholder: "N",
    fallback: "4221",
    meaning: "Listen on port N; 0 picks a free one",
    parse: (text: string) => parseCount(text, 0, 65_535),
  },
  "host": {
    placeholder: "ADDR",
    fallback: "127.0.0.1",
    meaning: "Listen on ADDR; 0.0.0.0 means all",
    parse: parseHost,
  },
  "listen": {
    placeholder: "WHERE",
    fallback: "tcp",
    meaning: "Or on unix:PATH[,mode=660], or socket fd:N",
    parse: parseListen,
  },
  "workers": {
    placeholder: "N",
    fallback: "1",
    meaning: "Serve by N processes; auto is one per core",
    parse: parseWorkers,
  },
  "max-connections": {
    placeholder: "N",
    fallback: String(defaultLimits.connections),
    meaning: "Serve at most N connections at once",
    parse: (text: string) => parseCount(text, 1),
  },
  "limit-connections": {
    placeholder: "N",
    fallback: "off",
    meaning: "Serve at most N connections of one client",
    parse: parseLimit,
  },
  "limit-rate": {
    placeholder: "N",
    fallback: "off",
    meaning: "Answer at most N requests/s of one client",
    parse: parseLimit,
  },
  "max-body": {
    placeholder: "SIZE",
    fallback: "1g",
    meaning: "Accept at most SIZE in one request",
    parse: parseSize,
  },
  "max-uploads": {
    placeholder: "N",
    fallback: "1000",
    meaning: "Keep at most N unfinished uploads",
    parse: (text: string) => parseCount(text, 1),
  },
  "max-upload-space": {
    placeholder: "SIZE",
    fallback: "16g",
    meaning: "Keep at most SIZE of unfinished uploads",
    parse: parseSize,
  },
  "max-total": {
    placeholder: "SIZE",
    fallback: "off",
    meaning: "Keep at most SIZE of all files and uploads",
    parse: parseBound,
  },
  "keep-free": {
    placeholder: "SIZE",
    fallback: "off",
    meaning: "Leave at least SIZE of the disk free",
    parse: parseBound,
  },
  "idle-timeout": {
    placeholder: "TIME",
    fallback: inSeconds(defaultTimeouts.idle),
    meaning: "Close a connection without a request after TIME",
    parse: parseTimeout,
  },
  "head-timeout": {
    placeholder: "TIME",
    fallback: inSeconds(defaultTimeouts.head),
    meaning: "Receive the head of a request within TIME",
    parse: parseTimeout,
  },
  "content-timeout": {
    placeholder: "TIME",
    fallback: inSeconds(defaultTimeouts.content),
    meaning: "Wait at most TIME for request content",
    parse: parseTimeout,
  },
  "write-timeout": {
    placeholder: "TIME",
    fallback: inSeconds(defaultTimeouts.write),
    meaning: "Wait at most TIME for a client to read",
    parse: parseTimeout,
  },
  "shutdown-timeout": {
    placeholder: "TIME",
    fallback: inSeconds(defaultTimeouts.shutdown),
    meaning: "Finish running requests within TIME",
    parse: parseDuration,
  },
  "drain-delay": {
    placeholder: "TIME",
    fallback: "auto",
    meaning: "Take new requests for TIME after a signal",
    parse: parseDrainDelay,
  },
  "prefix": {
    placeholder: "PATH",
    fallback: "off",
    meaning: "Serve below PATH, which a proxy passes on: /sub",
    parse: parsePrefix,
  },
  "resource-policy": {
    placeholder: "NAME",
    fallback: "same-origin",
    meaning: "Which pages may load the files",
    parse: parseResourcePolicy,
  },
  "cache": {
    placeholder: "TIME",
    fallback: "off",
    meaning: "Let caches use files for TIME: 1h, 9d,immutable",
    parse: parseCache,
  },
  "log": {
    placeholder: "FORMAT",
    fallback: "text",
    meaning: "Log exchanges: text, json, combined or off",
    parse: parseLog,
  },
  "log-file": {
    placeholder: "FILE",
    fallback: "stdout",
    meaning: "Log to FILE, which SIGHUP opens again",
    parse: parseLogFile,
  },
  "log-level": {
    placeholder: "LEVEL",
    fallback: "info",
    meaning: "Show messages up to error, warn, info or debug",
    parse: parseLogLevel,
  },
  "auth": {
    placeholder: "FILE",
    fallback: "off",
    meaning: "Let in only the users of FILE",
    parse: parseFile,
  },
  "key-file": {
    placeholder: "FILE",
    fallback: "off",
    meaning: "Sign logins and links by the keys of FILE",
    parse: parseFile,
  },
  ...tlsOptions,
  "admin": {
    placeholder: "HOST:PORT",
    fallback: "off",
    meaning: "Tell metrics and health on HOST:PORT",
    parse: parseAddress,
  },
} satisfies Record<string, Option>;

/** Options that may be given more than once. */
const lists = {
  "allow-host": {
    placeholder: "NAME",
    fallback: "localhost",
    meaning: "Also answer for host NAME; * means all",
    parse: parseAllowedHost,
  },
  "trust-proxy": {
    placeholder: "CIDR",
    fallback: "nobody",
    meaning: "Trust what proxies at CIDR say of clients",
    parse: (text: string) => text,
  },
  "hide": {
    placeholder: "PATTERN",
    fallback: "nothing",
    example: "'*.key'",
    meaning: "Hide names like *.key, or paths like /a/b",
    parse: (text: string) => text,
  },
  "header": {
    placeholder: "FIELD",
    fallback: "none",
    example: "'X-Robots-Tag: noindex'",
    meaning: "Send 'Name: value', or '/path Name: value'",
    parse: parseField,
  },
  "cors": {
    placeholder: "[ORIGIN]",
    fallback: "off",
    example: "https://app.example.org",
    meaning: "Let pages of ORIGIN use files, or all read",
    parse: parseOrigin,
  },
} satisfies Record<string, Option>;

const flags = {
  "proxy-protocol": "Expect a PROXY header from trusted proxies",
  "delete": "Let clients delete and move files",
  "password": "Let in only those who have a password for this run",
  "public-read": "Let anyone read, and only users write",
  "tls-self-signed": "Speak HTTPS with a certificate made for this run",
  "index": "Answer a directory with its index.html",
  "read-only": "Serve files and receive none",
  "upload-only": "Receive new files; show, send and replace none",
  "no-listing": "Serve each file by its name, and no lists",
  "site": "Serve DIR as a static site, read only",
  "spa": "The same, with one page for all paths",
  "xray": "Show the traffic at /xray",
  "learn": "Learn HTTP at /xray, by lessons in ./sluice-lessons",
  "request-id": "Give each request an id: in the log and the answer",
  "help": "Show this text",
  "version": "Show the version",
};

/** Where lessons store files if no folder is named: not where files are. */
const LESSONS_FOLDER = "./sluice-lessons";

/** The value of each option and flag, by name. */
export type Options =
  & {
    [Name in keyof typeof options]: ReturnType<(typeof options)[Name]["parse"]>;
  }
  & {
    [Name in keyof typeof lists]: ReturnType<(typeof lists)[Name]["parse"]>[];
  }
  & { [Name in keyof typeof flags]: boolean };

const valued: Record<string, Option> = { ...options, ...lists };
const valuedNames = Object.keys(valued);
const flagNames = Object.keys(flags);
const names: OptionNames = { valued: valuedNames, flags: flagNames };

/** Parses the arguments; throws a {@linkcode UsageError} for a wrong one. */
export function parseOptions(args: string[]): Options {
  const words = inLong(args);
  refuseMisread(words, names);
  const strangers: string[] = [];
  const folders: string[] = [];
  const given = parseArgs(words, {
    string: valuedNames,
    boolean: flagNames,
    collect: [...valuedNames, ...flagNames],
    unknown: (argument: string, key?: string) => {
      (key === undefined ? folders : strangers).push(argument);
      return false;
    },
  }) as Record<string, unknown[]>;
  for (const [name, option] of Object.entries(valued)) {
    refuseEmpty(name, option, given[name]);
  }
  for (const argument of strangers) refuseUnknown(argument, names);
  const folder = onlyFolder([...folders, ...given._.map(String)], given);
  if (folder !== undefined) given.directory = [folder];

  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries<Option>(options)) {
    values[name] = parseOption(name, option, given[name].at(-1) as string);
  }
  for (const [name, option] of Object.entries<Option>(lists)) {
    const texts = given[name] as string[];
    values[name] = texts.map((text) => parseOption(name, option, text));
  }
  for (const name of flagNames) values[name] = given[name].length > 0;
  if (values.learn) {
    values.xray = true;
    if (given.directory.length === 0) values.directory = LESSONS_FOLDER;
  }
  refuseConflicts(values as Options, given);
  refuseOpenAccess(values as Options);
  refuseHalfTls(values as Options);
  return values as Options;
}

/** The text that `--help` shows. */
export function helpText(version: string): string {
  const lines = Object.entries(valued).map(([name, option]) =>
    helpLine(
      `${signOf(name)} ${option.placeholder}`,
      `${option.meaning} (${option.fallback})`,
    )
  );
  const flagLines = Object.entries(flags).map(([name, meaning]) =>
    helpLine(signOf(name), meaning)
  );
  return `Sluice ${version} serves and receives files over HTTP/1.1

Usage:
  sluice [DIR] [options]
  deno run --allow-net --allow-read=./public --allow-write=./public \\
    main.ts --directory ./public

Options, with their defaults:
${[...lines, ...flagLines].join("\n")}

DIR alone is short for --directory DIR. Of an option that is given twice, the
last one counts.
SIZE is in octets or has a unit: 64k, 20m, 1g. TIME has a unit: 500ms, 30s, 2m.
--drain-delay auto means 5s if a load balancer has asked for /-/ready, and 0s if
none has, or if the command was started on a terminal.
--allow-host, --trust-proxy, --hide, --header and --cors may be repeated.
Without --allow-host, a server that the network can reach answers for any host.
Without --allow-write, it serves files but receives none.
"sluice passwd NAME" asks for a password and prints a line for --auth FILE.
"sluice link PATH --for 2h [--upload]" prints a link that needs no login.`;
}

/** How an option is written: `--port`, or `-p, --port`. */
function signOf(name: string): string {
  const short = Object.keys(shortOptions)
    .find((each) => shortOptions[each] === name);
  return short ? `${short}, --${name}` : `--${name}`;
}

function helpLine(left: string, right: string): string {
  return `  ${left.padEnd(25)}${right}`;
}

function parseOption(name: string, option: Option, text?: string): unknown {
  try {
    return option.parse(text ?? option.fallback);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(
      `Cannot use --${name}: got ${quoted(text)}, ${error.message}`,
    );
  }
}

/** The folder that stands for itself, without `--directory`. */
function onlyFolder(
  folders: string[],
  { directory }: Record<string, unknown[]>,
): string | undefined {
  const [folder, another] = folders;
  if (another !== undefined) {
    throw new UsageError(
      `Cannot use ${quoted(another)}: one folder is served, and it is ` +
        `${quoted(folder)}, omit one of them`,
    );
  }
  if (folder !== undefined && directory.length > 0) {
    throw new UsageError(
      `Cannot use ${quoted(folder)}: --directory names the folder, ` +
        "omit one of them",
    );
  }
  if (folder === "") {
    throw new UsageError(
      'Cannot use "": it names no folder, write . for the current one',
    );
  }
  return folder;
}

function refuseEmpty(name: string, option: Option, values: unknown[]) {
  if (!values.includes("")) return;
  const example = `--${name} ${option.example ?? option.fallback}`;
  throw new UsageError(
    `Cannot use --${name}: it needs a value, such as ${example}`,
  );
}

function inSeconds(milliseconds: number): string {
  return `${milliseconds / 1000}s`;
}
