/**
 * The header that a proxy sends before all else on a connection, to tell whom
 * it is from: the PROXY protocol, versions 1 and 2
 * (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt).
 *
 * In: the first octets of a connection. Out: the client, or a ProtocolError at
 * the first octet that is wrong. It does not know who may send a header: if
 * anybody could, clients would choose their address.
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import type { Parser } from "./byte_reader.ts";
import { CR, decodeLatin1, encodeLatin1, LF } from "./grammar.ts";
import { canonicalIPv6, isIPv4Address, isIPv6Address } from "./ip_address.ts";

/** Whom a proxy says that a connection is from. */
export type ProxiedSource =
  /** The proxy itself, as in a health check. */
  | { kind: "proxy" }
  /** A client, or the proxy itself, without an address. */
  | { kind: "unknown" }
  | { kind: "ip"; hostname: string; port: number }
  | { kind: "unix"; path: string };

/** Octets of a header of version 1, with its CRLF (§2.1). */
const MOST_TEXT = 107;

/** Octets of addresses and TLVs in a header of version 2, of 65,535 possible. */
const MOST_BINARY = 4096;

const TEXT_SIGNATURE = encodeLatin1("PROXY ");
const BINARY_SIGNATURE = encodeLatin1("\r\n\r\n\0\r\nQUIT\n");
/** The signature, version and command, family, and length. */
const BINARY_START = 16;

/** Parses one header; each takes a parser of its own. */
export class ProxyHeaderParser implements Parser<ProxiedSource> {
  taken = 0;

  parse(
    octets: Uint8Array,
    start: number,
    end: number,
  ): ProxiedSource | undefined {
    const received = octets.subarray(start, end);
    const isBinary = received[0] === BINARY_SIGNATURE[0];
    const signature = isBinary ? BINARY_SIGNATURE : TEXT_SIGNATURE;
    const known = Math.min(received.length, signature.length);
    for (let at = this.taken; at < known; at++) {
      if (received[at] !== signature[at]) throw malformed("is missing");
    }
    this.taken = Math.max(this.taken, known);
    if (received.length < signature.length) return undefined;
    return isBinary ? this.#parseBinary(received) : this.#parseText(received);
  }

  #parseText(octets: Uint8Array): ProxiedSource | undefined {
    const stop = Math.min(octets.length, MOST_TEXT - 1);
    let at = this.taken;
    while (at < stop && octets[at] >= 0x20 && octets[at] < 0x7f) at++;
    this.taken = at;
    if (at === MOST_TEXT - 1) throw malformed("is too long");
    if (at === octets.length) return undefined;
    if (octets[at] !== CR) throw malformed("has a control character");
    if (at + 1 === octets.length) return undefined;
    if (octets[at + 1] !== LF) throw malformed("does not end with CRLF");
    this.taken = at + 2;
    return parseLine(decodeLatin1(octets, 0, at));
  }

  #parseBinary(octets: Uint8Array): ProxiedSource | undefined {
    const [command, family, high, low] = octets.subarray(
      BINARY_SIGNATURE.length,
      BINARY_START,
    );
    // Each is undefined until it has arrived.
    const isLocal = command === LOCAL;
    if (command !== undefined && !isLocal && command !== PROXY) {
      throw malformed("has an unknown version or command");
    }
    const isForeign = family !== undefined && !isLocal &&
      !Object.hasOwn(families, family);
    if (isForeign) throw malformed("has an unknown family or transport");
    if (low === undefined) return undefined;
    const length = 256 * high + low;
    if (length > MOST_BINARY) throw malformed("is too long");
    if (octets.length < BINARY_START + length) return undefined;
    this.taken = BINARY_START + length;
    if (isLocal) return { kind: "proxy" };
    return families[family](octets.subarray(BINARY_START, this.taken));
  }
}

/**
 *     header-v1 = "PROXY" SP ( ( "TCP4" / "TCP6" ) SP source SP destination
 *                 SP source-port SP destination-port
 *               / "UNKNOWN" [ SP *VCHAR-or-SP ] ) CRLF                    §2.1
 */
function parseLine(text: string): ProxiedSource {
  const [, family, from, to, port, toPort, ...more] = text.split(" ");
  if (family === "UNKNOWN") return { kind: "unknown" };
  const isAddress = addressTests.get(family);
  const isValid = isAddress && toPort !== undefined && more.length === 0 &&
    isAddress(from) && isAddress(to) && isPort(port) && isPort(toPort);
  if (!isValid) throw malformed("has a wrong line");
  const hostname = family === "TCP4" ? from : canonicalIPv6(from);
  return { kind: "ip", hostname, port: Number(port) };
}

const addressTests = new Map([
  ["TCP4", isIPv4Address],
  ["TCP6", isIPv6Address],
]);

/** No sign, and no zeros in front. */
function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) < 65_536;
}

/** Version 2 in the upper four bits, and the command (§2.2). */
const LOCAL = 0x20;
const PROXY = 0x21;

/**
 * What the octets after the start say, by address family and transport (§2.2).
 * TLVs follow the addresses, and are skipped. UDP, which cannot come through a
 * connection, counts as unspecified.
 */
const families: Record<number, (octets: Uint8Array) => ProxiedSource> = {
  0x00: () => ({ kind: "unknown" }),
  0x11: (octets) => readIPv4(octets),
  0x12: () => ({ kind: "unknown" }),
  0x21: (octets) => readIPv6(octets),
  0x22: () => ({ kind: "unknown" }),
  0x31: (octets) => readUnixPath(octets),
  0x32: () => ({ kind: "unknown" }),
};

function readIPv4(octets: Uint8Array): ProxiedSource {
  requireOctets(octets, 12);
  const hostname = octets.subarray(0, 4).join(".");
  return { kind: "ip", hostname, port: numberAt(octets, 8) };
}

function readIPv6(octets: Uint8Array): ProxiedSource {
  requireOctets(octets, 36);
  const groups = Array.from(
    { length: 8 },
    (_, at) => numberAt(octets, 2 * at).toString(16),
  );
  const hostname = canonicalIPv6(groups.join(":"));
  return { kind: "ip", hostname, port: numberAt(octets, 32) };
}

/** Octets of a path, the rest of which are NUL. */
const UNIX_PATH = 108;

function readUnixPath(octets: Uint8Array): ProxiedSource {
  requireOctets(octets, 2 * UNIX_PATH);
  const [path] = decoder.decode(octets.subarray(0, UNIX_PATH)).split("\0", 1);
  return { kind: "unix", path };
}

const decoder = new TextDecoder();

function numberAt(octets: Uint8Array, at: number): number {
  return 256 * octets[at] + octets[at + 1];
}

function requireOctets({ length }: Uint8Array, least: number): void {
  if (length < least) throw malformed("is too short for its addresses");
}

function malformed(why: string): ProtocolError {
  return new ProtocolError(400, `The PROXY header ${why}`);
}
