/** The texts of options, and their values. */

import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/cli/messages.ts";
import { parseDuration, parseSize } from "../../lib/cli/option_values.ts";

const sizes: [text: string, octets: number][] = [
  ["0", 0],
  ["65536", 65_536],
  ["1b", 1],
  ["64k", 65_536],
  ["64K", 65_536],
  ["64kb", 65_536],
  ["64KiB", 65_536],
  ["20m", 20_971_520],
  ["1g", 1_073_741_824],
  ["1GiB", 1_073_741_824],
  ["8388607g", 8_388_607 * 2 ** 30],
];
for (const [text, octets] of sizes) {
  Deno.test(`parseSize() takes ${text}`, () => {
    assertEquals(parseSize(text), octets);
  });
}

const malformedSizes = [
  "",
  " ",
  "k",
  "-1",
  "+1",
  "1.5g",
  "1e3",
  "0x10",
  "64 k",
];
malformedSizes.push("64kk", "64ib", "1t", "1g\n", "١k", "Infinity", "5abc");
for (const text of malformedSizes) {
  Deno.test(`parseSize() refuses ${JSON.stringify(text)}`, () => {
    assertThrows(
      () => parseSize(text),
      UsageError,
      "write a size such as 65536, 64k, 20m or 1g",
    );
  });
}

Deno.test("parseSize() refuses what is no safe integer", () => {
  for (const text of ["9007199254740992", "8388608g", "9".repeat(400)]) {
    assertThrows(() => parseSize(text), UsageError, "write a smaller size");
  }
});

const durations: [text: string, milliseconds: number][] = [
  ["0s", 0],
  ["500ms", 500],
  ["30s", 30_000],
  ["2m", 120_000],
  ["007s", 7000],
];
for (const [text, milliseconds] of durations) {
  Deno.test(`parseDuration() takes ${text}`, () => {
    assertEquals(parseDuration(text), milliseconds);
  });
}

const malformedDurations = [
  "",
  " ",
  "s",
  "-1s",
  "1.5s",
  "1e3s",
  "0x10s",
  "30 s",
];
malformedDurations.push("30S", "30sec", "1h", "30s\n", "٣s", "Infinity");
for (const text of malformedDurations) {
  Deno.test(`parseDuration() refuses ${JSON.stringify(text)}`, () => {
    assertThrows(
      () => parseDuration(text),
      UsageError,
      "write a duration such as 500ms, 30s or 2m",
    );
  });
}

Deno.test("parseDuration() refuses a bare number and names two units", () => {
  assertThrows(
    () => parseDuration("30"),
    UsageError,
    "add a unit, such as 30s or 30ms",
  );
});

Deno.test("parseDuration() refuses what is no safe integer", () => {
  for (
    const text of ["9007199254740992ms", "150119987580m", "9".repeat(400) + "s"]
  ) {
    assertThrows(() => parseDuration(text), UsageError, "shorter duration");
  }
});
