/**
 * IP addresses as text: whether it is one, how it is written, and which client
 * it stands for.
 *
 * @module
 */

/**
 *     IPv4address = dec-octet "." dec-octet "." dec-octet "." dec-octet
 *     dec-octet   = 0 to 255, without zeros in front         RFC 3986 §3.2.2
 */
export function isIPv4Address(text: string): boolean {
  return /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(text) &&
    text.split(".").every((part) => Number(part) < 256);
}

/** Whether it is an IPv6 address, without brackets (RFC 4291 §2.2). */
export function isIPv6Address(text: string): boolean {
  return text.length <= LONGEST_IPV6 && text.includes(":") &&
    /^[\da-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]/`);
}

/** `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255` */
const LONGEST_IPV6 = 45;

/**
 * An IPv6 address as RFC 5952 writes it. One that stands for an IPv4 address
 * (RFC 4291 §2.5.5.2) becomes that: a socket for both kinds tells it so.
 */
export function canonicalIPv6(address: string): string {
  const host = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(host);
  if (!mapped) return host;
  const octets = mapped.slice(1).flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
  return octets.join(".");
}

/**
 * The network that one client has for itself: an IPv4 address, or the 64 bits
 * of an IPv6 address from which a network takes as many as it likes (RFC 6177
 * §2). What is no address stands for itself.
 */
export function networkOf(hostname: string): string {
  if (!hostname.includes(":")) return hostname;
  // A link-local address has its interface behind it (RFC 4007 §11).
  const [address] = hostname.split("%", 1);
  if (!isIPv6Address(address)) return hostname;
  const canonical = canonicalIPv6(address);
  if (!canonical.includes(":")) return canonical;
  const [before, after] = canonical.split("::")
    .map((part) => part === "" ? [] : part.split(":"));
  const zeros = Array(8 - before.length - (after?.length ?? 0)).fill("0");
  const groups = [...before, ...zeros, ...after ?? []];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
