/**
 * What proxies say of the client that a request comes from: `Forwarded` (RFC 7239),
 * or the fields `X-Forwarded-For`, `-Proto` and `-Host` that came before it.
 *
 * Anybody can send these. A proxy appends what it has seen, so the list is read from
 * its end, as long as those that wrote it are trusted.
 *
 * @module
 */
import { nameOfPeer } from "../authority.ts";
import type { FieldSection } from "./field_section.ts";
import { isAuthority } from "./grammar.ts";
import { canonicalIPv6, isIPv4Address, isIPv6Address } from "./ip_address.ts";

/** An address of the network, as a proxy has written it. */
export interface Peer {
  /** An IP address, without brackets. */
  hostname: string;
  /** 0 where it is not told. */
  port: number;
}

/** Where a request comes from, as far as those are trusted who say it. */
export interface ReportedOrigin {
  /** Whether there is none of these fields: the proxy asks for itself. */
  isSilent: boolean;
  /**
   * The first peer that is not trusted, or else the last one of the list; undefined
   * if that is the peer itself.
   */
  client?: Peer;
  /** The scheme by which the client asked, if it is told. */
  scheme?: "http" | "https";
  /** The authority for which it asked, if it is told. */
  authority?: string;
}

/** What one proxy has seen. */
interface Hop {
  client?: Peer;
  scheme?: string;
  authority?: string;
}

/** A list of them, the last of which is read first, and most often alone. */
interface Hops {
  readonly length: number;
  at(index: number): Hop | undefined;
}

type IsTrusted = (hostname: string) => boolean;

/**
 * Tells where a request comes from; undefined if its peer is not trusted.
 *
 * A proxy that sets one kind of fields may pass on what a client has sent of the
 * other kind. So where both are here, only what both say is believed.
 *
 * @param fields The header section of the request.
 * @param peer Who the connection is from; one without a host name is `unix:`.
 * @param isTrusted Whether an address is that of a proxy to believe.
 */
export function reportedOrigin(
  fields: FieldSection,
  peer: { transport?: string; hostname?: string },
  isTrusted: IsTrusted,
): ReportedOrigin | undefined {
  if (!isTrusted(nameOfPeer(peer))) return undefined;
  const forwarded = fields.get("forwarded");
  const older = hopsOfOlderFields(fields);
  if (forwarded === undefined) return originOf(older, isTrusted);
  const origin = originOf(parseForwarded(forwarded), isTrusted);
  return older.length > 0 ? agreed(origin, originOf(older, isTrusted)) : origin;
}

function agreed(one: ReportedOrigin, other: ReportedOrigin): ReportedOrigin {
  const { client, scheme, authority } = one;
  return {
    isSilent: false,
    client: client?.hostname === other.client?.hostname ? client : undefined,
    scheme: scheme === other.scheme ? scheme : undefined,
    authority: authority === other.authority ? authority : undefined,
  };
}

function originOf(hops: Hops, isTrusted: IsTrusted): ReportedOrigin {
  let client: Peer | undefined;
  let at = hops.length;
  while (at > 0 && (!client || isTrusted(client.hostname))) {
    const next = hops.at(at - 1)?.client;
    if (!next) break;
    client = next;
    at--;
  }
  // What was seen by the proxy that the client has spoken to.
  const { scheme, authority } = hops.at(Math.min(at, hops.length - 1)) ?? {};
  const told = scheme?.toLowerCase();
  return {
    isSilent: hops.length === 0,
    client,
    scheme: told === "http" || told === "https" ? told : undefined,
    authority: authority && isAuthority(authority) ? authority : undefined,
  };
}

/**
 * Of `X-Forwarded-For`, `-Proto` and `-Host`. What a client has sent itself stands
 * in front, in each of them or in some: so the last members belong together. One
 * that is shorter was set by a proxy in front, and passed on.
 */
function hopsOfOlderFields(fields: FieldSection): Hops {
  const clients = listOf(fields.get("x-forwarded-for"));
  const schemes = listOf(fields.get("x-forwarded-proto"));
  const authorities = listOf(fields.get("x-forwarded-host"));
  const isAsked = schemes.length > 0 || authorities.length > 0;
  const length = Math.max(clients.length, isAsked ? 1 : 0);
  const member = (list: string[], at: number) =>
    list[list.length - length + at] ?? list.at(-1);
  return {
    length,
    at: (at) => {
      return at < 0 ? undefined : {
        client: parsePeer(clients[at] ?? ""),
        scheme: member(schemes, at),
        authority: member(authorities, at),
      };
    },
  };
}

function listOf(value: string | undefined): string[] {
  return value === undefined ? [] : value.split(",").map((each) => each.trim());
}

/**
 *     Forwarded         = 1#forwarded-element
 *     forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )
 *     forwarded-pair    = token "=" ( token / quoted-string )    RFC 7239 §4
 *
 * Laxer: a value may have the colons of an address without quotes, as many write it.
 *
 * @returns One for each element; one that says nothing if any of it is wrong.
 */
function parseForwarded(value: string): Hop[] {
  const hops: Hop[] = [];
  let pairs = new Map<string, string>();
  pair.lastIndex = 0;
  while (pair.lastIndex < value.length) {
    const match = pair.exec(value);
    if (!match) return [{}];
    const [, name, plain, quoted, end] = match;
    if (name !== undefined) {
      pairs.set(name.toLowerCase(), plain ?? quoted.replaceAll(/\\(.)/g, "$1"));
    }
    if (end === ";") continue;
    hops.push({
      client: parsePeer(pairs.get("for") ?? ""),
      scheme: pairs.get("proto"),
      authority: pairs.get("host"),
    });
    pairs = new Map();
  }
  return hops;
}

const pair =
  /[ \t]*(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:([!#$%&'*+\-.^_`|~:[\]0-9A-Za-z]+)|"((?:[^"\\]|\\.)*)")[ \t]*)?(;|,|$)/y;

/**
 *     node = nodename [ ":" node-port ]                         RFC 7239 §6
 *
 * @returns Undefined for `unknown`, for `_hidden`, and for what is no IP address.
 */
function parsePeer(node: string): Peer | undefined {
  const { v4, v6, port = "0" } = address.exec(node)?.groups ?? {};
  if (v4 !== undefined) {
    return isIPv4Address(v4) ? { hostname: v4, port: Number(port) } : undefined;
  }
  // An IPv6 address alone has more than one colon.
  const hostname = v6 ?? node;
  return isIPv6Address(hostname)
    ? { hostname: canonicalIPv6(hostname), port: Number(port) }
    : undefined;
}

const address =
  /^(?:(?<v4>\d{1,3}(?:\.\d{1,3}){3})|\[(?<v6>[\da-f:.]{2,45})\])(?::(?<port>\d{1,5}))?$/i;
