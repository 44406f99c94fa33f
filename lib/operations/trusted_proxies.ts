/**
 * Tells by its address whether a proxy is one of those that are trusted.
 *
 * @module
 */

import ipaddr from "ipaddr.js";

/** The name of all peers of a Unix socket. */
const UNIX = "unix:";

/**
 * Makes what `serve({ trustProxy })` takes.
 *
 * @param ranges IP addresses, ranges of them such as `10.0.0.0/8`, and `unix:` for
 * who connects to a Unix socket. Throws an Error for what is none of these.
 */
export function trustedProxies(
  ranges: readonly string[],
): (hostname: string) => boolean {
  const isUnixTrusted = ranges.includes(UNIX);
  const networks = ranges.filter((range) => range !== UNIX).map((range) =>
    ipaddr.parseCIDR(range.includes("/") ? range : withAllBits(range))
  );
  return (hostname) => {
    if (hostname === UNIX) return isUnixTrusted;
    if (!ipaddr.isValid(hostname)) return false;
    // An IPv4 address comes as ::ffff:… to a socket that takes both.
    const address = ipaddr.process(hostname);
    return networks.some(([network, bits]) =>
      network.kind() === address.kind() && address.match(network, bits)
    );
  };
}

function withAllBits(address: string): string {
  return `${address}/${ipaddr.parse(address).kind() === "ipv4" ? 32 : 128}`;
}
