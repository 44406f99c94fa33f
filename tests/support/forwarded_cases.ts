/**
 * What clients and proxies write into `Forwarded` and its older kin, and what of
 * that is believed. All requests come through a trusted proxy, which has added the
 * last member of each list.
 *
 * @module
 */

const trusted = new Set(["10.0.0.1", "10.0.0.2", "::1"]);

/** Whether an address is that of a proxy to believe. */
export function isTrusted(hostname: string): boolean {
  return trusted.has(hostname);
}

/** The proxy that each request comes through. */
export const near = "10.0.0.1";

/** Host and port of the client, scheme and authority; undefined if not told. */
export type Believed = (string | number | undefined)[];

/** The fields that a request has, and what is believed of them. */
export const cases: [
  why: string,
  fields: Record<string, string | string[]>,
  believed: Believed,
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
    "both kinds of fields, which agree",
    {
      forwarded: "for=192.0.2.1;proto=https;host=a.example",
      "x-forwarded-for": "192.0.2.1",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "a.example",
    },
    ["192.0.2.1", 0, "https", "a.example"],
  ],
  [
    "Forwarded beside what a proxy has set: one of the two is the client's",
    { forwarded: "for=6.6.6.6", "x-forwarded-for": "192.0.2.1" },
    [undefined, undefined],
  ],
  [
    "the same the other way round",
    { forwarded: "for=192.0.2.1", "x-forwarded-for": "6.6.6.6" },
    [undefined, undefined],
  ],
  [
    "a client that knows its address adds a host and a scheme",
    {
      forwarded: "for=192.0.2.1;proto=https;host=evil.example",
      "x-forwarded-for": "192.0.2.1",
    },
    ["192.0.2.1", 0],
  ],
  [
    "a host alone beside Forwarded",
    { forwarded: "for=192.0.2.1", "x-forwarded-host": "evil.example" },
    [undefined, undefined],
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
  [
    "several lines are one list",
    { "x-forwarded-for": ["6.6.6.6", "192.0.2.1"] },
    ["192.0.2.1", 0],
  ],
  [
    "several lines, and two proxies that are trusted",
    { "x-forwarded-for": ["6.6.6.6, 192.0.2.1", "10.0.0.2"] },
    ["192.0.2.1", 0],
  ],
  [
    "several lines of Forwarded",
    {
      forwarded: [
        "for=6.6.6.6;host=evil.example;proto=https",
        "for=192.0.2.1;host=a.example;proto=http",
      ],
    },
    ["192.0.2.1", 0, "http", "a.example"],
  ],
  [
    "a quote that the proxy's line does not close",
    { forwarded: ['for="6.6.6.6', "for=192.0.2.1"] },
    [undefined, undefined],
  ],
  [
    "a scheme of the client's own before that of the proxy",
    {
      "x-forwarded-for": "192.0.2.1",
      "x-forwarded-proto": ["https", "http"],
      "x-forwarded-host": "evil.example, a.example",
    },
    ["192.0.2.1", 0, "http", "a.example"],
  ],
  [
    "the same without an address",
    {
      "x-forwarded-proto": "https, http",
      "x-forwarded-host": ["evil.example", "a.example"],
    },
    [undefined, undefined, "http", "a.example"],
  ],
  [
    "two proxies, of which the first has set the scheme",
    {
      "x-forwarded-for": "192.0.2.1, 10.0.0.2",
      "x-forwarded-proto": "https",
    },
    ["192.0.2.1", 0, "https"],
  ],
  [
    "the address of a trusted proxy, sent by a client",
    { "x-forwarded-for": "10.0.0.2, 192.0.2.1" },
    ["192.0.2.1", 0],
  ],
  [
    "an empty member at the end",
    { "x-forwarded-for": "6.6.6.6, " },
    [undefined, undefined],
  ],
  [
    "an empty element at the end of Forwarded",
    { forwarded: "for=6.6.6.6," },
    ["6.6.6.6", 0],
  ],
  [
    "an empty element between two",
    { forwarded: "for=6.6.6.6, , for=10.0.0.2" },
    ["10.0.0.2", 0],
  ],
  ["an empty field", { forwarded: "", "x-forwarded-for": "192.0.2.1" }, [
    undefined,
    undefined,
  ]],
  ["unknown", { forwarded: "for=6.6.6.6, for=unknown" }, [
    undefined,
    undefined,
  ]],
  [
    "hidden by a trusted proxy further away: that one is the last known",
    { forwarded: "for=_secret, for=10.0.0.2" },
    ["10.0.0.2", 0],
  ],
  [
    "a hidden port",
    { forwarded: 'for="192.0.2.1:_port"' },
    [undefined, undefined],
  ],
  [
    "a port too long",
    { "x-forwarded-for": "192.0.2.1:123456" },
    [undefined, undefined],
  ],
  [
    "IPv6 in another spelling",
    { "x-forwarded-for": "2001:DB8:0:0::0007" },
    ["2001:db8::7", 0],
  ],
  [
    "IPv6 that stands for IPv4",
    { "x-forwarded-for": "6.6.6.6, ::ffff:192.0.2.1, ::ffff:10.0.0.2" },
    ["192.0.2.1", 0],
  ],
  [
    "IPv6 in one bracket",
    { "x-forwarded-for": "[2001:db8::7" },
    [undefined, undefined],
  ],
  [
    "IPv6 in a URL's clothes",
    { "x-forwarded-for": "[2001:db8::7]@6.6.6.6" },
    [undefined, undefined],
  ],
  [
    "an address that some read as octal",
    { "x-forwarded-for": "010.0.0.2" },
    [undefined, undefined],
  ],
  [
    "an address as one number",
    { "x-forwarded-for": "3221225985" },
    [undefined, undefined],
  ],
  [
    "a name twice in one element: the last counts",
    { forwarded: "for=6.6.6.6;for=192.0.2.1" },
    ["192.0.2.1", 0],
  ],
  [
    "pairs in another order and case, with spaces",
    { forwarded: 'HOST=a.example ; Proto="HTTPS" ; FOR=192.0.2.1' },
    ["192.0.2.1", 0, "https", "a.example"],
  ],
  [
    "a host with a user",
    { forwarded: 'for=192.0.2.1;host="evil@a.example"' },
    ["192.0.2.1", 0],
  ],
];
