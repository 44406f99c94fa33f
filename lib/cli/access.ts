/**
 * The users of `--auth`: reads their file at the start and at SIGHUP, and puts
 * the guard before the routes of the command.
 *
 * @module
 */

import { AccessGuard, type FilePaths } from "../access/guard.ts";
import type { LoginPage } from "../access/login_form.ts";
import { SignedLinks } from "../access/signed_links.ts";
import { Sessions } from "../access/sessions.ts";
import { hashPassword } from "../access/password_hash.ts";
import {
  anyName,
  parseUsers,
  type Users,
  UsersError,
} from "../access/users.ts";
import { destinationOf } from "../files/destination.ts";
import { noSuchFile } from "../files/disk_error.ts";
import { fileNames } from "../files/file_path.ts";
import { withoutEmptyNames } from "../files/meant_path.ts";
import { storedEnds } from "../files/representation.ts";
import { wantsZip } from "../files/tree_request.ts";
import type { Handler, RouteHandler } from "../handler.ts";
import { clientOf } from "../server/client_limits.ts";
import {
  type LogLevel,
  messageOf,
  quoted,
  reasonOf,
  StartError,
  tellInPassing,
  UsageError,
} from "./messages.ts";
import { obtainFile, refuseServed } from "./named_file.ts";
import { SigningKeys } from "./signing_keys.ts";

/** The paths of files, read as their handlers read them. */
const paths: FilePaths = {
  // A reader is redirected to the path without empty names, so its rule counts.
  split: (path, purpose) =>
    purpose === "read"
      ? fileNames(withoutEmptyNames(path).replace(/\/$/, ""), purpose)
      : fileNames(path, purpose),
  destination: (request, from) => destinationOf(request, from).path,
  onlyReads: wantsZip,
  absent: () => noSuchFile(),
  variants: storedEnds,
};

/** What a login depends on beside the users. */
export interface AccessSettings {
  /** What is served. */
  directory: string;
  /** The path of everything, such as `/sub`; empty at the top. */
  prefix: string;
  /** Whether anyone may read all files. */
  isPublic: boolean;
  /** The file of keys that sign. Default: the one in the directory. */
  keyFile?: string;
}

/** Who may do what. */
export class Access {
  readonly #guard: AccessGuard;
  readonly #keys: SigningKeys;
  readonly #prefix: string;
  /** The users' file. */
  readonly #path: string | undefined;
  /** The password that was made for this run. */
  readonly #password: string | undefined;
  /** Whether anyone may read all files. */
  readonly isPublic: boolean;

  private constructor(
    guard: AccessGuard,
    { keys, path, password, prefix, isPublic }: {
      keys: SigningKeys;
      path?: string;
      password?: string;
      prefix: string;
      isPublic: boolean;
    },
  ) {
    this.isPublic = isPublic;
    this.#guard = guard;
    this.#keys = keys;
    this.#prefix = prefix;
    this.#path = path;
    this.#password = password;
  }

  /** Makes a password for this run, which lets in under any name. */
  static async byPassword(settings: AccessSettings): Promise<Access> {
    const { prefix, isPublic } = settings;
    const password = randomPassword();
    const users = anyName(await hashPassword(password));
    const keys = await keysFor(settings);
    const guard = guardOf(users, keys, { ...settings, hasLink: true });
    return new Access(guard, { keys, password, prefix, isPublic });
  }

