/**
 * The form with which people log in and out in a browser. Its page is made
 * elsewhere; `csrf` must stand in front of it, so that no other site can log
 * somebody in.
 *
 * @module
 */

import { HttpError } from "../errors.ts";
import { readForm } from "../form.ts";
import type { Handler, HandlerInfo } from "../handler.ts";
import type { Credentials } from "./logins.ts";
import type { Sessions } from "./sessions.ts";
import type { User } from "./users.ts";

/** Octets of the form's content. */
const MOST_CONTENT = 8192;

/** What the page shows. */
export interface LoginPage {
  /** The name of who has logged in; undefined for nobody. */
  user: string | undefined;
  /** Where to go after the login: a path on this server. */
  to: string;
  /** Whether a name or password was wrong. */
  isWrong: boolean;
}

/** Options of {@linkcode loginForm}. */
export interface LoginFormOptions {
  /** The path before those of all pages; empty at the top. */
  prefix: string;
  sessions: Sessions;
  /** Who has logged in with a request. */
  userOf(request: Request): User | undefined;
  /** The user of a name and password. */
  find(
    credentials: Credentials,
    info: HandlerInfo,
  ): User | undefined | Promise<User | undefined>;
  /** Whether `?key=` logs in, for a password that has no name. */
  hasLink: boolean;
  /** Makes the page. */
  page(shown: LoginPage): Response;
}

/** Answers `GET` with the page, and `POST` to log in. */
export function loginForm(options: LoginFormOptions): Handler {
  const files = `${options.prefix}/files/`;
  return async (request, info) => {
    const { url } = request;
    const user = options.userOf(request)?.name;
    if (request.method !== "POST") {
      const query = new URL(url).searchParams;
      const to = pathWithin(url, query.get("to")) ?? files;
      const isLink = options.hasLink && isOpened(request);
      const key = isLink ? query.get("key") : null;
      if (key !== null) {
        const found = await options.find({ name: "", password: key }, info);
        if (found) return goTo(to, options.sessions.begin(found, url));
      }
      return notStored(options.page({ user, to, isWrong: false }));
    }
    const form = await readForm(request.body, MOST_CONTENT);
    if (!form) throw new HttpError(413, "The form is too long");
    const to = pathWithin(url, form.get("to")) ?? files;
    const credentials = {
      name: form.get("name") ?? "",
      password: form.get("password") ?? "",
    };
    const found = await options.find(credentials, info);
    if (!found) return notStored(options.page({ user, to, isWrong: true }));
    return goTo(to, options.sessions.begin(found, url));
  };
}

/** Answers `POST` to log out. */
export function logoutForm({ prefix, sessions }: LoginFormOptions): Handler {
  return ({ url }) => goTo(`${prefix}/login`, sessions.end(url));
}

/** Where a browser logs in that has asked for a page. */
export function toLogin(prefix: string, url: string): Response {
  const { pathname, search } = new URL(url);
  const query = new URLSearchParams({ to: pathname + search });
  return goTo(`${prefix}/login?${query}`);
}

function goTo(location: string, cookie?: string): Response {
  const headers = new Headers({ location, "cache-control": "no-store" });
  if (cookie) headers.set("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}

function notStored(response: Response): Response {
  response.headers.set("cache-control", "no-store");
  return response;
}

/**
 * Whether a person has opened a link (Fetch Metadata §2.1). An image or a frame
 * of another site could guess in the name of its visitor, who then gets a 429.
 */
function isOpened({ headers }: Request): boolean {
  const destination = headers.get("sec-fetch-dest");
  return destination === null || destination === "document";
}

/** A path on this server; anything else would lead people astray. */
function pathWithin(url: string, to: string | null): string | undefined {
  const target = to === null ? null : URL.parse(to, url);
  const here = new URL(url);
  // A `blob:` URL has the origin of the one inside it, but no path.
  const isHere = target?.protocol === here.protocol &&
    target.host === here.host;
  // `/.//evil` has the path `//evil`, which is another host for a browser.
  return isHere && !target!.pathname.startsWith("//")
    ? target!.pathname + target!.search
    : undefined;
}
