/**
 * Tells by its address whether a proxy is one of those that are trusted.
 *
 * @module
 */

import ipaddr from "ipaddr.js";

/**
 * Makes what `serve({ trustProxy })` takes.
 *
 * @param ranges IP addresses, and ranges of them such as `10.0.0.0/8`. Throws an
 * Error for what is neither.
 */
export function trustedProxies(
  ranges: readonly string[],
): (hostname: string) => boolean {
  const networks = ranges.map((range) =>
    ipaddr.parseCIDR(range.includes("/") ? range : withAllBits(range))
  );
  return (hostname) => {
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
