/**
 * The URLs by which other machines reach a server that listens on all addresses,
 * and a code of one that a phone can read. It asks nobody for a permission.
 *
 * @module
 */

import { authorityOf, isEveryAddress, isLoopback } from "../authority.ts";

const INTERFACES = { name: "sys", kind: "networkInterfaces" } as const;

/**
 * The URLs of a server for other machines: none if only this one reaches it,
 * undefined if Deno does not let the addresses be seen.
 */
export async function urlsOnNetwork(
  addr: Deno.Addr,
  scheme: string,
): Promise<string[] | undefined> {
  if (!("hostname" in addr) || isLoopback(addr.hostname)) return [];
  const { hostname, port } = addr;
  const hosts = isEveryAddress(addr)
    ? await hostsOnNetwork(hostname)
    : [hostname];
  await Deno.permissions.revoke(INTERFACES);
  return hosts?.map((host) =>
    `${scheme}://${authorityOf({ hostname: host, port })}/`
  );
}

/**
 * The addresses at which other machines reach one that listens on all;
 * undefined if Deno does not let them be seen.
 */
export async function hostsOnNetwork(
  host: string,
): Promise<string[] | undefined> {
  const { state } = await Deno.permissions.query(INTERFACES);
  if (state !== "granted") return undefined;
  return Deno.networkInterfaces()
    .filter((each) => isReachable(each, host === "::"))
    .map(({ address }) => address);
}

/** Link-local addresses are of use only with the name of an interface. */
function isReachable(
  { family, address }: Deno.NetworkInterfaceInfo,
  takesIpv6: boolean,
): boolean {
  if (isLoopback(address)) return false;
  return family === "IPv4"
    ? !address.startsWith("169.254.")
    : takesIpv6 && !/^fe[89ab]/i.test(address);
}

/** A QR code of a text, for a terminal. */
export async function qrCode(text: string): Promise<string> {
  const { renderUnicodeCompact } = await import("uqr");
  return renderUnicodeCompact(text, { border: 2 });
}
