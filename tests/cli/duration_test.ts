import { assertEquals, assertThrows } from "@std/assert";
import { parseDuration } from "../../lib/cli/duration.ts";
import { UsageError } from "../../lib/cli/errors.ts";

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

const malformed = ["", " ", "s", "-1s", "1.5s", "1e3s", "0x10s", "30 s"];
malformed.push("30S", "30sec", "1h", "30s\n", "٣s", "Infinity");
for (const text of malformed) {
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
