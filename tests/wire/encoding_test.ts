import { assertEquals, assertThrows } from "@std/assert";
import { resolveLimits } from "../../lib/limits.ts";
import { ByteReader } from "../../lib/wire/byte_reader.ts";
import {
  ChunkedContent,
  encodeChunk,
  encodeLastChunk,
} from "../../lib/wire/chunked_coding.ts";
import { SectionParser } from "../../lib/wire/field_section.ts";
import { encodeResponseHead } from "../../lib/wire/response_head.ts";
import { latin1, Pipe, text } from "../support/conversation.ts";

Deno.test("RFC 9112 §7.1: what was encoded is decoded to the same", async () => {
  const contents = [[], ["a"], ["", "a", ""], ["abc\r\n0\r\n\r\n", "\0\xff"]];
  contents.push(["x".repeat(70_000), "y"]);
  for (const content of contents) {
    const pipe = new Pipe();
    content.map(latin1).flatMap(encodeChunk).forEach((it) => pipe.send(it));
    pipe.send(encodeLastChunk(), "next");
    const reader = new ByteReader(pipe.readable);
    const decoder = new ChunkedContent(reader, resolveLimits());
    let decoded = "";
    for (let octets; (octets = await decoder.read(1000));) {
      decoded += text(octets);
    }
    assertEquals(decoded, content.join(""));
    assertEquals([decoder.ended, decoder.received], [true, decoded.length]);
    assertEquals(await decoder.read(1000), undefined);
    assertEquals(text((await reader.readSome(10))!), "next");
  }
});

Deno.test("RFC 9112 §4, §5: a head, octet for octet", () => {
  const fields = [["A", "b"], ["c", "\xe9 \t\xff"], ["A", ""]] as const;
  const head = latin1(encodeResponseHead(200, "OK", fields));
  assertEquals(
    text(head),
    "HTTP/1.1 200 OK\r\nA: b\r\nc: \xe9 \t\xff\r\nA: \r\n\r\n",
  );
  const section = head.subarray("HTTP/1.1 200 OK\r\n".length);
  const parser = new SectionParser(resolveLimits());
  assertEquals(parser.parse(section, 0, section.length)?.lines, [
    ["A", "b"],
    ["c", "\xe9 \t\xff"],
    ["A", ""],
  ]);
});

Deno.test("RFC 9112 §11.1: nothing splits a response", () => {
  const cases: [number, string, [string, string][]][] = [
    [200, "OK\r\nA: b", []],
    [200, "OK\0", []],
    [200, "\u0100", []],
    [200, "OK", [["A\r\nB", "c"]]],
    [200, "OK", [["A:B", "c"]]],
    [200, "OK", [["", "c"]]],
    [200, "OK", [["A", "b\r\nC: d"]]],
    [200, "OK", [["A", "b\nC: d"]]],
    [200, "OK", [["A", "b\rC"]]],
    [200, "OK", [["A", "\0"]]],
    [200, "OK", [["A", "\u010d\u010a"]]],
    [20, "OK", []],
    [1000, "OK", []],
    [200.5, "OK", []],
  ];
  for (const [status, reason, fields] of cases) {
    assertThrows(() => encodeResponseHead(status, reason, fields), TypeError);
    if (fields.length > 0) {
      assertThrows(() => encodeLastChunk(fields), TypeError);
    }
  }
});
