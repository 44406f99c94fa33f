/**
 * Lets in whom the users' file names, and lets each do what its rights allow,
 * before a handler touches the disk.
 *
 * In: requests, and the path that their route has matched. Out: 401 for who has
 * not logged in; 404 where one may not read, by the same way as for an absent
 * path; 403 where one may read but not do this.
 *
 * @module
 */

import { accepts } from "@std/http/negotiation";
import { nameOfPeer } from "../authority.ts";
import { HttpError, withFields } from "../errors.ts";
import type { Handler, HandlerInfo, RouteHandler } from "../handler.ts";
import {
  loginForm,
  type LoginFormOptions,
  type LoginPage,
  logoutForm,
  toLogin,
} from "./login_form.ts";
import { Logins, type LoginsOptions, parseBasic } from "./logins.ts";
import { type Right, Rights } from "./rights.ts";
import type { Sessions } from "./sessions.ts";
import { type Link, linkOf, type SignedLinks } from "./signed_links.ts";
import type { User, Users } from "./users.ts";

/** How the paths of files are read and refused: as their handlers do it. */
export interface FilePaths {
  /** Splits a path without its last `/` into names, or throws. */
  split(path: string, purpose: "read" | "write"): string[];
  /** The path to which a request moves another one, or throws. */
  destination(request: Request, from: string): string;
  /** Whether a request only reads, although its method may change something. */
  onlyReads(request: Request): boolean;
  /** The error for an absent file. */
  absent(): Error;
  /** Ends of names of files that may be sent for another: `.gz`. */
  variants: readonly string[];
}

/** Options of an {@linkcode AccessGuard}. */
export interface AccessGuardOptions extends LoginsOptions {
  paths: FilePaths;
  /** The path of everything that is guarded. Default: empty, at the top. */
  prefix?: string;
  /** Logins in browsers. */
  sessions: Sessions;
  /** Links that need no login. */
  links: SignedLinks;
  /** Whether a link with the password logs in. Default: false. */
  hasLink?: boolean;
  /** Whether anyone may read all files. */
  isPublic: boolean;
  /** Whom a request is from, for the brake on guessing. */
  clientOf(address: Deno.Addr): string | undefined;
}

/** A login, for a page to show. */
export interface Login {
  /** The user's name. */
  name: string;
  /** Whether a browser can end it: whether it is by cookie. */
  mayEnd: boolean;
}

/** Who asks. */
interface Visitor {
  /** Undefined for someone who has not logged in. */
  rights?: Rights;
  login?: Login;
  /** What the URL says of a signature; to be verified for a path. */
  link?: Link;
}

const ANYBODY: Visitor = {};

const READ_ALL = new Rights([{ names: [], rights: ["read"] }]);

/** Guards handlers by users and rights. */
export class AccessGuard {
  readonly #logins: Logins;
  readonly #options: AccessGuardOptions;
  readonly #prefix: string;
  readonly #visitors = new WeakMap<Request, Visitor>();
  /** A name that nothing has. */
  readonly #nowhere: string = crypto.randomUUID();
  /** The names of the directory whose list a request gets. */
  readonly #listed = new WeakMap<Request, readonly string[]>();

  constructor(users: Users, options: AccessGuardOptions) {
    this.#logins = new Logins(users, options);
    this.#options = options;
    this.#prefix = options.prefix ?? "";
  }

  /** Takes new users: changed passwords and removed users end at once. */
  set users(users: Users) {
    this.#logins.users = users;
  }

