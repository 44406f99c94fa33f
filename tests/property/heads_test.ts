/** Encode, then decode: heads and field sections come out as they went in. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { resolveLimits } from "../../lib/limits.ts";
import { ByteReader } from "../../lib/wire/byte_reader.ts";
import { SectionParser } from "../../lib/wire/field_section.ts";
import { encodeLatin1 } from "../../lib/wire/grammar.ts";
import { readRequestHead } from "../../lib/wire/request_head.ts";
import { encodeResponseHead } from "../../lib/wire/response_head.ts";
import { streamOf } from "../fuzz/arrivals.ts";
import { holds } from "./holds.ts";
import {
  fieldLines,
  fieldValue,
  host,
  originForm,
  sent,
  token,
  whitespace,
} from "./octets.ts";

const limits = resolveLimits({ fieldSection: 1 << 20, requestLine: 1 << 20 });

Deno.test("response heads: encode, then parse, is the identity", async () => {
  const heads = fc.record({
    status: fc.integer({ min: 100, max: 999 }),
    reason: fieldValue,
    fields: fieldLines,
  });
  await holds(heads, ({ status, reason, fields }) => {
    const head = encodeResponseHead(status, reason, fields);
    const [line] = head.split("\r\n", 1);
    assertEquals(line, `HTTP/1.1 ${status} ${reason}`);
    const section = encodeLatin1(head.slice(line.length + 2));
    const parsed = new SectionParser(limits).parse(section, 0, section.length);
    assertEquals(parsed?.lines, fields);
  });
});

const requests = fc.record({
  method: token.filter((method) => method !== "CONNECT"),
  authority: fc.option(host, { nil: undefined }),
  target: originForm,
  minorVersion: fc.nat(9),
  host,
  fields: fieldLines,
  spaces: fc.tuple(whitespace, whitespace),
});

Deno.test("request heads: print, then parse, is the identity", async () => {
  const printed = sent(requests, (made) => {
    const { method, minorVersion, fields, spaces: [before, after] } = made;
    const lines = [["hOST", made.host], ...fields]
      .map(([name, value]) => `${name}:${before}${value}${after}\r\n`);
    const target = (made.authority ? `HTTP://${made.authority}` : "") +
      made.target;
    return `${method} ${target} HTTP/1.${minorVersion}\r\n${
      lines.join("")
    }\r\n`;
  });
  await holds(printed, async ({ made, octets, arrivals }) => {
    const reader = new ByteReader(streamOf(arrivals));
    assertEquals(await reader.awaitMessage(), true);
    const head = await readRequestHead(reader, limits);
    assertEquals(head.method, made.method);
    assertEquals(head.rawTarget, octets.split(" ")[1]);
    assertEquals(
      head.target,
      made.authority === undefined ? { form: "origin", path: made.target } : {
        form: "absolute",
        scheme: "http",
        authority: made.authority,
        path: made.target,
      },
    );
    assertEquals(head.minorVersion, made.minorVersion);
    assertEquals(head.fields.lines, [["hOST", made.host], ...made.fields]);
    assertEquals(await reader.awaitMessage(), false);
  });
});
