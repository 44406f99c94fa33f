/**
 * Makes the page that shows an error in a browser: what is wrong, and what to do
 * next.
 *
 * @module
 */

import { STATUS_TEXT, type StatusCode } from "@std/http/status";
import type { HttpError } from "../errors.ts";
import { formatSize } from "./browser/format.js";
import { words } from "./browser/words.js";
import { type Navigation, respondWithPage } from "./document.ts";
import { type Markup, markup } from "./markup.ts";

/** Where an error came up, as far as its reader may know. */
export interface ErrorPlace {
  /** The path that was asked for, decoded. */
  path?: string;
  /** The same with its query, as it was asked for; only what was read. */
  again?: string;
  /** The same below the path before all links, to come back to. */
  to?: string;
  /** The names of the nearest folder that is there. */
  nearest?: readonly string[];
  /** Whether people can log in. */
  hasLogin: boolean;
  /** Whether whoever asks has logged in. */
  isLoggedIn: boolean;
  /** The maximum octets of a request; Infinity without a limit. */
  maxSize: number;
}

/** Makes the page for an error, with the fields of its response. */
export function errorPage(
  { status, message }: HttpError,
  headers: Headers,
  { navigation, place }: { navigation: Navigation; place: ErrorPlace },
): Response {
  const title = words.errors.titles[status] ?? words.errors.title;
  const name = `${status} ${STATUS_TEXT[status as StatusCode] ?? "Error"}`;
  const content = markup`<p class="muted">${name}</p>
<h1>${title}</h1>
${place.path !== undefined && pathLine(place.path)}<p>${message}.</p>
${advice(status, place, headers.get("retry-after"))}
${ways(status, place)}
`;
  return respondWithPage(
    {
      title: `${title} – Sluice`,
      content,
      status,
      headers,
      styles: ["error.css"],
    },
    navigation,
  );
}

function pathLine(path: string): Markup {
  return markup`<p class="asked"><bdi>${path}</bdi></p>\n`;
}

/** What to do about it, in words. */
function advice(
  status: number,
  { hasLogin, isLoggedIn, maxSize }: ErrorPlace,
  retryAfter: string | null,
): Markup | false {
  const { errors } = words;
  const texts: Record<number, string | false> = {
    401: errors.logIn,
    403: !hasLogin ? errors.ask : isLoggedIn ? errors.otherLogin : errors.logIn,
    413: Number.isFinite(maxSize) && errors.limit(formatSize(maxSize)),
  };
  const seconds = /^\d{1,6}$/.test(retryAfter ?? "") ? Number(retryAfter) : 0;
  const text = seconds > 0
    ? errors.wait(seconds)
    : texts[status] ?? errors.next[status];
  return text ? markup`<p>${text}</p>` : false;
}

/** Links that lead on, the best one first. */
function ways(
  status: number,
  { again, to, nearest, hasLogin }: ErrorPlace,
): Markup {
  const { errors } = words;
  const isLocked = hasLogin && (status === 401 || status === 403);
  const mayHelp = status === 429 || status >= 500 && status !== 501;
  const links = [
    isLocked &&
    markup`<a class="button" href="${loginFor(to)}">${errors.toLogin}</a>`,
    mayHelp && again !== undefined &&
    markup`<a class="button" href="${again}">${errors.again}</a>`,
    nearest && folderLink(nearest),
    nearest?.length !== 0 &&
    markup`<a class="button" href="/">${errors.home}</a>`,
    markup`<a class="button" href="/about">${errors.about}</a>`,
  ];
  return markup`<p class="row">${links}</p>`;
}

function loginFor(to: string | undefined): string {
  return to === undefined ? "/login" : `/login?${new URLSearchParams({ to })}`;
}

function folderLink(names: readonly string[]): Markup {
  const path = names.map((name) => `${encodeURIComponent(name)}/`).join("");
  const name = names.at(-1);
  return markup`<a class="button" href="/files/${path}">${
    name === undefined ? words.errors.home : words.errors.toFolder
  }${name !== undefined && markup` <bdi>${name}</bdi>`}</a>`;
}
