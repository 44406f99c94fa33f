/** Whom a request comes from, by what trusted proxies say, and what others add. */

import { assertEquals } from "@std/assert";
import { FieldSection } from "../../lib/wire/field_section.ts";
import { reportedOrigin } from "../../lib/wire/forwarded.ts";
import { cases, isTrusted, near } from "../support/forwarded_cases.ts";

for (const [why, fields, expected] of cases) {
  Deno.test(`RFC 7239 §4: ${why}`, () => {
    const lines = Object.entries(fields).flatMap(([name, values]) =>
      [values].flat().map((value) => [name, value] as const)
    );
    const section = new FieldSection(lines);
    const origin = reportedOrigin(section, { hostname: near }, isTrusted)!;
    const { client, scheme, authority } = origin;
    const [host, port, asked, named] = expected;
    assertEquals(
      [client?.hostname, client?.port, scheme, authority],
      [host, port, asked, named],
    );
  });
}

Deno.test("RFC 7239 §8.1: a peer that is not trusted says nothing", () => {
  const section = new FieldSection([[
    "forwarded",
    "for=192.0.2.1;proto=https",
  ]]);
  const peer = { hostname: "203.0.113.9" };
  assertEquals(reportedOrigin(section, peer, isTrusted), undefined);
});

Deno.test("a proxy that sends none of the fields asks for itself", () => {
  for (
    const [lines, isSilent] of [
      [[], true],
      [[["x-real-ip", "6.6.6.6"]], true],
      [[["x-forwarded-for", ""]], false],
      [[["forwarded", "nonsense"]], false],
      [[["forwarded", "for=_hidden"]], false],
    ] as const
  ) {
    const section = new FieldSection(lines);
    const origin = reportedOrigin(section, { hostname: near }, isTrusted);
    assertEquals(origin?.isSilent, isSilent, `${lines}`);
  }
});
