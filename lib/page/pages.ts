/**
 * All the pages of a server, with the links between them.
 *
 * @module
 */

import { accepts } from "@std/http/negotiation";
import type { HttpError } from "../errors.ts";
import type { Handler, HandlerInfo } from "../handler.ts";
import { errorPage } from "./error_page.ts";
import { type Home, homePage } from "./home_page.ts";
import type { Listing } from "../listing.ts";
import { listingPage, type Rights } from "./listing_page.ts";
import { xrayPage } from "./xray_page.ts";

/** Options of {@linkcode createPages}. */
export interface PagesOptions extends Rights, Home {
  /**
   * The scheme and authority to print in commands for a shell. The client
   * chooses those of the URL, so they are not safe to print.
   */
  originOf: (request: Request, info: HandlerInfo) => string;
  /** Whether there is an X-ray of the traffic. */
  hasXray: boolean;
}

/** The pages of a server. */
export interface Pages {
  /**
   * Answers `GET /`: a page for browsers, commands to try for other clients.
   */
  home: Handler;
  /** Makes the page of a directory. */
  listing: (listing: Listing) => Response;
  /** Answers `GET /xray`. */
  xray: Handler;
  /** Makes the page for an error, with the fields of its response. */
  error: (error: HttpError, headers: Headers) => Response;
}

/** Makes the pages. */
export function createPages(options: PagesOptions): Pages {
  const navigation = [
    { href: "/", name: "Home" },
    { href: "/files/", name: "Files" },
    ...options.hasXray ? [{ href: "/xray", name: "X-ray" }] : [],
  ];
  return {
    async home(request, info) {
      const origin = options.originOf(request, info);
      const response =
        accepts(request, "text/plain", "text/html") === "text/html"
          ? await homePage(options, origin, navigation)
          : new Response(commands(options, origin));
      response.headers.append("vary", "Accept");
      return response;
    },
    listing: listingPage(options, navigation),
    xray: () => xrayPage(navigation),
    error: (error, headers) => errorPage(error, headers, navigation),
  };
}

function commands({ mayWrite }: Home, origin: string): string {
  const lastLine = mayWrite
    ? `curl --data-binary @notes.txt ${origin}/files/notes.txt`
    : "It is read-only.";
  return `This is Sluice, an HTTP/1.1 server. Try:

curl ${origin}/echo/hello
curl ${origin}/user-agent
curl ${origin}/files/
curl -O ${origin}/files/NAME
${lastLine}
`;
}
