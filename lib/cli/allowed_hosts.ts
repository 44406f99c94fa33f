/**
 * Decides which hosts the command answers for. Otherwise a page whose name
 * server points at this machine (DNS rebinding) would share the server's
 * origin, and could do anything with its files that a local user can.
 *
 * In: a Request, whose URL has the authority of an absolute-form target, or
 * else of Host. Out: whether the server answers for its host.
 *
 * @module
 */

import {
  authorityOf,
  hostOf,
  isEveryAddress,
  isLoopbackHost,
} from "../authority.ts";
import { HttpError } from "../errors.ts";
import type { Handler, HandlerInfo } from "../handler.ts";

/** The hosts given on the command line. */
export interface AllowedHostsOptions {
  /** The host that the server listens on; undefined for a Unix socket. */
  host: string | undefined;
  /** Hosts as in a URL, or `*` for all. */
  names: readonly string[];
  /** What to do about a refusal. Default: start it with `--allow-host`. */
  advice?: string;
}

/** The hosts that a server answers for. */
export class AllowedHosts {
  #names: ReadonlySet<string>;
  #isListed: boolean;
  #isEverywhere: boolean;
  #advice: string;

  constructor(
    { host, names, advice = "start it with --allow-host NAME to allow it" }:
      AllowedHostsOptions,
  ) {
    this.#advice = advice;
    this.#names = new Set(names);
    this.#isListed = names.length > 0;
    this.#isEverywhere = host !== undefined &&
      isEveryAddress({ hostname: host });
  }

  /**
   * Refuses requests for other hosts with 421 (RFC 9110 §7.4). Without a list,
   * it refuses only requests to a server that listens on loopback alone: the
   * names of other servers are unknown, and no page makes a browser ask a Unix
   * socket.
   */
  guard(handler: Handler): Handler {
    if (this.#names.has("*")) return handler;
    return (request, info) => {
      if (!this.#isKnown(request, info) && this.#isGuarded(info)) {
        throw new HttpError(
          421,
          `This server does not answer for this host; ${this.#advice}`,
        );
      }
      return handler(request, info);
    };
  }

  /**
   * The origin to print in a command for a shell: the client's, if the host is
   * known and safe in a shell, else the server's own address.
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
    const host = hostOf(url);
    if (isLoopbackHost(host) || this.#names.has(host)) return true;
    // The URL of a request without a host has this one; a request that names it
    // means it.
    return host === hostOf(`http://${ownAuthority(info)}/`);
  }

  #isGuarded(info: HandlerInfo): boolean {
    return this.#isListed ||
      !this.#isEverywhere && "hostname" in info.localAddr &&
        isLoopbackHost(hostOf(`http://${ownAuthority(info)}/`));
  }
}

/** An authority that means the same in a URL, in a shell and to a reader. */
const plainAuthority =
  /^(?:[0-9a-z](?:[-.0-9a-z]*[0-9a-z])?|\[[.:0-9a-f]+\])(?::\d+)?$/;

function ownAuthority({ localAddr }: HandlerInfo): string {
  return "hostname" in localAddr ? authorityOf(localAddr) : "localhost";
}
