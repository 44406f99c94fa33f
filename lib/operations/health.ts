/**
 * Tells a load balancer whether to send requests here: `/-/health` is 200 as long
 * as the process answers, `/-/ready` until it is about to stop.
 *
 * @module
 */

import type { Handler } from "../handler.ts";

/** The paths that it answers. */
export const healthPaths: readonly string[] = ["/-/health", "/-/ready"];

/** The state of a server, as load balancers see it. */
export class Health {
  /** Whether load balancers should send requests here. */
  isReady = true;
  /** Whether a load balancer has asked: only then can one learn that it should not. */
  isWatched = false;
  /** Called when one asks for the first time. */
  onWatched: () => void = () => {};

  /** Answers the two paths, for any host, and passes on everything else. */
  guard(handler: Handler): Handler {
    return (request, info) => {
      const { url } = request;
      return url.startsWith(PREFIX, url.indexOf("/", SCHEME))
        ? this.#answer(request) ?? handler(request, info)
        : handler(request, info);
    };
  }

  #answer({ url, method }: Request): Response | undefined {
    const { pathname } = new URL(url);
    if (!healthPaths.includes(pathname)) return undefined;
    if (method !== "GET" && method !== "HEAD") {
      return new Response(null, { status: 405, headers: { allow: METHODS } });
    }
    if (pathname === "/-/ready" && !this.isWatched) {
      this.isWatched = true;
      this.onWatched();
    }
    const isWell = this.isReady || pathname === "/-/health";
    return new Response(null, {
      status: isWell ? 200 : 503,
      headers: { "cache-control": "no-store" },
    });
  }
}

const PREFIX = "/-/";
const METHODS = "GET, HEAD";

/** Where the authority of a URL begins at the earliest. */
const SCHEME = "http://".length;