  /** What to tell a person who has started a server; undefined if nothing. */
  invitation(url: string): string | undefined {
    if (this.#password === undefined) return undefined;
    const link = new URL(`login?key=${this.#password}`, url);
    return `Password: ${this.#password} (with any name), or open ${link}`;
  }

  /**
   * Reads the users' file. Throws a UsageError for a wrong line, and a
   * StartError if the file cannot be read or lies in the served directory.
   */
  static async open(path: string, settings: AccessSettings): Promise<Access> {
    await obtainFile("--auth", path);
    const users = await readUsers(path);
    const { directory, prefix, isPublic } = settings;
    await refuseServed("--auth", path, directory);
    const keys = await keysFor(settings);
    const guard = guardOf(users, keys, settings);
    return new Access(guard, { keys, path, prefix, isPublic });
  }

  /** Reads users and keys again; a wrong file changes nothing. */
  async reload(): Promise<void> {
    this.#keys.look();
    if (this.#path === undefined) return;
    let outcome = "the users are read again";
    let urgency: LogLevel = "info";
    try {
      this.#guard.users = await readUsers(this.#path);
    } catch (error) {
      outcome = `the users stay as they were: ${reasonOf(error)}`;
      urgency = "warn";
    }
    await tellInPassing(`SIGHUP: ${outcome}`, urgency);
  }

  /** Guards all paths but the login, style sheets and scripts. */
  guard(handler: Handler): Handler {
    const prefix = this.#prefix;
    const open = [prefix, `${prefix}/login`, `${prefix}/logout`];
    const isOpen = (path: string) =>
      path.startsWith(`${prefix}/page/`) || open.includes(path);
    return this.#guard.guard(handler, isOpen);
  }

  /** Handlers of the pages on which people log in and out. */
  forms(page: (shown: LoginPage) => Response): {
    login: Handler;
    logout: Handler;
  } {
    return this.#guard.forms(page);
  }

  /** What the handler of a pattern needs: to read the top, unless it is known. */
  protect(pattern: string, handler: RouteHandler): RouteHandler {
    switch (pattern) {
      // The first page lists the top.
      case "/":
      case "/files/*":
        return this.#guard.needs(handler);
      case "/uploads/:token":
        return this.#guard.needsSomewhere("write", handler);
      case "/undo/:id":
        return this.#guard.needsSomewhere("delete", handler);
      // Which file it is about, the form says.
      case "/share":
      case "/page/:name":
      case "/login":
      case "/logout":
        return handler;
      default:
        return this.#guard.needsTop(handler);
    }
  }

  /** Lets a copy of a request do what the request may do. */
  copied(request: Request, copy: Request): void {
    this.#guard.copied(request, copy);
  }

  /** What a request for a list may do with what is in its directory. */
  changesOf(request: Request): { mayWrite: boolean; mayDelete: boolean } {
    return {
      mayWrite: this.#guard.mayChangeListed(request, "write"),
      mayDelete: this.#guard.mayChangeListed(request, "delete"),
    };
  }

  /** Whether a request may replace what is at a path by moving to it. */
  mayReplace(path: string, request: Request): boolean {
    return this.#guard.mayReplace(path, request);
  }

  /** Whether a request may delete a path, and so undo that it was deleted. */
  mayDelete(path: string, request: Request): boolean {
    return this.#guard.mayDelete(path, request);
  }

  /** Who has logged in with a request. */
  loginOf(request: Request): { name?: string; mayEnd: boolean } | undefined {
    const login = this.#guard.loginOf(request);
    // A password that was made for this run has no name.
    return this.#password === undefined || !login
      ? login
      : { mayEnd: login.mayEnd };
  }

  /** Signs a link to a file for somebody who may read it. */
  signLink(path: string, expires: number, request: Request): string {
    return this.#guard.signLink(path, expires, request);
  }

  /** Which paths of files a request may read, by their names. */
  mayRead(request: Request): (names: readonly string[]) => boolean {
    return this.#guard.mayRead(request);
  }

  /** Whether a request may write to a path. */
  mayWrite(path: string, request: Request): boolean {
    return this.#guard.mayWrite(path, request);
  }
}

async function keysFor(settings: AccessSettings): Promise<SigningKeys> {
  const { directory, keyFile } = settings;
  if (keyFile === undefined) return SigningKeys.ofDirectory(directory);
  const keys = await SigningKeys.ofFile(keyFile);
  await refuseServed("--key-file", keyFile, directory);
  return keys;
}

function guardOf(
  users: Users,
  keys: SigningKeys,
  { prefix, isPublic, hasLink }: {
    prefix: string;
    isPublic: boolean;
    hasLink?: boolean;
  },
): AccessGuard {
  const current = () => keys.current();
  return new AccessGuard(users, {
    paths,
    prefix,
    clientOf,
    sessions: new Sessions(current, `${prefix}/`),
    links: new SignedLinks(current),
    isPublic,
    hasLink,
  });
}

/** Characters that nobody takes for another: 32, so that each has 5 bits. */
const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";

/** 80 bits. */
const PASSWORD_LENGTH = 16;

function randomPassword(): string {
  const octets = crypto.getRandomValues(new Uint8Array(PASSWORD_LENGTH));
  return [...octets].map((octet) => ALPHABET[octet % ALPHABET.length]).join("");
}

async function readUsers(path: string): Promise<Users> {
  try {
    const text = await Deno.readTextFile(path);
    return parseUsers(text, (inner) => paths.split(inner, "write"));
  } catch (error) {
    if (error instanceof UsersError) {
      throw new UsageError(
        `Cannot use --auth: ${quoted(path)}, ${error.message}`,
      );
    }
    const why = error instanceof Deno.errors.NotFound
      ? "there is no such file, make it by sluice passwd NAME"
      : `${messageOf(error)}, choose another file`;
    throw new StartError(`Cannot use --auth: ${quoted(path)}, ${why}`);
  }
}
