/**
 * Which hosts the command answers for. A page that somebody's name server
 * points at this machine (DNS rebinding) would otherwise share the server's
 * origin, and could do anything with its files that a local user can.
 *
 * In: a Request, whose URL has the authority of an absolute-form target, or
 * else that of Host. Out: whether its host is one of ours.
 *
 * @module
 */

import { authorityOf, hostOf, isLoopbackHost } from "../authority.ts";
import { HttpError } from "../errors.ts";
import type { Handler, HandlerInfo } from "../handler.ts";

/** What is told of hosts on the command line. */
export interface AllowedHostsOptions {
  /** Where the server listens. */
  host: string;
  /** Hosts as a URL has them, or `*` for all. */
  names: readonly string[];
}

/** The hosts that a server answers for. */
export class AllowedHosts {
  #names: ReadonlySet<string>;
  #isListed: boolean;
  #isEverywhere: boolean;
  /** Of the last request for a known host, with its slash: most are for the same. */
  #lastOrigin = "";

  constructor({ host, names }: AllowedHostsOptions) {
    this.#names = new Set(names);
    this.#isListed = names.length > 0;
    this.#isEverywhere = ["0.0.0.0", "::"].includes(host);
  }

  /**
   * Refuses requests for other hosts with 421 (RFC 9110 §7.4). Without a list, only
   * those that come over loopback to a server that listens there alone: of
   * others nobody knows by what names they call it.
   */
  guard(handler: Handler): Handler {
    if (this.#names.has("*")) return handler;
    return (request, info) => {
      if (!this.#isKnown(request, info) && this.#isGuarded(info)) {
        throw new HttpError(
          421,
          "This server does not answer for that host; " +
            "start it with --allow-host NAME to let it",
        );
      }
      return handler(request, info);
    };
  }

  /**
   * The origin to print, in a command for a shell: the client's word only if the
   * host is known and can mean nothing else there, or else the address that it
   * has come to.
   */
  originOf(request: Request, info: HandlerInfo): string {
    const { origin, protocol, host } = new URL(request.url);
    // Where it names no host, the URL may say `localhost`, which is not far enough.
    const isTrusted = !!request.headers.get("host") &&
      (this.#names.has("*") || this.#isKnown(request, info));
    if (isTrusted && plainAuthority.test(host)) return origin;
    return `${protocol}//${ownAuthority(info)}`;
  }

  #isKnown({ url }: Request, info: HandlerInfo): boolean {
    if (this.#lastOrigin !== "" && url.startsWith(this.#lastOrigin)) {
      return true;
    }
    const host = hostOf(url);
    if (isLoopbackHost(host) || this.#names.has(host)) {
      this.#lastOrigin = url.slice(0, url.indexOf("/", "https://".length) + 1);
      return true;
    }
    // Who names no host gets this in the URL, and who names it means no other.
    return host === hostOf(`http://${ownAuthority(info)}/`);
  }

  #isGuarded(info: HandlerInfo): boolean {
    return this.#isListed ||
      !this.#isEverywhere &&
        isLoopbackHost(hostOf(`http://${ownAuthority(info)}/`));
  }
}

/** What is the same in a URL, in a shell, and to a person who reads it. */
const plainAuthority =
  /^(?:[0-9a-z](?:[-.0-9a-z]*[0-9a-z])?|\[[.:0-9a-f]+\])(?::\d+)?$/;

function ownAuthority({ localAddr }: HandlerInfo): string {
  return "hostname" in localAddr ? authorityOf(localAddr) : "localhost";
}
