/**
 * All the pages of a server, with the links between them.
 *
 * @module
 */

import { accepts } from "@std/http/negotiation";
import type { HttpError } from "../errors.ts";
import type { Handler, HandlerInfo } from "../handler.ts";
import { type About, aboutPage, commandsToTry } from "./about_page.ts";
import type { Navigation } from "./document.ts";
import { errorPage, type ErrorPlace } from "./error_page.ts";
import type { Listing } from "../listing.ts";
import { listingPage, type Rights } from "./listing_page.ts";
import { uploadPage } from "./upload_page.ts";
import { type Login, loginPage } from "./login_page.ts";
import { type Doings, type Who, whoPart } from "./who.ts";
import { xrayPage } from "./xray_page.ts";

/** Options of {@linkcode createPages}. */
export interface PagesOptions extends Rights, About {
  /**
   * The scheme and authority to print in commands for a shell. The client
   * chooses those of the URL, so they are not safe to print.
   */
  originOf: (request: Request, info: HandlerInfo) => string;
  /** The path of all pages, such as `/sub`. Default: empty, at the top. */
  prefix?: string;
  /** Whether there are lessons beside it. Default: false. */
  hasLessons?: boolean;
  /**
   * What a request for a list may do with what is in its directory, if the
   * server does it for anybody. Default: all of it.
   */
  changesOf?: (request: Request) => { mayWrite: boolean; mayDelete: boolean };
  /** Who has logged in with a request. Default: nobody. */
  loginOf?: (request: Request) => Who | undefined;
  /**
   * The names of the nearest folder that is there, of a request for what is
   * not. Default: none.
   */
  nearestOf?: (request: Request) => readonly string[] | undefined;
  /** Where other machines find this server. Default: nowhere. */
  urlsOnNetwork?: () => readonly string[];
}

/** The pages of a server. */
export interface Pages {
  /**
   * Answers `GET /about`: a page for browsers, commands to try for other
   * clients.
   */
  about: Handler;
  /** Answers `GET /` where files are received only: the same for others. */
  uploadPage: Handler;
  /** Makes the page of a directory. */
  listing: (listing: Listing, request: Request) => Made;
  /** Answers `GET /xray`. */
  xray: (request: Request) => Response;
  /** Makes the page to log in and out. */
  login: (login: Login) => Response;
  /** Makes the page for an error, with the fields of its response. */
  error: (error: HttpError, headers: Headers, request?: Request) => Response;
}

/** Makes the pages. */
export function createPages(options: PagesOptions): Pages {
  const navigation = navigationOf(options);
  const navigationFor = (request: Request, doings?: Doings) =>
    withWho(navigation, options.loginOf?.(request), doings);
  const ask =
    (page: (request: Request, origin: string) => Made): Handler =>
    async (request, info) => {
      const origin = options.originOf(request, info) + navigation.prefix;
      const response =
        accepts(request, "text/plain", "text/html") === "text/html"
          ? await page(request, origin)
          : new Response(commands(options, origin));
      response.headers.append("vary", "Accept");
      return response;
    };
  return {
    about: ask((request, origin) =>
      aboutPage(options, origin, navigationFor(request))
    ),
    uploadPage: ask((request) => uploadPage(request, navigationFor(request))),
    listing(listing, request) {
      const rights = rightsOf(options, request);
      const isTop = isOfTop(listing, navigation.prefix);
      const urls = isTop ? options.urlsOnNetwork?.() ?? [] : [];
      const shown = { navigation: navigationFor(request, rights) };
      return urls.length === 0
        ? listingPage(listing, rights, shown)
        : import("./share_panel.ts").then(({ sharePanel }) =>
          listingPage(listing, rights, { ...shown, share: sharePanel(urls) })
        );
    },
    xray: (request) => xrayPage(navigationFor(request), options),
    login: (login) => loginPage(login, navigation),
    error: (error, headers, request) =>
      errorPage(error, headers, {
        navigation: request ? navigationFor(request) : navigation,
        place: errorPlaceOf(error, options, request),
      }),
  };
}

/** What an error's page may tell of where it came up. */
function errorPlaceOf(
  { status }: HttpError,
  options: PagesOptions,
  request: Request | undefined,
): ErrorPlace {
  const { hasLogin = false, limits, prefix = "" } = options;
  const place = { hasLogin, isLoggedIn: false, maxSize: limits.content };
  if (request === undefined) return place;
  const { pathname, search } = new URL(request.url);
  const isRead = request.method === "GET" && pathname.startsWith(`${prefix}/`);
  const nearest = status === 404 ? options.nearestOf?.(request) : undefined;
  return {
    ...place,
    isLoggedIn: options.loginOf?.(request) !== undefined,
    path: status === 404 ? decoded(pathname) : undefined,
    to: isRead ? pathname + search : undefined,
    again: isRead ? pathname.slice(prefix.length) + search : undefined,
    nearest,
  };
}

/** The path as a person reads it; as it is if it has no such form. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The navigation of a page for whoever has logged in. */
function withWho(
  navigation: Navigation,
  login: Who | undefined,
  doings: Doings | undefined,
): Navigation {
  if (login === undefined) return navigation;
  const links = navigation.links.filter(({ href }) => href !== "/login");
  return { ...navigation, links, who: whoPart(login, doings) };
}

/** Whether it is of the served directory itself, and not of one below. */
function isOfTop({ path }: Listing, prefix: string): boolean {
  return path === `${prefix}/` || path === `${prefix}/files/`;
}

/** What a page may show the one who asks for it. */
function rightsOf(options: PagesOptions, request: Request): Rights {
  const { mayWrite, mayDelete, maxSize, changesOf } = options;
  const own = changesOf?.(request) ?? { mayWrite: true, mayDelete: true };
  return {
    mayWrite: mayWrite && own.mayWrite,
    mayDelete: mayWrite && mayDelete && own.mayDelete,
    maxSize,
  };
}

type Made = Response | Promise<Response>;

function navigationOf(options: PagesOptions): Navigation {
  const { prefix = "", isUploadOnly, mayList, hasLogin } = options;
  const { hasXray, hasLessons } = options;
  const links = [
    ...isUploadOnly
      ? [{ href: "/", name: "Send files" }]
      : mayList
      ? [{ href: "/", name: "Files" }]
      : [],
    { href: "/about", name: "About" },
    ...hasXray
      ? [{ href: "/xray", name: hasLessons ? "Lessons" : "X-ray" }]
      : [],
    ...hasLogin ? [{ href: "/login", name: "Log in" }] : [],
  ];
  return { prefix, links };
}

function commands(options: PagesOptions, origin: string): string {
  const readOnly = options.mayWrite ? "" : "It is read-only.\n";
  return `This is Sluice, an HTTP/1.1 server. Try:

${commandsToTry(options, origin).join("\n")}
${readOnly}`;
}
