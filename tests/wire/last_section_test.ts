/** A header section that is known again means what it meant when it was parsed. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../lib/errors.ts";
import { type Limits, resolveLimits } from "../../lib/limits.ts";
import { LastSection } from "../../lib/wire/request_head.ts";
import { HeadParser, type RequestHead } from "../../lib/wire/request_head.ts";
import { latin1 } from "../support/conversation.ts";

const line = "GET / HTTP/1.1\r\n";
const section = "Host: h\r\nAccept: a\r\naccept: b\r\nX-C: \xe4\r\n\r\n";

/** What is parsed of octets that came at once, and how many were taken. */
function parse(
  octets: string,
  last?: LastSection,
  limits: Partial<Limits> = {},
): [RequestHead | undefined, number] {
  const parser = new HeadParser(resolveLimits(limits), last);
  const head = parser.parse(latin1(octets), 0, octets.length);
  return [head, parser.taken];
}

/** The memory of a server that has been sent a section. */
function after(section: string, line = "GET /other HTTP/1.1\r\n"): LastSection {
  const last = new LastSection();
  assert(parse(line + section, last)[0]);
  return last;
}

Deno.test("the same section again is what it was the first time", () => {
  const last = new LastSection();
  const [first] = parse(line + section, last);
  const [again, taken] = parse(line + section + "rest", last);
  assertEquals(again, first);
  assert(again?.fields === first?.fields, "It was parsed again");
  assertEquals(taken, line.length + section.length);
});

Deno.test("a section that is known again may come cut anywhere", () => {
  const octets = latin1(line + section);
  const [expected] = parse(line + section);
  for (let cut = 0; cut < octets.length; cut++) {
    const parser = new HeadParser(resolveLimits(), after(section));
    assertEquals(parser.parse(octets, 0, cut), undefined);
    assertEquals(parser.parse(octets, 0, octets.length), expected);
    assertEquals(parser.taken, octets.length);
  }
});

Deno.test("a section is known again anywhere in a long buffer", () => {
  const last = after(section);
  const buffer = new Uint8Array(10_000);
  for (const start of [0, 1, 4000, 4095, 4096, 5000, 9000]) {
    buffer.set(latin1(line + section), start);
    const parser = new HeadParser(resolveLimits(), last);
    const head = parser.parse(buffer, start, buffer.length);
    assert(head?.fields === parse(line + section, last)[0]?.fields);
  }
});

Deno.test("a section that differs in one octet is another", () => {
  for (let at = "Host: ".length; at < section.length - 4; at++) {
    if (!/[a-z0-9]/.test(section[at])) continue;
    const other = section.slice(0, at) + "q" + section.slice(at + 1);
    assertEquals(parse(line + other, after(section)), parse(line + other));
  }
});

Deno.test("a section that is longer than the last one is another", () => {
  const longer = section.slice(0, -2) + "Z: z\r\n\r\n";
  assertEquals(parse(line + longer, after(section)), parse(line + longer));
});

Deno.test("what was taken is held to other limits when it comes again", () => {
  const octets = section.length - 2;
  for (const limits of [{ fieldCount: 3 }, { fieldSection: octets - 1 }]) {
    const error = assertThrows(
      () => parse(line + section, after(section), limits),
      ProtocolError,
    );
    assertEquals(error.status, 431);
  }
  const fits = { fieldCount: 4, fieldSection: octets };
  const [head] = parse(line + section, after(section), fits);
  assertEquals(head?.fields.lines.length, 4);
});

Deno.test("what a section means depends on the version", () => {
  const old = "GET / HTTP/1.0\r\n";
  const sections = [
    "A: b\r\n\r\n",
    "Host: h\r\nTE: trailers\r\n\r\n",
    "Host: h\r\nExpect: 100-continue\r\n\r\n",
    "Host: h\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n",
  ];
  for (const section of sections) {
    const outcome = (last?: LastSection) => {
      try {
        return parse(line + section, last);
      } catch (error) {
        return (error as Error).message;
      }
    };
    assertEquals(outcome(after(section, old)), outcome());
  }
  const coded = "Host: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  assertThrows(() => parse(old + coded, after(coded)), ProtocolError);
});
