/** RFC 9110 §12.5.3: which Accept-Encoding wants gzip. */

import { assertEquals } from "@std/assert";
import { acceptsGzip } from "../../lib/handlers/accept_encoding.ts";

for (
  const [field, expected] of [
    [undefined, false],
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
  Deno.test(`Accept-Encoding: ${field ?? "(absent)"}`, () => {
    const headers = new Headers();
    if (field !== undefined) headers.set("accept-encoding", field);
    const request = new Request("http://localhost/", { headers });
    assertEquals(acceptsGzip(request), expected);
  });
}

Deno.test("two Accept-Encoding lines are one list", () => {
  const headers = new Headers();
  headers.append("accept-encoding", "br");
  headers.append("accept-encoding", "gzip");
  assertEquals(acceptsGzip(new Request("http://a/", { headers })), true);
});
