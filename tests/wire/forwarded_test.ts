/** Whom a request comes from, by what trusted proxies say, and what others add. */

import { assertEquals } from "@std/assert";
import { FieldSection } from "../../lib/wire/field_section.ts";
import { reportedOrigin } from "../../lib/wire/forwarded.ts";

const trusted = new Set(["10.0.0.1", "10.0.0.2", "::1"]);
const near = { hostname: "10.0.0.1" };

/** The fields that a request has, and the client, scheme and authority they make. */
const cases: [
  why: string,
  fields: Record<string, string>,
  expected: (string | number | undefined)[],
][] = [
  ["nothing is said", {}, [undefined, undefined]],
  ["one proxy", { "x-forwarded-for": "192.0.2.1" }, ["192.0.2.1", 0]],
  [
    "what the client has sent itself stands in front",
    { "x-forwarded-for": "127.0.0.1, 192.0.2.1" },
    ["192.0.2.1", 0],
  ],
  [
    "two proxies that are trusted",
    { "x-forwarded-for": "6.6.6.6, 192.0.2.1, 10.0.0.2" },
    ["192.0.2.1", 0],
  ],
  [
    "a proxy that is not trusted is the client",
    { "x-forwarded-for": "192.0.2.1, 203.0.113.9" },
    ["203.0.113.9", 0],
  ],
  [
    "all that are named are trusted",
    { "x-forwarded-for": "10.0.0.2" },
    ["10.0.0.2", 0],
  ],
  ["a port", { "x-forwarded-for": "192.0.2.1:4711" }, ["192.0.2.1", 4711]],
  ["IPv6", { "x-forwarded-for": "2001:db8::7" }, ["2001:db8::7", 0]],
  [
    "IPv6 and a port",
    { "x-forwarded-for": "[2001:db8::7]:99" },
    ["2001:db8::7", 99],
  ],
  [
    "what is no address ends the list",
    { "x-forwarded-for": "192.0.2.1, <script>" },
    [undefined, undefined],
  ],
  ["an octet too large", { "x-forwarded-for": "192.0.2.256" }, [
    undefined,
    undefined,
  ]],
  ["only commas", { "x-forwarded-for": ",, ," }, [undefined, undefined]],
  [
    "scheme and host",
    {
      "x-forwarded-for": "192.0.2.1",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "a.example:8443",
    },
    ["192.0.2.1", 0, "https", "a.example:8443"],
  ],
  [
    "scheme and host alone",
    { "x-forwarded-proto": "HTTPS", "x-forwarded-host": "a.example" },
    [undefined, undefined, "https", "a.example"],
  ],
  [
    "each proxy says its scheme: that of the client's counts",
    {
      "x-forwarded-for": "6.6.6.6, 192.0.2.1, 10.0.0.2",
      "x-forwarded-proto": "http, https, http",
    },
    ["192.0.2.1", 0, "https"],
  ],
  [
    "a scheme and a host that are none",
    { "x-forwarded-proto": "javascript", "x-forwarded-host": "a/b@c" },
    [undefined, undefined],
  ],
  [
    "Forwarded",
    { forwarded: 'for=192.0.2.1:47;proto=https;host="a.example:80"' },
    ["192.0.2.1", 47, "https", "a.example:80"],
  ],
  [
    "Forwarded counts, and the other fields do not",
    { forwarded: "for=192.0.2.1", "x-forwarded-for": "6.6.6.6" },
    ["192.0.2.1", 0],
  ],
  [
    "Forwarded of several proxies: what the nearest to the client has seen",
    {
      forwarded:
        "for=6.6.6.6;host=evil.example, for=192.0.2.1;host=a.example, " +
        "For=10.0.0.2;host=inner.example;proto=http",
    },
    ["192.0.2.1", 0, undefined, "a.example"],
  ],
  ["Forwarded: IPv6", { forwarded: 'for="[2001:db8::7]:99"' }, [
    "2001:db8::7",
    99,
  ]],
  ["Forwarded: hidden", { forwarded: "for=192.0.2.1, for=_secret" }, [
    undefined,
    undefined,
  ]],
  [
    "Forwarded: an escape in quotes",
    { forwarded: 'for="192.0.2\\.1"' },
    ["192.0.2.1", 0],
  ],
  ["Forwarded that is wrong is not believed", { forwarded: 'for="192.0.2.1' }, [
    undefined,
    undefined,
  ]],
  [
    "Forwarded: quotes that hide a comma",
    { forwarded: 'for="6.6.6.6, for=7.7.7.7";by=x, for=192.0.2.1' },
    ["192.0.2.1", 0],
  ],
];

for (const [why, fields, expected] of cases) {
  Deno.test(`RFC 7239 §4: ${why}`, () => {
    const section = new FieldSection(Object.entries(fields));
    const origin = reportedOrigin(section, near, (each) => trusted.has(each))!;
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
  assertEquals(
    reportedOrigin(section, peer, (each) => trusted.has(each)),
    undefined,
  );
});

Deno.test("RFC 9110 §5.3: lines of one name are one list", () => {
  const section = new FieldSection([
    ["X-Forwarded-For", "6.6.6.6"],
    ["X-Forwarded-For", "192.0.2.1"],
  ]);
  const { client } = reportedOrigin(
    section,
    near,
    (each) => trusted.has(each),
  )!;
  assertEquals(client?.hostname, "192.0.2.1");
});
