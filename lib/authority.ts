/**
 * The authority of a server's URLs: host and port as text, and whether a host
 * can only be this machine, which the defence against DNS rebinding rests on.
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

/**
 * The host of an HTTP URL that is as `new URL` writes it, without its port and
 * the dot that may end a name: a plain cut, for it is made with every request.
 */
export function hostOf(url: string): string {
  const start = url.indexOf("//") + 2;
  let end = url.indexOf("/", start);
  const colon = url.lastIndexOf(":", end - 1);
  // The colons of an IPv6 address stand in brackets.
  if (colon > start && url[end - 1] !== "]") end = colon;
  if (url[end - 1] === ".") end--;
  return url.slice(start, end);
}

/**
 * Whether a host, as a URL has it, is this machine for whoever says it: no name
 * server can point it here (RFC 6761 §6.3, RFC 5735 §3, RFC 4291 §2.5.3).
 */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "[::1]" ||
    host.endsWith(".localhost") || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** The authority to go by where the client names none, as HTTP/1.0 may. */
export function ownAuthority(addr: Deno.Addr): string {
  if (!("hostname" in addr)) return "localhost";
  return isEveryAddress(addr) ? `localhost:${addr.port}` : authorityOf(addr);
}

/** Whether who listens there listens on every network. */
export function isEveryAddress({ hostname }: { hostname: string }): boolean {
  return hostname === "0.0.0.0" || hostname === "::";
}

/** Whether it is one that a path leads to: there `Deno.serve` says `http+unix`. */
export function isUnixSocket(addr: Deno.Addr): addr is Deno.UnixAddr {
  return addr.transport === "unix" && !!addr.path;
}
