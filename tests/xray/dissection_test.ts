/** Octets are dissected: each belongs to one part, whatever is wrong with them. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { ProtocolError } from "../../lib/errors.ts";
import { decodeLatin1, encodeLatin1 } from "../../lib/wire/grammar.ts";
import { dissect } from "../../lib/xray/dissection.ts";
import type { Part } from "../../lib/xray/message_parts.ts";
import { connect } from "../support/conversation.ts";
import { readMessages } from "../messages/read_messages.ts";

/** Each part as its kind and its text. */
function partsOf(
  text: string,
  side: "request" | "response" = "request",
): [kind: string, text: string][] {
  return dissect(encodeLatin1(text), side)
    .map(({ kind, from, to }) => [kind, text.slice(from, to)]);
}

/** The parts that are wrong, and what is said of them. */
function wrongIn(text: string): [text: string, section: string | undefined][] {
  return dissect(encodeLatin1(text), "request")
    .filter(({ kind }) => kind === "wrong")
    .map(({ from, to, section }) => [text.slice(from, to), section]);
}

Deno.test("RFC 9112 §2.1: the parts of a request", () => {
  assertEquals(partsOf("GET /a?b HTTP/1.1\r\nHost: h \r\n\r\n"), [
    ["method", "GET"],
    ["space", " "],
    ["target", "/a?b"],
    ["space", " "],
    ["version", "HTTP/1.1"],
    ["line-end", "\r\n"],
    ["field-name", "Host"],
    ["colon", ":"],
    ["whitespace", " "],
    ["field-value", "h"],
    ["whitespace", " "],
    ["line-end", "\r\n"],
    ["section-end", "\r\n"],
  ]);
});

Deno.test("RFC 9112 §6.2: content is as long as it says", () => {
  const head = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n";
  assertEquals(partsOf(`${head}abcde`).slice(-2), [
    ["content", "abc"],
    ["beyond", "de"],
  ]);
  assertEquals(partsOf(`${head}ab`).slice(-1), [["content", "ab"]]);
});

Deno.test("RFC 9112 §7.1: chunks, extensions and trailers", () => {
  const head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  const parts = partsOf(`${head}3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\nrest`);
  assertEquals(parts.slice(-14), [
    ["chunk-size", "3"],
    ["chunk-extension", ";a=b"],
    ["line-end", "\r\n"],
    ["chunk-data", "abc"],
    ["line-end", "\r\n"],
    ["last-chunk", "0"],
    ["line-end", "\r\n"],
    ["trailer-name", "X"],
    ["colon", ":"],
    ["whitespace", " "],
    ["field-value", "y"],
    ["line-end", "\r\n"],
    ["section-end", "\r\n"],
    ["beyond", "rest"],
  ]);
});

Deno.test("RFC 9110 §15.2: interim responses come before the final one", () => {
  const kinds = partsOf(
    "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 \r\n\r\ncontent",
    "response",
  );
  assertEquals(
    kinds.filter(([kind]) => kind === "status" || kind === "content"),
    [["status", "103"], ["status", "200"], ["content", "content"]],
  );
});

const wrongs: [text: string, wrong: string, section: string][] = [
  ["GET / HTTP/1.1\r\nHost : h\r\n\r\n", "Host ", "RFC 9112 §5.1"],
  ["GET / HTTP/1.1\r\n folded\r\n\r\n", " folded", "RFC 9112 §5.2"],
  ["GET / HTTP/1.1\nHost: h\r\n\r\n", "\n", "RFC 9112 §2.2"],
  ["GET  / HTTP/1.1\r\n\r\n", "  ", "RFC 9112 §3"],
  ["G(T / HTTP/1.1\r\n\r\n", "G(T", "RFC 9112 §3.1"],
  ["GET /\x80 HTTP/1.1\r\n\r\n", "/\x80", "RFC 9112 §3.2"],
  ["GET / HTTP/11\r\n\r\n", "HTTP/11", "RFC 9112 §2.3"],
  ["GET / HTTP/1.1\r\nno colon\r\n\r\n", "no colon", "RFC 9112 §5"],
  ["GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", "b\0c", "RFC 9112 §5"],
  [
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n",
    "cd",
    "RFC 9112 §7.1",
  ],
  [
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "xyz",
    "RFC 9112 §7.1",
  ],
];

for (const [text, wrong, section] of wrongs) {
  Deno.test(`${section}: ${JSON.stringify(wrong)} is marked`, () => {
    assertEquals(wrongIn(text), [[wrong, section]]);
  });
}

const noRead = (await Deno.permissions.query({
  name: "read",
  path: new URL("../conformance/cases", import.meta.url),
})).state !== "granted";

