/** RFC 9110 §14: which octets a Range asks for. */

import { assertEquals } from "@std/assert";
import {
  contentRange,
  parseByteRanges,
} from "../../lib/handlers/byte_ranges.ts";

const huge = "9".repeat(40);

/** The parts of 1000 octets, as first and last. */
const cases: [string, [number, number][] | undefined][] = [
  ["bytes=0-499", [[0, 499]]],
  ["bytes=500-999", [[500, 999]]],
  ["bytes=0-0", [[0, 0]]],
  ["bytes=999-999", [[999, 999]]],
  ["bytes=990-", [[990, 999]]],
  ["bytes=0-", [[0, 999]]],
  ["bytes=900-2000", [[900, 999]]],
  [`bytes=900-${huge}`, [[900, 999]]],
  ["bytes=-10", [[990, 999]]],
  ["bytes=-2000", [[0, 999]]],
  [`bytes=-${huge}`, [[0, 999]]],
  ["BYTES=0-1", [[0, 1]]],
  ["bytes= 0-1 , 500-501 ", [[0, 1], [500, 501]]],
  ["bytes=,0-1,,500-501,", [[0, 1], [500, 501]]],
  ["bytes=500-501,0-1", [[500, 501], [0, 1]]],
  ["bytes=0-499,300-999", [[0, 999]]],
  ["bytes=0-1,1-2,500-", [[0, 2], [500, 999]]],
  ["bytes=0-9,80-89", [[0, 89]]],
  ["bytes=0-9,90-99", [[0, 9], [90, 99]]],
  ["bytes=0-9,0-9,0-9", [[0, 9]]],
  ["bytes=2000-,0-1", [[0, 1]]],
  // Nothing that exists.
  ["bytes=1000-", []],
  ["bytes=1000-1001", []],
  [`bytes=${huge}-`, []],
  ["bytes=-0", []],
  ["bytes=-0,2000-", []],
  // Not to be understood.
  ["bytes=1-0", undefined],
  ["bytes=0-1,5-4", undefined],
  ["bytes=", undefined],
  ["bytes=,", undefined],
  ["bytes=-", undefined],
  ["bytes=a-b", undefined],
  ["bytes=0-1;2-3", undefined],
  ["bytes=0 - 1", undefined],
  ["bytes=+0-1", undefined],
  ["bytes=--1", undefined],
  ["bytes=0x0-1", undefined],
  ["bytes 0-1", undefined],
  ["octets=0-1", undefined],
  ["0-1", undefined],
  ["", undefined],
];

for (const [field, expected] of cases) {
  Deno.test(`RFC 9110 §14.1.2: Range: ${field || "(nothing)"}`, () => {
    const ranges = parseByteRanges(field, 1000);
    assertEquals(ranges?.map(({ first, last }) => [first, last]), expected);
  });
}

Deno.test("RFC 9110 §14.1.2: parts of nothing", () => {
  assertEquals(parseByteRanges("bytes=0-", 0), []);
  assertEquals(parseByteRanges("bytes=0-0", 0), []);
  assertEquals(parseByteRanges("bytes=-5", 0), undefined);
});

Deno.test("RFC 9110 §17.15: a flood of ranges is ignored", () => {
  const many = (count: number, step: number) =>
    "bytes=" +
    Array.from({ length: count }, (_, at) => `${at * step}-${at * step}`)
      .join();
  assertEquals(parseByteRanges(many(50, 1000), 1e6)?.length, 50);
  assertEquals(parseByteRanges(many(51, 1000), 1e6), undefined);
  assertEquals(parseByteRanges(many(100, 1), 1e6), [{ first: 0, last: 99 }]);
  assertEquals(parseByteRanges(many(101, 1), 1e6), undefined);
});

Deno.test("RFC 9110 §14.4: Content-Range", () => {
  assertEquals(contentRange({ first: 0, last: 9 }, 10), "bytes 0-9/10");
  assertEquals(contentRange(undefined, 10), "bytes */10");
});
