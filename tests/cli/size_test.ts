import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/cli/errors.ts";
import { parseSize } from "../../lib/cli/size.ts";

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

const malformed = ["", " ", "k", "-1", "+1", "1.5g", "1e3", "0x10", "64 k"];
malformed.push("64kk", "64ib", "1t", "1g\n", "١k", "Infinity", "5abc");
for (const text of malformed) {
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