  /**
   * Passes on requests of users, and of anybody if the files are public.
   *
   * @param isOpen Whether a path needs no login.
   */
  guard(handler: Handler, isOpen: (path: string) => boolean): Handler {
    return async (request, info) => {
      if (isOpen(new URL(request.url).pathname)) {
        return await handler(request, info);
      }
      const visitor = await this.#visitorOf(request, info);
      const isKnown = visitor.rights || visitor.link;
      if (!isKnown && !this.#options.isPublic) {
        if (isForPerson(request)) {
          return toLogin(this.#prefix, request.url);
        }
        throw challenge();
      }
      this.#visitors.set(request, visitor);
      if (!isKnown) return await handler(request, info);
      try {
        return notShared(await handler(request, info));
      } catch (error) {
        throw notStored(error);
      }
    };
  }

  /** Needs a right for all paths below the one that the route's `*` matches. */
  needs(handler: RouteHandler): RouteHandler {
    return (request, info, match) => {
      const path = match.pathname.groups["0"] ?? "";
      if (this.#admit(request, path)) return handler(request, info, match);
      return this.#notFound(handler(request, info, this.#elsewhere(match)));
    };
  }

  /** Needs the right to read everything that has no rule of its own. */
  needsTop(handler: RouteHandler): RouteHandler {
    return (request, info, match) => {
      if (!this.#may(request, "read", [])) {
        this.#refuseStranger(request);
        throw this.#options.paths.absent();
      }
      return handler(request, info, match);
    };
  }

  /** Needs a right for something; which path is known only later. */
  needsSomewhere(right: Right, handler: RouteHandler): RouteHandler {
    return (request, info, match) => {
      const { rights } = this.#visitors.get(request) ?? ANYBODY;
      if (!rights) throw challenge();
      if (!rights.maySomewhere(right)) throw forbidden();
      return handler(request, info, match);
    };
  }

  /** Whether a request may write to a path. */
  mayWrite(path: string, request: Request): boolean {
    const names = this.#options.paths.split(path, "write");
    return this.#mayChange(request, "write", names);
  }

  /** Whether a request may delete a path; of a directory, with all in it. */
  mayDelete(path: string, request: Request): boolean {
    const names = this.#namesOf(path);
    return path.endsWith("/")
      ? this.#mayBelow(request, "delete", names)
      : this.#mayChange(request, "delete", names);
  }

  /** Lets a copy of a request do what the request may do. */
  copied(request: Request, copy: Request): void {
    const visitor = this.#visitors.get(request);
    if (visitor) this.#visitors.set(copy, visitor);
  }

  /** Whether a request for a list may change what is in its directory. */
  mayChangeListed(request: Request, right: "write" | "delete"): boolean {
    const names = this.#listed.get(request);
    return names !== undefined && this.#mayChange(request, right, names);
  }

  /** Whether a request may replace what is at a path by moving to it. */
  mayReplace(path: string, request: Request): boolean {
    return this.#mayChange(request, "delete", this.#namesOf(path));
  }

  /** Who has logged in with a request; undefined for nobody. */
  loginOf(request: Request): Login | undefined {
    return this.#visitors.get(request)?.login;
  }

  /**
   * The query of a link that reads a file without a login until a time. Throws
   * an {@linkcode HttpError}: 401 for who has not logged in, 404 where one may
   * not read.
   *
   * @param expires When it ends, in seconds since 1970.
   */
  signLink(path: string, expires: number, request: Request): string {
    const names = this.#options.paths.split(path, "read");
    this.#refuseStranger(request);
    if (!this.#mayRead(request, names)) throw this.#options.paths.absent();
    return this.#options.links.sign({ right: "read", names }, expires);
  }

  /** Which paths of files a request may read, by their names. */
  mayRead(request: Request): (names: readonly string[]) => boolean {
    return (names) => this.#mayRead(request, names);
  }

  async #visitorOf(
    { headers, url, method }: Request,
    { remoteAddr }: HandlerInfo,
  ): Promise<Visitor> {
    const link = linkMethods.includes(method) ? linkOf(url) : undefined;
    if (link && this.#isOfFile(url)) return { link };
    const field = headers.get("authorization");
    if (field === null) return visitorFor(this.#userOf(headers, url), true);
    const credentials = parseBasic(field);
    if (!credentials) throw challenge();
    const client = this.#clientOf(remoteAddr);
    const user = await this.#logins.find(credentials, client);
    if (!user) throw challenge();
    return visitorFor(user, false);
  }

  #isOfFile(url: string): boolean {
    return new URL(url).pathname.startsWith(`${this.#prefix}/files/`);
  }

  #clientOf(address: Deno.Addr): string {
    return this.#options.clientOf(address) ?? nameOfPeer(address);
  }

  #userOf(headers: Headers, url: string): User | undefined {
    const field = headers.get("cookie");
    return this.#options.sessions.find(field, this.#logins.users, url);
  }

  /** Handlers of the pages on which people log in and out. */
  forms(page: (shown: LoginPage) => Response): {
    login: Handler;
    logout: Handler;
  } {
    const options: LoginFormOptions = {
      page,
      prefix: this.#prefix,
      sessions: this.#options.sessions,
      hasLink: this.#options.hasLink ?? false,
      userOf: ({ headers, url }) => this.#userOf(headers, url),
      find: (credentials, { remoteAddr }) =>
        this.#logins.find(credentials, this.#clientOf(remoteAddr)),
    };
    return { login: loginForm(options), logout: logoutForm(options) };
  }

  /** Names, of a directory as well. */
  #namesOf(path: string): string[] {
    const inner = path.replace(/\/$/, "");
    return inner === "" ? [] : this.#options.paths.split(inner, "write");
  }

