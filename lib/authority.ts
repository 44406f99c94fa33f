/**
 * Where a server is, as a URL has it.
 *
 * @module
 */

/** `host:port`, with the brackets of an IPv6 address (RFC 3986 §3.2.2). */
export function authorityOf(
  { hostname, port }: Pick<Deno.NetAddr, "hostname" | "port">,
): string {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return `${host}:${port}`;
}
