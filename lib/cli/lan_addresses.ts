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
): Promise<string[] | undefined> {
  if (!("hostname" in addr) || isLoopback(addr.hostname)) return [];
  if (!isEveryAddress(addr)) return [urlOf(addr.hostname, addr.port)];
  const { state } = await Deno.permissions.query(INTERFACES);
  if (state !== "granted") return undefined;
  const found = Deno.networkInterfaces()
    .filter((each) => isReachable(each, addr.hostname === "::"))
    .map(({ address }) => urlOf(address, addr.port));
  await Deno.permissions.revoke(INTERFACES);
  return found;
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

function urlOf(hostname: string, port: number): string {
  return `http://${authorityOf({ hostname, port })}/`;
}

/** A QR code of a text, for a terminal. */
export async function qrCode(text: string): Promise<string> {
  const { renderUnicodeCompact } = await import("uqr");
  return renderUnicodeCompact(text, { border: 2 });
}