  /** A move takes away here, and brings there. */
  #refuseToMove(request: Request, from: string): void {
    this.#refuseStranger(request);
    const to = this.#options.paths.destination(request, from);
    const may = (right: Right, path: string) =>
      from.endsWith("/")
        ? this.#mayBelow(request, right, this.#namesOf(path))
        : this.#mayChange(request, right, this.#namesOf(path));
    if (!may("delete", from) || !may("write", to)) throw forbidden();
  }

  /**
   * Throws if a request may not do what it asks for at a path. @returns false if
   * it may not know what is there.
   */
  #admit(request: Request, path: string): boolean {
    if (request.method === "MOVE") {
      this.#refuseToMove(request, path);
      return true;
    }
    const right = this.#options.paths.onlyReads(request)
      ? "read"
      : rightFor(request.method);
    const isDirectory = path === "" || path.endsWith("/");
    const inner = isDirectory ? path.slice(0, -1) : path;
    const purpose = right === "read" ? "read" : "write";
    const names = inner === "" ? [] : this.#options.paths.split(inner, purpose);
    const { link } = this.#visitors.get(request) ?? ANYBODY;
    if (link) {
      const isOne = !isDirectory &&
        this.#options.links.allows(link, { right, names });
      refuseByLink(request.headers, isOne);
      return true;
    }
    if (right === "read") {
      if (isDirectory) this.#listed.set(request, names);
      const mayRead = this.#mayRead(request, names) &&
        (!isDirectory || this.#mayRead(request, [...names, "index.html"]));
      if (!mayRead) this.#refuseStranger(request);
      return mayRead;
    }
    // Whether a directory is empty, only those may know who may see all of it.
    // The names in a form are known later: see `mayWrite`.
    const may = isDirectory && right === "delete"
      ? this.#mayBelow(request, right, names)
      : this.#mayChange(request, right, names);
    if (may) return true;
    this.#refuseStranger(request);
    throw forbidden();
  }

  #refuseStranger(request: Request): void {
    if (!this.#visitors.get(request)?.rights) throw challenge();
  }

  /**
   * The same route for a path that is not there, of the same length: an answer
   * without a look at the disk would be known by its time.
   */
  #elsewhere(match: URLPatternResult): URLPatternResult {
    const { groups } = match.pathname;
    const rest = /\/.*/s.exec(groups["0"] ?? "")?.[0] ?? "";
    const pathname = {
      ...match.pathname,
      groups: { ...groups, 0: this.#nowhere + rest },
    };
    // The router makes the other parts when they are asked for.
    return new Proxy(match, {
      get: (whole, name) =>
        name === "pathname" ? pathname : Reflect.get(whole, name),
    });
  }

  /** Whatever is found, it is not what was asked for. */
  async #notFound(answering: Response | Promise<Response>): Promise<never> {
    const { body } = await answering;
    await body?.cancel();
    throw this.#options.paths.absent();
  }

  /** A file may be sent in a form of it that is another file. */
  #mayRead(request: Request, names: readonly string[]): boolean {
    const { variants } = this.#options.paths;
    const forms = names.length === 0
      ? [names]
      : ["", ...variants].map((end) => names.with(-1, names.at(-1)! + end));
    // All of them in any case, since time would tell which was refused.
    return forms.map((form) => this.#may(request, "read", form)).every(Boolean);
  }

  /** What is written to such a form is sent for the file. */
  #mayChange(
    request: Request,
    right: Right,
    names: readonly string[],
  ): boolean {
    const last = names.at(-1) ?? "";
    const end = this.#options.paths.variants.find((end) =>
      last.toLowerCase().endsWith(end)
    );
    return this.#may(request, right, names) &&
      (end === undefined ||
        this.#may(request, right, names.with(-1, last.slice(0, -end.length))));
  }

  #may(request: Request, right: Right, names: readonly string[]): boolean {
    const { rights } = this.#visitors.get(request) ?? ANYBODY;
    return (rights?.may(right, names) ?? false) ||
      this.#options.isPublic && READ_ALL.may(right, names);
  }

  #mayBelow(request: Request, right: Right, names: readonly string[]): boolean {
    const { rights } = this.#visitors.get(request) ?? ANYBODY;
    return rights?.mayBelow(right, names) ?? false;
  }
}

