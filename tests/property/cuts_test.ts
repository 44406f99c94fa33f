/** Any octets, cut anywhere: what comes of them is the same. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import * as dictionary from "../fuzz/dictionary.ts";
import { findFault } from "../fuzz/invariant.ts";
import { readMessages } from "../fuzz/wire_level.ts";
import { holds } from "./holds.ts";
import { sent } from "./octets.ts";

const words = fc.oneof(
  ...Object.values(dictionary).map((list) => fc.constantFrom(...list)),
);
const octet = fc.nat(255).map((code) => String.fromCharCode(code));

Deno.test("any octets: the outcome does not depend on the cut", async () => {
  const octets = fc.array(octet).map((all) => all.join(""));
  await holds(sent(octets, (it) => it), async ({ octets, arrivals }) => {
    assertEquals(
      await findFault(octets, readMessages, [arrivals, [...octets]]),
      undefined,
    );
  });
});

Deno.test("any words of HTTP: the outcome does not depend on the cut", async () => {
  const texts = fc.array(
    fc.oneof(words, octet, fc.constantFrom(" ", "\r\n", "\r\n\r\n")),
    { maxLength: 30 },
  ).map((all) => `GET / HTTP/1.1\r\nHost: h\r\n${all.join("")}`);
  await holds(sent(texts, (it) => it), async ({ octets, arrivals }) => {
    assertEquals(
      await findFault(octets, readMessages, [arrivals, [...octets]]),
      undefined,
    );
  });
});
