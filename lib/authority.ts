/**
 * The authority of a server's URLs: host and port as text, and whether a host
 * can only be this machine. The defense against DNS rebinding relies on it.
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
 * The host of a normalized HTTP URL, without its port and a dot at its end. It
 * only slices the text, because it runs for every request.
 */
export function hostOf(url: string): string {
  const start = url.indexOf("//") + 2;
  let end = url.indexOf("/", start);
  const colon = url.lastIndexOf(":", end - 1);
  // The colons of an IPv6 address are inside brackets.
  if (colon > start && url[end - 1] !== "]") end = colon;
  if (url[end - 1] === ".") end--;
  return url.slice(start, end);
}

/**
 * Whether a host, as in a URL, means the local machine for every client: no
 * name server can point it elsewhere (RFC 6761 §6.3, RFC 5735 §3, RFC 4291
 * §2.5.3).
 */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "[::1]" ||
    host.endsWith(".localhost") || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Whether only this machine can reach a server that listens there. */
export function isLoopback(host: string): boolean {
  return /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/i.test(host);
}

/** The authority to use if the client names none, as HTTP/1.0 allows. */
export function ownAuthority(addr: Deno.Addr): string {
  if (!("hostname" in addr)) return "localhost";
  return isEveryAddress(addr) ? `localhost:${addr.port}` : authorityOf(addr);
}

/** The name of a connection's other end: its address, or `unix:`. */
export function nameOfPeer(
  { hostname = "unix:" }: { transport?: string; hostname?: string },
): string {
  return hostname;
}

/** Whether who listens there listens on every network. */
export function isEveryAddress({ hostname }: { hostname: string }): boolean {
  return hostname === "0.0.0.0" || hostname === "::";
}

/**
 * Whether it is a Unix socket with a path, for which `Deno.serve` uses
 * `http+unix`.
 */
export function isUnixSocket(addr: Deno.Addr): addr is Deno.UnixAddr {
  return addr.transport === "unix" && !!addr.path;
}
