/**
 * Answers what the dialog to share a file needs: the link that others open, a
 * QR code of it, and a signed link that needs no login.
 *
 * @module
 */

import { isLoopbackHost } from "../authority.ts";
import { HttpError } from "../errors.ts";
import { isForm, readForm } from "../form.ts";
import type { RouteHandler } from "../handler.ts";

/** Octets of the form's content. */
const MOST_CONTENT = 32 * 1024;

/** The longest link of which there is a code: a camera reads no larger one. */
const MOST_CODED = 700;

/** Modules of white around a code (ISO/IEC 18004 §6.3.8). */
const QUIET_ZONE = 4;

/** How long (s) a signed link may hold. */
const LEAST_TIME = 60;
const MOST_TIME = 30 * 24 * 60 * 60;

/** Options of {@linkcode shareHandler}. */
export interface ShareOptions {
  /** The path of everything, such as `/sub`. */
  prefix: string;
  /** Where other machines find this server. */
  urlsOnNetwork: () => readonly string[];
  /** The query of a link to a file that ends; undefined without logins. */
  signLink?: (path: string, expires: number, request: Request) => string;
}

/** What is told of a link. */
interface Shared {
  url: string;
  /** An SVG; null if the link is too long for one. */
  code: string | null;
  /** When it ends; null if it does not. */
  until: string | null;
  /** Whether only this machine can open it. */
  isLocal: boolean;
}

/**
 * Answers a `POST` of a form: `path`, the path of what is shared, and `for`, the
 * seconds for which a link to a file holds without a login. It rejects with an
 * {@linkcode HttpError}: 400 for another path or time, and as `signLink` throws.
 */
export function shareHandler(
  { prefix, urlsOnNetwork, signLink }: ShareOptions,
): RouteHandler {
  const above = `${prefix}/files/`;
  return async (request) => {
    const form = await formOf(request);
    const seconds = secondsOf(form.get("for"));
    const origin = originFor(request, urlsOnNetwork);
    const target = URL.parse(form.get("path") ?? "", origin);
    if (target?.origin !== origin || !target.pathname.startsWith(above)) {
      throw new HttpError(
        400,
        "Only files and folders of this server are shared",
      );
    }
    let until: string | null = null;
    let query = "";
    if (seconds !== undefined) {
      if (signLink === undefined || target.pathname.endsWith("/")) {
        throw new HttpError(
          400,
          "Only links to files end, where people log in",
        );
      }
      const expires = Math.floor(Date.now() / 1000) + seconds;
      const path = target.pathname.slice(above.length);
      query = `?${signLink(path, expires, request)}`;
      until = new Date(expires * 1000).toISOString();
    }
    const url = origin + target.pathname + query;
    const shared: Shared = {
      url,
      code: await codeOf(url),
      until,
      isLocal: isLoopbackHost(target.hostname),
    };
    return Response.json(shared, { headers: { "cache-control": "no-store" } });
  };
}

/**
 * The origin by which others find this server: that of the page, unless it is
 * one that means another machine there.
 */
function originFor(
  { headers, url }: Request,
  urlsOnNetwork: () => readonly string[],
): string {
  // `csrf` has compared it with the host. A proxy may speak TLS before it.
  const field = headers.get("origin") ?? "";
  const page = URL.parse(/^https?:/.test(field) ? field : url) ?? new URL(url);
  const [other] = urlsOnNetwork();
  return isLoopbackHost(page.hostname) && other
    ? new URL(other).origin
    : page.origin;
}

function secondsOf(text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  const seconds = Number(text);
  if (/^\d{1,7}$/.test(text) && seconds >= LEAST_TIME && seconds <= MOST_TIME) {
    return seconds;
  }
  throw new HttpError(
    400,
    `for must be a number of seconds from ${LEAST_TIME} to ${MOST_TIME}`,
  );
}

async function codeOf(url: string): Promise<string | null> {
  if (url.length > MOST_CODED) return null;
  const { renderSVG } = await import("uqr");
  return renderSVG(url, { border: QUIET_ZONE });
}

async function formOf({ headers, body }: Request): Promise<URLSearchParams> {
  if (!isForm(headers)) {
    throw new HttpError(
      415,
      "What to share must be a form (application/x-www-form-urlencoded)",
    );
  }
  const form = await readForm(body, MOST_CONTENT);
  if (form) return form;
  throw new HttpError(413, "The form is too long");
}