Deno.test(
  "what the server refuses is marked, and nothing else",
  { ignore: noRead },
  async () => {
    const counts = { marked: 0, fine: 0 };
    for await (const octets of allMessages()) {
      const isWrong = await refuses(octets);
      if (isWrong === undefined) continue;
      const wrong = wrongIn(octets);
      assertEquals(wrong.length > 0, isWrong, JSON.stringify(octets));
      for (const [, section] of wrong) assertMatch(`${section}`, /^RFC \d+ §/);
      counts[isWrong ? "marked" : "fine"]++;
    }
    assert(counts.marked > 250 && counts.fine > 50, JSON.stringify(counts));
  },
);

/** The octets of every message that is valid or not. */
async function* allMessages(): AsyncGenerator<string> {
  for (const kind of ["valid", "invalid"]) {
    const folder = new URL(`../messages/${kind}/`, import.meta.url);
    for await (const { name } of Deno.readDir(folder)) {
      const text = await Deno.readTextFile(new URL(name, folder));
      for (const { octets } of readMessages(text)) yield octets;
    }
  }
}

/** Whether the server does; undefined where that is no matter of grammar. */
async function refuses(octets: string): Promise<boolean | undefined> {
  const { pipe, exchanges, done } = connect();
  pipe.send(octets, null);
  await done;
  const error = exchanges[0]?.error;
  if (!(error instanceof ProtocolError)) return false;
  // Too long or too large, or cut short: no octet in it is wrong.
  const isOfSize = /longer than \d|more than|large|ended|shorter/;
  return isOfSize.test(error.message) ? undefined : true;
}

Deno.test("very many parts are not told apart", () => {
  for (
    const rest of [
      "Transfer-Encoding: chunked\r\n\r\n" + "1\r\na\r\n".repeat(10_000),
      "a: b\r\n".repeat(10_000) + "\r\n",
    ]
  ) {
    const text = `POST / HTTP/1.1\r\nHost: h\r\n${rest}`;
    const parts = dissect(encodeLatin1(text), "request");
    assertWhole(parts, text.length);
    assertEquals(parts.at(-1)?.kind, "more");
    assert(parts.length < 4100);
  }
});

for (
  const [why, head, ...wrongs] of [
    ["no Host", "X: y\r\n", "\r\n"],
    ["a second Host", "Host: a\r\nHost: b\r\n", "a", "b"],
    [
      "a length and chunks",
      "Host: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
      "5",
      "chunked",
    ],
    [
      "two lengths",
      "Host: h\r\nContent-Length: 3\r\nContent-Length: 5\r\n",
      "3",
      "5",
    ],
    ["a port that is none", "Host: h:99999\r\n", "h:99999"],
    ["a field without a name", "Host: h\r\n: y\r\n", ": y"],
  ]
) {
  Deno.test(`what the whole head breaks is marked: ${why}`, () => {
    const text = `POST / HTTP/1.1\r\n${head}\r\n`;
    assertEquals(wrongIn(text).map(([text]) => text), wrongs);
  });
}

Deno.test(
  "each octet of each conformance case belongs to one part, cut at every place",
  {
    ignore: noRead,
  },
  async () => {
    const folder = new URL("../conformance/cases/", import.meta.url);
    let count = 0;
    for await (const { name } of Deno.readDir(folder)) {
      const cases = JSON.parse(await Deno.readTextFile(new URL(name, folder)));
      for (const { send } of cases) {
        const octets = encodeLatin1(
          [send].flat().filter((it) => typeof it === "string").join("")
            .slice(0, 400).replace(/[^\0-\xff]/g, "?"),
        );
        for (let end = 0; end <= octets.length; end++) {
          for (const side of ["request", "response"] as const) {
            assertWhole(dissect(octets.subarray(0, end), side), end);
            count++;
          }
        }
      }
    }
    assert(count > 10_000, `${count}`);
  },
);

function assertWhole(parts: Part[], length: number): void {
  let at = 0;
  for (const { from, to } of parts) {
    if (from !== at || to <= from) throw new Error(`A gap at ${at}`);
    at = to;
  }
  if (at !== length) throw new Error(`Nothing from ${at} on`);
}

Deno.test("random octets are dissected whole", () => {
  const alphabet = encodeLatin1("GET HTTP/1.1: \t\r\n\r\n\0\x80;5chunked");
  let seed = 1;
  for (let round = 0; round < 5000; round++) {
    const octets = new Uint8Array(round % 60).map(() => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      return alphabet[(seed >> 8) % alphabet.length];
    });
    for (const side of ["request", "response"] as const) {
      try {
        assertWhole(dissect(octets, side), octets.length);
      } catch (error) {
        throw new Error(JSON.stringify(decodeLatin1(octets)), { cause: error });
      }
    }
  }
});
