/**
 * Headers of the PROXY protocol, and whom they name. Each is parsed whole, octet
 * by octet and cut at every place, with the same outcome.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { ProtocolError } from "../../lib/errors.ts";
import { encodeLatin1 } from "../../lib/wire/grammar.ts";
import {
  type ProxiedSource,
  ProxyHeaderParser,
} from "../../lib/wire/proxy_protocol.ts";

const signature = "\r\n\r\n\0\r\nQUIT\n";

/** A header of version 2: command and version, family, addresses and TLVs. */
function binary(command: number, family: number, ...rest: Uint8Array[]) {
  const length = rest.reduce((sum, each) => sum + each.length, 0);
  const start = [command, family, length >> 8, length & 0xff];
  return concat([encodeLatin1(signature), new Uint8Array(start), ...rest]);
}

const v4 = new Uint8Array([192, 0, 2, 1, 10, 0, 0, 1, 0xc3, 0x50, 0, 80]);
const v6 = new Uint8Array(36);
v6.set([0x20, 0x01, 0x0d, 0xb8]);
v6[15] = 7;
v6.set([0, 99, 0, 80], 32);
const mapped = new Uint8Array(36);
mapped.set([0xff, 0xff, 192, 0, 2, 1], 10);
mapped.set([0, 7], 32);
const paths = new Uint8Array(216);
paths.set(encodeLatin1("/run/client"));
/** PP2_TYPE_AUTHORITY, and PP2_TYPE_NOOP of some length. */
const authority = concat([
  new Uint8Array([0x02, 0, 9]),
  encodeLatin1("a.example"),
]);
const padding = (length: number) => {
  const noop = new Uint8Array(length);
  noop.set([0x04, (length - 3) >> 8, (length - 3) & 0xff]);
  return noop;
};

const client: ProxiedSource = {
  kind: "ip",
  hostname: "192.0.2.1",
  port: 50_000,
};
const client6: ProxiedSource = {
  kind: "ip",
  hostname: "2001:db8::7",
  port: 99,
};
const longest6 = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

const accepted: [
  why: string,
  header: string | Uint8Array,
  source: ProxiedSource,
][] = [
  ["v1, TCP4", "PROXY TCP4 192.0.2.1 10.0.0.1 50000 80\r\n", client],
  ["v1, TCP6", "PROXY TCP6 2001:DB8:0::7 ::1 99 80\r\n", client6],
  [
    "v1, TCP6 that stands for IPv4",
    "PROXY TCP6 ::ffff:192.0.2.1 ::1 50000 80\r\n",
    client,
  ],
  [
    "v1, the longest addresses",
    `PROXY TCP6 ${longest6} ${longest6} 65535 65535\r\n`,
    { kind: "ip", hostname: longest6, port: 65_535 },
  ],
  ["v1, port 0", "PROXY TCP4 192.0.2.1 10.0.0.1 0 0\r\n", {
    kind: "ip",
    hostname: "192.0.2.1",
    port: 0,
  }],
  ["v1, UNKNOWN", "PROXY UNKNOWN\r\n", { kind: "unknown" }],
  [
    "v1, UNKNOWN with something behind it, of 107 octets in all",
    `PROXY UNKNOWN ${"x".repeat(91)}\r\n`,
    { kind: "unknown" },
  ],
  ["v2, TCP over IPv4", binary(0x21, 0x11, v4), client],
  ["v2, TCP over IPv6", binary(0x21, 0x21, v6), client6],
  ["v2, IPv6 that stands for IPv4", binary(0x21, 0x21, mapped), {
    kind: "ip",
    hostname: "192.0.2.1",
    port: 7,
  }],
  ["v2, a Unix socket", binary(0x21, 0x31, paths), {
    kind: "unix",
    path: "/run/client",
  }],
  ["v2, TLVs", binary(0x21, 0x11, v4, authority, padding(40)), client],
  ["v2, TLVs of 4 KiB", binary(0x21, 0x11, v4, padding(4084)), client],
  ["v2, AF_UNSPEC", binary(0x21, 0x00), { kind: "unknown" }],
  ["v2, AF_UNSPEC and TLVs", binary(0x21, 0x00, authority), {
    kind: "unknown",
  }],
  ["v2, datagrams", binary(0x21, 0x12, v4), { kind: "unknown" }],
  ["v2, LOCAL", binary(0x20, 0x00), { kind: "proxy" }],
  ["v2, LOCAL and what it need not have", binary(0x20, 0x11, v4), {
    kind: "proxy",
  }],
  ["v2, LOCAL of an unknown family", binary(0x20, 0x77, authority), {
    kind: "proxy",
  }],
];

