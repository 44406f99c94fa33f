/** Which addresses are those of trusted proxies. */

import { assertEquals, assertThrows } from "@std/assert";
import { trustedProxies } from "../../lib/operations/trusted_proxies.ts";

const isTrusted = trustedProxies([
  "10.0.0.0/8",
  "192.0.2.7",
  "fd00::/8",
  "::1",
]);

for (
  const [address, expected] of [
    ["10.255.0.1", true],
    ["11.0.0.1", false],
    ["192.0.2.7", true],
    ["192.0.2.8", false],
    ["::ffff:10.0.0.1", true],
    ["::ffff:11.0.0.1", false],
    ["fd12::1", true],
    ["fe80::1", false],
    ["::1", true],
    ["unix:", false],
    ["", false],
    ["10.0.0.1.example", false],
  ] as const
) {
  Deno.test(`${address || "nothing"} is ${expected ? "" : "not "}trusted`, () => {
    assertEquals(isTrusted(address), expected);
  });
}

Deno.test("who connects to a Unix socket is trusted by name", () => {
  const isTrusted = trustedProxies(["unix:", "10.0.0.0/8"]);
  assertEquals(["unix:", "10.0.0.1", "11.0.0.1"].map(isTrusted), [
    true,
    true,
    false,
  ]);
});

Deno.test("what is no network is refused", () => {
  for (const range of ["proxy.example", "10.0.0.0/33", "10.0.0.0/x", ""]) {
    assertThrows(() => trustedProxies([range]));
  }
});
