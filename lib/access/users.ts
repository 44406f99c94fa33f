/**
 * The users of a server, from the lines of a file: `name:hash[:rights]`. It
 * reads no file, and knows no password.
 *
 * rights = rule *( SP rule ); rule = path "=" ( "none" / right *( "," right ) )
 *
 * @module
 */

import { isHash } from "./password_hash.ts";
import { allRights, type Right, Rights, type Rule } from "./rights.ts";

/** A user. */
export interface User {
  readonly name: string;
  /** The hash of the password. */
  readonly hash: string;
  readonly rights: Rights;
}

/** The users, by name. */
export type Users = Pick<ReadonlyMap<string, User>, "get" | "values">;

/** One user with all rights, who may use any name. */
export function anyName(hash: string): Users {
  const rights = new Rights([{ names: [], rights: allRights }]);
  const user = { name: "anyone", hash, rights };
  return { get: () => user, values: () => [user].values() };
}

/** A line is wrong; the message says which, and what to write instead. */
export class UsersError extends Error {
  /** The name of the class. */
  override name = "UsersError";
}

/** Splits a path without its first and last `/` into names, or throws. */
export type SplitPath = (path: string) => string[];

/** What a name must be, so that HTTP Basic and a line can carry it. */
export const namePattern = /^[^:\p{C}]{1,100}$/u;

/**
 * Parses the lines of a file. Empty lines and those that begin with `#` are
 * comments. Throws a {@linkcode UsersError} for the first line that is wrong.
 */
export function parseUsers(text: string, split: SplitPath): Users {
  const users = new Map<string, User>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    try {
      const user = parseUser(line, split);
      if (users.has(user.name)) throw new UsersError("write each name once");
      users.set(user.name, user);
    } catch (error) {
      if (!(error instanceof UsersError)) throw error;
      throw new UsersError(`line ${index + 1}: ${error.message}`);
    }
  }
  if (users.size === 0) {
    throw new UsersError("it names no user, add a line of sluice passwd NAME");
  }
  return users;
}

function parseUser(line: string, split: SplitPath): User {
  const [name, hash, ...rest] = line.split(":");
  if (hash === undefined || !namePattern.test(name)) {
    throw new UsersError("write name:hash, as sluice passwd NAME prints it");
  }
  if (!isHash(hash)) {
    throw new UsersError(
      "the hash is not one of scrypt or bcrypt, make the line by " +
        "sluice passwd NAME or htpasswd -B",
    );
  }
  return { name, hash, rights: parseRights(rest.join(":").trim(), split) };
}

function parseRights(text: string, split: SplitPath): Rights {
  if (text === "") return new Rights([{ names: [], rights: allRights }]);
  const rules = text.split(/\s+/).map((rule) => parseRule(rule, split));
  try {
    return new Rights(rules);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UsersError(cause.message);
  }
}

function parseRule(text: string, split: SplitPath): Rule {
  const [path, list, ...more] = text.split("=");
  if (!path.startsWith("/") || !list || more.length > 0) {
    throw new UsersError(
      "write rights such as /=read /inbox=read,write,delete /secret=none",
    );
  }
  return { names: namesOf(path, split), rights: rightsOf(list) };
}

function namesOf(path: string, split: SplitPath): string[] {
  const inner = path.slice(1).replace(/\/$/, "");
  try {
    return inner === "" ? [] : split(inner);
  } catch {
    throw new UsersError("write each path as in a URL, without hidden names");
  }
}

function rightsOf(list: string): Right[] {
  if (list === "none") return [];
  const rights = list.split(",");
  for (const right of rights) {
    if (!allRights.includes(right as Right)) {
      throw new UsersError("the rights are read, write, delete, or none alone");
    }
  }
  if (!rights.includes("read")) {
    throw new UsersError(
      "add read: an answer to write or delete tells what is there",
    );
  }
  return rights as Right[];
}
