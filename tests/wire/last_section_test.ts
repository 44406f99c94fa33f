/** A header section that is known again means what it meant when it was parsed. */

import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../lib/errors.ts";
import { type Limits, resolveLimits } from "../../lib/limits.ts";
import { ByteReader } from "../../lib/wire/byte_reader.ts";
import { parseFieldSection } from "../../lib/wire/field_section.ts";
import { LastSection } from "../../lib/wire/last_section.ts";
import {
  readRequestHead,
  type RequestHead,
  type RequestLine,
  takeRequestHead,
} from "../../lib/wire/request_head.ts";
import { latin1, Pipe } from "../conversation.ts";

const line: RequestLine = {
  method: "GET",
  rawTarget: "/",
  target: { form: "origin", path: "/" },
  minorVersion: 1,
};
const limits = resolveLimits();
const section = "Host: h\r\nAccept: a\r\naccept: b\r\nX-C: \xe4\r\n\r\n";

const last = new LastSection();

/** What is taken without waiting of octets that came at once, and what is left. */
async function take(
  octets: string,
  limited: Limits = limits,
): Promise<[RequestHead | undefined, number]> {
  const pipe = new Pipe();
  pipe.send(octets, null);
  const reader = new ByteReader(pipe.readable);
  await reader.awaitMessage();
  const head = takeRequestHead(line, reader, { limits: limited, last });
  return [head, reader.buffered];
}

Deno.test("the same section again is read as it was the first time", async () => {
  const fields = parseFieldSection(latin1(section), 100);
  for (let time = 0; time < 3; time++) {
    const [head, left] = await take(section + "rest");
    assertEquals(head, { ...line, fields });
    assertEquals(left, 4);
  }
  const pipe = new Pipe();
  for (const octet of section) pipe.send(octet);
  const reader = new ByteReader(pipe.readable);
  assertEquals(await readRequestHead(line, reader, limits), {
    ...line,
    fields,
  });
});

Deno.test("a section that differs in one octet is another", async () => {
  await take(section);
  for (let at = 0; at < section.length - 4; at++) {
    if (!/[a-z0-9]/.test(section[at])) continue;
    const other = section.slice(0, at) + "q" + section.slice(at + 1);
    const [head] = await take(other.replace(/^.{4}:/, "Host:"));
    const expected = latin1(other.replace(/^.{4}:/, "Host:"));
    assertEquals(head?.fields, parseFieldSection(expected, 100));
    await take(section);
  }
});

Deno.test("a section that is longer than the last one is another", async () => {
  await take(section);
  const longer = section.slice(0, -2) + "Z: z\r\n\r\n";
  const [head, left] = await take(longer);
  assertEquals(head?.fields, parseFieldSection(latin1(longer), 100));
  assertEquals(left, 0);
});

Deno.test("a section is not taken before all of it is here", async () => {
  await take(section);
  for (let cut = 1; cut < section.length; cut++) {
    assertEquals(await take(section.slice(0, cut)), [undefined, cut]);
  }
});

Deno.test("what was taken is held to other limits when it comes again", async () => {
  const octets = section.length - 2;
  for (
    const limit of [{ fieldCount: 3 }, { fieldSection: octets - 1 }]
  ) {
    await take(section);
    const limited = resolveLimits(limit);
    const pipe = new Pipe();
    pipe.send(section);
    const reader = new ByteReader(pipe.readable);
    await reader.awaitMessage();
    const error = assertThrows(
      () => takeRequestHead(line, reader, { limits: limited, last }),
      ProtocolError,
    );
    assertEquals(error.status, 431);
  }
  await take(section);
  const [head] = await take(
    section,
    resolveLimits({ fieldCount: 4, fieldSection: octets }),
  );
  assertEquals(head?.fields.lines.length, 4);
});

Deno.test("a Host that HTTP/1.0 may do without is asked of HTTP/1.1", async () => {
  const section = "A: b\r\n\r\n";
  const pipe = new Pipe();
  pipe.send(section.repeat(2));
  const reader = new ByteReader(pipe.readable);
  await reader.awaitMessage();
  const old = { ...line, minorVersion: 0 };
  const memory = { limits, last };
  assertEquals(takeRequestHead(old, reader, memory)?.fields.has("a"), true);
  assertThrows(() => takeRequestHead(line, reader, memory), ProtocolError);
});