function visitorFor(user: User | undefined, mayEnd: boolean): Visitor {
  return user
    ? { rights: user.rights, login: { name: user.name, mayEnd } }
    : {};
}

/** What a link can be used for: to read, or to upload one file. */
const linkMethods = ["GET", "HEAD", "PUT"];

/** A browser that shows a page gets the form; programs and scripts do not. */
function isForPerson(request: Request): boolean {
  return request.method === "GET" && !request.headers.has("authorization") &&
    accepts(request, "text/plain", "text/html") === "text/html";
}

function rightFor(method: string): Right {
  if (method === "GET" || method === "HEAD") return "read";
  return method === "DELETE" ? "delete" : "write";
}

/** Throws unless a link is for this file, and the request is one it can make. */
function refuseByLink(headers: Headers, isForThis: boolean): void {
  if (!isForThis) {
    throw new HttpError(403, "This link has ended, or is for something else");
  }
  // What is kept of an upload could not be resumed by the link.
  if (headers.has("upload-complete") || headers.has("upload-incomplete")) {
    throw new HttpError(
      403,
      "This link takes a file in one request, omit Upload-Complete",
    );
  }
}

/** RFC 7617 §2, §2.1. */
function challenge(): HttpError {
  return new HttpError(401, "Log in with a name and a password", {
    headers: {
      "www-authenticate": 'Basic realm="Sluice", charset="UTF-8"',
      "cache-control": "no-store",
    },
  });
}

function forbidden(): HttpError {
  return new HttpError(403, "You may not do this at this path");
}

/** A cache may keep a 404 without being told (RFC 9111 §4.2.2). */
function notStored(error: unknown): unknown {
  if (!(error instanceof HttpError)) return error;
  return withFields(
    error,
    (headers) => headers.set("cache-control", "no-store"),
  );
}

/** No cache may give it to others (RFC 9111 §5.2.2.7). */
function notShared(response: Response): Response {
  const control = response.headers.get("cache-control");
  if (!control?.includes("no-store")) {
    response.headers.set("cache-control", "private, no-cache");
  }
  return response;
}