const refused: [why: string, header: string | Uint8Array][] = [
  ["a request", "GET / HTTP/1.1\r\nHost: h\r\n\r\n"],
  ["empty lines, and a request", "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"],
  ["the handshake of TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc"],
  ["v1 in lower case", "proxy TCP4 192.0.2.1 10.0.0.1 50000 80\r\n"],
  ["v1 without a family", "PROXY 192.0.2.1 10.0.0.1 50000 80\r\n"],
  ["v1 of another family", "PROXY TCP5 192.0.2.1 10.0.0.1 50000 80\r\n"],
  ["v1 of a family that objects have", "PROXY constructor 1 1 1 1\r\n"],
  ["v1 without anything", "PROXY \r\n"],
  ["v1, UNKNOWN that goes on", "PROXY UNKNOWNS\r\n"],
  ["v1, the wrong family", "PROXY TCP6 192.0.2.1 10.0.0.1 50000 80\r\n"],
  ["v1, the other wrong family", "PROXY TCP4 ::1 ::1 50000 80\r\n"],
  ["v1, no destination", "PROXY TCP4 192.0.2.1 50000 80\r\n"],
  ["v1, a wrong destination", "PROXY TCP4 192.0.2.1 localhost 50000 80\r\n"],
  ["v1, an octet too large", "PROXY TCP4 192.0.2.256 10.0.0.1 1 80\r\n"],
  ["v1, zeros in front", "PROXY TCP4 192.0.02.1 10.0.0.1 1 80\r\n"],
  ["v1, brackets", "PROXY TCP6 [::1] [::1] 1 80\r\n"],
  ["v1, a port too large", "PROXY TCP4 192.0.2.1 10.0.0.1 65536 80\r\n"],
  ["v1, a zero before a port", "PROXY TCP4 192.0.2.1 10.0.0.1 01 80\r\n"],
  ["v1, a signed port", "PROXY TCP4 192.0.2.1 10.0.0.1 +1 80\r\n"],
  ["v1, two spaces", "PROXY TCP4  192.0.2.1 10.0.0.1 1 80\r\n"],
  ["v1, something at its end", "PROXY TCP4 192.0.2.1 10.0.0.1 1 80 \r\n"],
  ["v1, a bare LF", "PROXY TCP4 192.0.2.1 10.0.0.1 1 80\nGET / HTTP/1.1\r\n"],
  ["v1, a bare CR", "PROXY TCP4 192.0.2.1 10.0.0.1 1 80\rGET / HTTP/1.1\r\n"],
  ["v1, a NUL", "PROXY TCP4 192.0.2.1\0 10.0.0.1 1 80\r\n"],
  ["v1, 108 octets", `PROXY UNKNOWN ${"x".repeat(92)}\r\n`],
  ["v1 without an end", `PROXY TCP4 ${"1".repeat(200)}`],
  ["v2, version 1", binary(0x11, 0x11, v4)],
  ["v2, version 3", binary(0x31, 0x11, v4)],
  ["v2, an unknown command", binary(0x22, 0x11, v4)],
  ["v2, an unknown family", binary(0x21, 0x41, v4)],
  ["v2, an unknown transport", binary(0x21, 0x13, v4)],
  ["v2, a family without a transport", binary(0x21, 0x10, v4)],
  ["v2, too short for IPv4", binary(0x21, 0x11, v4.subarray(0, 11))],
  ["v2, too short for IPv6", binary(0x21, 0x21, v6.subarray(0, 35))],
  ["v2, too short for paths", binary(0x21, 0x31, paths.subarray(0, 215))],
  ["v2, more than 4 KiB", binary(0x21, 0x11, v4, padding(4085))],
  ["v2, LOCAL of more than 4 KiB", binary(0x20, 0x00, padding(4097))],
];

function octetsOf(header: string | Uint8Array): Uint8Array {
  return typeof header === "string" ? encodeLatin1(header) : header;
}

/** Parses octets that arrive up to each of these places, behind three others. */
function parse(octets: Uint8Array, places: number[]) {
  const parser = new ProxyHeaderParser();
  const moved = concat([encodeLatin1("GET"), octets]);
  for (const place of places) {
    // What has not arrived is not looked at.
    const arrived = new Uint8Array(moved.length).fill(0xff);
    arrived.set(moved.subarray(0, 3 + place));
    const source = parser.parse(arrived, 3, 3 + place);
    if (source) return { source, taken: parser.taken, place };
  }
  return undefined;
}

/** Ways for octets to arrive. */
function* arrivals({ length }: Uint8Array): Generator<number[]> {
  yield [length];
  yield Array.from({ length }, (_, at) => at + 1);
  for (let place = 1; place < Math.min(length, 300); place++) {
    yield [place, length];
  }
}

for (const [why, header, source] of accepted) {
  Deno.test(`PROXY protocol: ${why}`, () => {
    const octets = octetsOf(header);
    const { length } = octets;
    for (const places of arrivals(octets)) {
      assertEquals(
        parse(octets, places),
        { source, taken: length, place: length },
      );
    }
    // The octets of the first request are left.
    const more = concat([octets, encodeLatin1("GET / HTTP/1.1\r\n")]);
    assertEquals(parse(more, [more.length])?.taken, length);
  });
}

for (const [why, header] of refused) {
  Deno.test(`PROXY protocol: ${why}: refused`, () => {
    const octets = octetsOf(header);
    const messages = [...arrivals(octets)].map((places) =>
      assertThrows(() => parse(octets, places), ProtocolError).message
    );
    assertEquals([...new Set(messages)].length, 1);
  });
}
