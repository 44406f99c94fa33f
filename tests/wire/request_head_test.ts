/**
 * Heads, however their octets are cut: the same head, or the same refusal at the
 * same octet.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../lib/errors.ts";
import { resolveLimits } from "../../lib/limits.ts";
import { LastSection } from "../../lib/wire/request_head.ts";
import { HeadParser, type RequestHead } from "../../lib/wire/request_head.ts";
import { latin1 } from "../support/conversation.ts";

const limits = resolveLimits({
  requestLine: 40,
  fieldSection: 60,
  fieldCount: 3,
});

interface Outcome {
  head?: RequestHead;
  taken?: number;
  refusal?: [status: number, message: string];
  /** The request line that a log would show. */
  line?: string;
}

/** What comes of octets that come cut at these places; nothing, if too few. */
function parse(octets: Uint8Array, ends: number[]): Outcome | undefined {
  const parser = new HeadParser(limits, new LastSection());
  try {
    for (const end of ends) {
      // What stands behind those that have come is no part of them.
      const buffer = new Uint8Array(octets.length + 12).fill(0x61);
      buffer.set(octets.subarray(0, end), 5);
      const head = parser.parse(buffer, 5, 5 + end);
      if (head) return { head, taken: parser.taken };
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const line = parser.line &&
      `${parser.line.method} ${parser.line.rawTarget}`;
    return { refusal: [error.status, error.message], line };
  }
}

const line = "GET /a HTTP/1.1\r\n";
const host = "Host: h\r\n";

/** Heads, each with the status that it gets, and whether its line is logged. */
const heads: [octets: string, status: number, isLogged?: boolean][] = [
  [`${line}${host}\r\n`, 200],
  [`${line}${host}A: ${"b".repeat(46)}\r\n\r\n`, 200],
  [`GET /${"a".repeat(26)} HTTP/1.1\r\n${host}\r\n`, 200],
  [`GET /a HTTP/1.0\r\nConnection: a, Keep-Alive\r\n\r\n`, 200],
  [`${line}hOST: [::1]:80\r\nContent-Length: 5\r\n\r\nhello`, 200],
  // Of the line
  [`GET /${"a".repeat(27)} HTTP/1.1\r\n${host}\r\n`, 414],
  [`GET ${"/a b".repeat(20)}`, 414],
  [`GET /a\0 HTTP/1.1\r\n`, 400],
  [`GET /a HTTP/1.1\n${host}\n`, 400],
  [`GET /a HTTP/1.1\r${host}\r\n`, 400],
  [`GET  /a HTTP/1.1\r\n${"A".repeat(80)}`, 400],
  [`GET a HTTP/1.1\r\n${host}\r\n`, 400],
  [`GET /a HTTP/2.0\r\n${"A".repeat(80)}`, 505],
  [`GET /a HTTP/1.10\r\n${host}\r\n`, 400],
  ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
  // Of the section: what comes first decides
  [`${line}${host}A: ${"b".repeat(47)}\r\n\r\n`, 431, true],
  [`${line}${host}A: ${"b".repeat(80)}`, 431, true],
  [`${line}${"A:\r\n".repeat(4)}${"A".repeat(80)}\0`, 431, true],
  [`${line}A : b\r\n${"A:\r\n".repeat(20)}`, 400, true],
  [`${line}A b${"c".repeat(80)}`, 431, true],
  [`${line}A: b\r\n c: d\r\n${"A".repeat(80)}`, 400, true],
  [`${line}A b\0\r\n`, 400, true],
  [`${line}${host}A: b\nB: c\r\n\r\n`, 400, true],
  [`${line}${host}\r${host}\r\n`, 400, true],
  // Of the whole
  [`${line}\r\n`, 400, true],
  [`${line}${host}Content-Length: 5x\r\n\r\n`, 400, true],
  [`${line}${host}${host}Content-Length: 5x\r\n\r\n`, 400, true],
  [`${line}${host}Transfer-Encoding: gzip, chunked\r\n\r\n`, 501, true],
];

for (const [text, status, isLogged = false] of heads) {
  Deno.test(`wherever it is cut: ${JSON.stringify(text)}`, () => {
    const octets = latin1(text);
    const whole = parse(octets, [octets.length]);
    assertEquals(whole?.refusal?.[0] ?? 200, status);
    assertEquals(whole?.line, isLogged ? "GET /a" : undefined);
    const each = Array.from(octets, (_, at) => at + 1);
    assertEquals(parse(octets, each), whole);
    // Where they are enough, and no sooner.
    const enough = each.find((end) => parse(octets, [end]) !== undefined)!;
    for (const cut of each) {
      assertEquals(parse(octets, [cut, octets.length]), whole);
      assertEquals(parse(octets, [cut]), cut < enough ? undefined : whole);
    }
  });
}

Deno.test("one parser parses one head after the other", () => {
  const octets = latin1(
    `${line}${host}A: b\r\n\r\nOPTIONS * HTTP/1.0\r\nA: b\r\n\r\n` +
      `PUT /b HTTP/1.1\r\n${host}A b\r\n`,
  );
  const parser = new HeadParser(limits, new LastSection());
  const heads: unknown[] = [];
  let start = 0;
  for (let end = 0; heads.length < 2; end++) {
    const head = parser.parse(octets, start, end);
    if (!head) continue;
    start += parser.taken;
    heads.push([head.method, head.rawTarget, head.fields.lines]);
  }
  assertEquals(heads, [
    ["GET", "/a", [["Host", "h"], ["A", "b"]]],
    ["OPTIONS", "*", [["A", "b"]]],
  ]);
  assertEquals(parser.line, undefined);
  assertEquals(parser.parse(octets, start, start + 5), undefined);
  assertEquals(parser.line, undefined);
  assertThrows(
    () => parser.parse(octets, start, octets.length),
    ProtocolError,
  );
  assertEquals(parser.line?.method, "PUT");
  assertEquals(parser.fields, undefined);
});

Deno.test("what the fields say is decided once, by version", () => {
  const decided = (fields: string, version = "1.1") => {
    const octets = latin1(`GET / HTTP/${version}\r\nHost: h\r\n${fields}\r\n`);
    const parser = new HeadParser(resolveLimits());
    const head = parser.parse(octets, 0, octets.length)!;
    const { mayPersist, expectsContinue, expectsOther } = head;
    const { takesTrailers, upgrade } = head;
    const flags = { mayPersist, expectsContinue, expectsOther, takesTrailers };
    const names = Object.entries(flags).filter(([, is]) => is);
    return [...names.map(([name]) => name), ...upgrade];
  };
  assertEquals(decided(""), ["mayPersist"]);
  assertEquals(decided("", "1.9"), ["mayPersist"]);
  assertEquals(decided("", "1.0"), []);
  assertEquals(decided("CONNECTION: ,a, KEEP-alive\r\n", "1.0"), [
    "mayPersist",
  ]);
  assertEquals(decided("Connection: a\r\nConnection: ,Close\r\n"), []);
  assertEquals(decided("Connection: closed\r\n"), ["mayPersist"]);
  assertEquals(decided("Expect: 100-Continue\r\n"), [
    "mayPersist",
    "expectsContinue",
  ]);
  assertEquals(decided("Expect: 100-continue,, a\r\n"), [
    "mayPersist",
    "expectsContinue",
    "expectsOther",
  ]);
  assertEquals(decided("Expect:\r\n"), ["mayPersist"]);
  assertEquals(decided("TE: gzip;q=0.5, Trailers\r\n"), [
    "mayPersist",
    "takesTrailers",
  ]);
  const upgrade = "Upgrade: A/1,\r\nUpgrade: webSocket\r\n";
  assertEquals(decided(upgrade), ["mayPersist"]);
  assertEquals(decided(`${upgrade}Connection: x, Upgrade\r\n`), [
    "mayPersist",
    "a/1",
    "websocket",
  ]);
  const all = `${upgrade}Connection: upgrade\r\nTE: trailers\r\nExpect: a\r\n`;
  assertEquals(decided(all, "1.0"), []);
});
