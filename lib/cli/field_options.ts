/**
 * Parses the options that say which fields answers have: `--header`, `--cache`
 * and `--cors`. Throws a UsageError whose message is the advice at the end of
 * the full message.
 *
 * @module
 */

import { UsageError } from "./messages.ts";

/** A field of `--header`. */
export interface GivenField {
  /** The pattern of the paths that it is for; undefined for all. */
  path?: string;
  /** In lower case. */
  name: string;
  value: string;
}

/** How long caches may use a file without asking. */
export interface Caching {
  /** Seconds. */
  maxAge: number;
  /** Whether it never changes under its name. */
  immutable: boolean;
}

// field = [ pattern 1*SP ] field-name ":" OWS field-value OWS, with the names and
// values of RFC 9110 §5.1 and §5.5. A pattern begins with "/", a name cannot.
const given =
  /^(?:(?<path>\/\S*) +)?(?<name>[\w!#$%&'*+.^`|~-]+):[ \t]*(?<value>[^ \t].*)$/;

/** Octets of a value: visible ones, spaces and those beyond ASCII. */
const value = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Fields by which the server frames, names or protects content. Another type
 * could make a page of an uploaded file, with the rights of this server's own.
 */
const ownFields = new Set([
  ...["accept-ranges", "allow", "connection", "content-encoding"],
  ...["content-length", "content-range", "content-type", "date", "etag"],
  ...["keep-alive", "last-modified", "location", "proxy-authenticate"],
  ...["proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"],
  "www-authenticate",
]);

/** Parses `Name: value`, or `/pattern Name: value`. */
export function parseField(text: string): GivenField {
  const groups = given.exec(text)?.groups;
  if (!groups || !value.test(groups.value)) {
    throw new UsageError(
      "write 'Name: value', or '/path/* Name: value' for some paths",
    );
  }
  const name = groups.name.toLowerCase();
  if (name.startsWith("access-control-")) {
    throw new UsageError("write --cors instead, which sets all it takes");
  }
  if (ownFields.has(name)) {
    throw new UsageError("choose another field, the server sets this one");
  }
  return { path: groups.path, name, value: groups.value.trimEnd() };
}

// caching = 1*9DIGIT ( "s" / "m" / "h" / "d" ) [ ",immutable" ]
const caching =
  /^(?<count>[1-9]\d{0,8})(?<unit>[smhd])(?<immutable>,immutable)?$/;

const secondsOf = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Parses `1h` or `365d,immutable`; undefined for `off`. */
export function parseCache(text: string): Caching | undefined {
  if (text === "off") return undefined;
  const { count, unit, immutable } = caching.exec(text)?.groups ?? {};
  if (count === undefined) {
    throw new UsageError("write a time such as 1h or 365d,immutable, or off");
  }
  const maxAge = Number(count) * secondsOf[unit as keyof typeof secondsOf];
  return { maxAge, immutable: immutable !== undefined };
}

// A scheme and an authority without user information (RFC 6454 §6.2).
const origin = /^[a-z][a-z\d+.-]*:\/\/[^/?#@\s]+$/i;

/** An origin as browsers write it, or `*`. */
export function parseOrigin(text: string): string {
  if (text === "*") return text;
  const bare = text.replace(/\/$/, "");
  const url = origin.test(bare) ? URL.parse(bare) : null;
  // That of an extension of a browser is itself, for others it is none.
  if (url) return url.origin === "null" ? bare : url.origin;
  throw new UsageError(
    "write an origin such as https://app.example.org, or * to let all read",
  );
}
