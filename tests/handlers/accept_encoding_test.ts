/** RFC 9110 §12.5.3: which Accept-Encoding wants gzip, and which rather brotli. */

import { assertEquals } from "@std/assert";
import { wantedCoding } from "../../lib/handlers/accept_encoding.ts";

for (
  const [field, expected] of [
    ["", false],
    ["gzip", true],
    ["GZip", true],
    ["x-gzip", true],
    ["X-GZIP;q=0.5", true],
    ["identity", false],
    ["br", false],
    ["gzipped", false],
    ["foo, bar", false],
    ["deflate, gzip, br", true],
    [",foo,\tgzip\t,,bar", true],
    [",", false],
    ["*", true],
    ["br, *", true],
    ["*;q=0", false],
    ["*;q=0.001", true],
    ["gzip;q=0", false],
    ["gzip;Q=0", false],
    ["gzip;q=0.000", false],
    ["gzip;q=0.", false],
    ["gzip;q=0, *", false],
    ["*, gzip;q=0", false],
    ["x-gzip;q=0, *", false],
    ["gzip, *;q=0", true],
    ["identity, *;q=0", false],
    ["identity;q=0", false],
    ["identity;q=0, gzip;q=0.001", true],
    ["gzip;q=0, identity;q=0", false],
    ["identity;q=1, gzip;q=0.5", false],
    ["identity;q=0.5, gzip;q=1", true],
    ["identity, gzip", true],
    ["gzip;q=0.5", true],
    ["gzip;q=0.5, *", false],
    ["gzip;q=0.5, identity;q=0.5", true],
    ["deflate, gzip;q=1.0, *;q=0.5", true],
    ["gzip \t;\t q=1.000 ", true],
    // No weights: these members are refused.
    ["gzip;q=1.0000", false],
    ["gzip;q=1.001", false],
    ["gzip;q=2", false],
    ["gzip;q=-1", false],
    ["gzip;q=.5", false],
    ["gzip;q=", false],
    ["gzip;q", false],
    ["gzip;", false],
    ["gzip;q=abc", false],
    ["gzip;q =1", false],
    ["gzip;q=0.5;q=1", false],
    ["gzip;q=abc, *", false],
    ["identity;q=abc, gzip;q=0.1", true],
    ["gzip deflate", false],
  ] as const
) {
  Deno.test(`Accept-Encoding: ${field}`, () => {
    const wanted = wantedCoding(field, ["gzip"]);
    assertEquals(wanted, expected ? "gzip" : undefined);
  });
}

for (
  const [field, gzipFirst, brFirst] of [
    ["gzip, deflate, br, zstd", "gzip", "br"],
    ["br, gzip", "gzip", "br"],
    ["br", "br", "br"],
    ["gzip", "gzip", "gzip"],
    ["br, compress", "br", "br"],
    ["br;q=0.9, gzip;q=0.8", "br", "br"],
    ["br;q=0.8, gzip;q=0.9", "gzip", "gzip"],
    ["br;q=0, *", "gzip", "gzip"],
    ["*", "gzip", "br"],
    ["br;q=0, gzip;q=0", undefined, undefined],
    ["xbr, gzipx", undefined, undefined],
    ["br;q=0.5, identity", undefined, undefined],
  ] as const
) {
  Deno.test(`Accept-Encoding: ${field}, of two codings`, () => {
    assertEquals(wantedCoding(field, ["gzip", "br"]), gzipFirst);
    assertEquals(wantedCoding(field, ["br", "gzip"]), brFirst);
  });
}

Deno.test("two Accept-Encoding lines are one list", () => {
  const headers = new Headers();
  headers.append("accept-encoding", "br");
  headers.append("accept-encoding", "gzip");
  const field = headers.get("accept-encoding")!;
  assertEquals(wantedCoding(field, ["gzip"]), "gzip");
});
