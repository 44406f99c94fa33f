/**
 * Parses the text of an option, or throws a UsageError whose message is the
 * advice at the end of the full message. It does not know which option it is.
 *
 * @module
 */

import { authorityOf, hostOf } from "../authority.ts";
import type { ResourcePolicy } from "../files/mod.ts";
import { lineOf, type LogFormat } from "./log_lines.ts";
import { type LogLevel, logLevels, UsageError } from "./messages.ts";

/** Parses a whole number within a range. */
export function parseCount(
  text: string,
  least: number,
  most = Infinity,
): number {
  const count = Number(text);
  // The RegExp first: Number("0x10") is 16 and parseInt("5abc") is 5.
  if (
    !/^\d+$/.test(text) || count < least || count > most ||
    !Number.isSafeInteger(count)
  ) {
    const range = most === Infinity
      ? `of at least ${least}`
      : `from ${least} to ${most}`;
    throw new UsageError(`write a whole number ${range}`);
  }
  return count;
}

/** More would be a mistake: the largest machines have fewer cores. */
const MOST_WORKERS = 1024;

/** A number of processes, or `auto` for one on each core. */
export function parseWorkers(text: string): number | "auto" {
  if (text === "auto") return text;
  try {
    return parseCount(text, 1, MOST_WORKERS);
  } catch {
    throw new UsageError(
      `write a whole number from 1 to ${MOST_WORKERS}, or auto`,
    );
  }
}

// size = 1*DIGIT [ ( "k" / "m" / "g" ) [ "i" ] ] [ "b" ], in either case.
// The multiples are binary, so 1k, 1KB and 1KiB are all 1024.
const sizePattern = /^(?<count>\d+)(?:(?<unit>[kmg])i?)?b?$/i;

const octetsOf = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** Parses `65536`, `64k`, `20m` or `1g`; throws a UsageError with advice. */
export function parseSize(text: string): number {
  const { count, unit } = sizePattern.exec(text)?.groups ?? {};
  if (count === undefined) {
    throw new UsageError("write a size such as 65536, 64k, 20m or 1g");
  }
  const multiple = unit
    ? octetsOf[unit.toLowerCase() as keyof typeof octetsOf]
    : 1;
  const octets = Number(count) * multiple;
  if (!Number.isSafeInteger(octets)) {
    throw new UsageError("write a smaller size");
  }
  return octets;
}

/** A size; undefined for `off`. */
export function parseBound(text: string): number | undefined {
  if (text === "off") return undefined;
  try {
    return parseSize(text);
  } catch (error) {
    throw error instanceof UsageError
      ? new UsageError(`${error.message}, or off`)
      : error;
  }
}

// duration = 1*DIGIT ( "ms" / "s" / "m" )
const durationPattern = /^(?<count>\d+)(?<unit>ms|s|m)$/;

const millisecondsOf = { ms: 1, s: 1000, m: 60_000 };

/** Parses `500ms`, `30s` or `2m`; throws a UsageError with advice. */
export function parseDuration(text: string): number {
  if (/^\d+$/.test(text)) {
    throw new UsageError(`add a unit, such as ${text}s or ${text}ms`);
  }
  const { count, unit } = durationPattern.exec(text)?.groups ?? {};
  if (count === undefined) {
    throw new UsageError("write a duration such as 500ms, 30s or 2m");
  }
  const milliseconds = Number(count) *
    millisecondsOf[unit as keyof typeof millisecondsOf];
  if (!Number.isSafeInteger(milliseconds)) {
    throw new UsageError("write a shorter duration");
  }
  return milliseconds;
}

/** Undefined where it depends on how the command was started. */
export function parseDrainDelay(text: string): number | undefined {
  return text === "auto" ? undefined : parseDuration(text);
}

/** A timeout of zero would refuse every client. */
export function parseTimeout(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === 0) throw new UsageError("write at least 1ms");
  return milliseconds;
}

// RFC 1123 §2.1, but laxer on the place of hyphens. It also matches IPv4
// addresses.
const hostName = /^(?=.{1,253}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/i;

/** A host name or an IP address: no port, no brackets, no URL. */
export function parseHost(text: string): string {
  const isHost = text.includes(":")
    ? URL.canParse(`http://[${text}]/`)
    : hostName.test(text) && URL.canParse(`http://${text}/`);
  if (!isHost) {
    throw new UsageError(
      "write a host name or an IP address, such as 127.0.0.1 or ::1",
    );
  }
  return text;
}

// The brackets are those of an IPv6 address.
const address = /^(?:\[(?<ipv6>[\da-f:.]+)\]|(?<host>[^:[\]]+)):(?<port>\d+)$/i;

/** `HOST:PORT`; undefined for `off`. */
export function parseAddress(
  text: string,
): { hostname: string; port: number } | undefined {
  if (text === "off") return undefined;
  const { ipv6, host = ipv6, port = "" } = address.exec(text)?.groups ?? {};
  try {
    if (ipv6 && !ipv6.includes(":")) throw new UsageError("no IPv6 address");
    return {
      hostname: parseHost(host ?? ""),
      port: parseCount(port, 0, 65_535),
    };
  } catch {
    throw new UsageError(
      "write an address and a port, such as 127.0.0.1:9090, or off",
    );
  }
}

/** A host as in a URL, or `*`. */
export function parseAllowedHost(text: string): string {
  if (text === "*") return text;
  try {
    const authority = authorityOf({ hostname: parseHost(text), port: 80 });
    return hostOf(new URL(`http://${authority}`).href);
  } catch {
    throw new UsageError(
      "write only a host name, such as files.example.org, or * for all",
    );
  }
}

// segment = 1*( ALPHA / DIGIT / "-" / "_" / "~" ) as no link has to encode it,
// and no dot, so that none is `..`.
const prefix = /^(?:\/[\w~-]+)+$/;

/** A path without `/` at its end; empty for `off`. */
export function parsePrefix(text: string): string {
  if (text === "off") return "";
  const path = text.replace(/\/$/, "");
  if (prefix.test(path)) return path;
  throw new UsageError(
    "write a path of letters, digits, - and _, such as /sub, or off",
  );
}

export function parseResourcePolicy(text: string): ResourcePolicy {
  if (
    text !== "same-origin" && text !== "same-site" && text !== "cross-origin"
  ) {
    throw new UsageError("write same-origin, same-site or cross-origin");
  }
  return text;
}

export function parseLog(text: string): LogFormat | "off" {
  if (text !== "off" && !Object.hasOwn(lineOf, text)) {
    throw new UsageError("write text, json, combined or off");
  }
  return text as LogFormat | "off";
}

export function parseLogLevel(text: string): LogLevel {
  const level = logLevels.find((each) => each === text);
  if (level) return level;
  throw new UsageError("write error, warn, info or debug");
}

/** A whole number, or `off` for no limit. */
export function parseLimit(text: string): number {
  if (text === "off") return Infinity;
  try {
    return parseCount(text, 1);
  } catch {
    throw new UsageError("write a whole number of at least 1, or off");
  }
}

/** The path of a file; undefined for `off`, a file of that name is `./off`. */
export function parseFile(text: string): string | undefined {
  return text === "off" ? undefined : text;
}

/** Undefined for the standard output; a file of that name is `./stdout`. */
export function parseLogFile(text: string): string | undefined {
  return text === "stdout" ? undefined : text;
}
