/** What only the answer and the end of a request show is marked in it. */

import { assertEquals } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { decodeLatin1 } from "../../lib/wire/grammar.ts";
import { dissectExchange } from "../../lib/xray/outcome.ts";
import type { Handler } from "../../mod.ts";
import { record } from "./recording.ts";

const echo: Handler = async (request) => new Response(await request.text());
const refuse = (status: number): Handler => () => {
  throw new HttpError(status, "No");
};

/** The parts that are marked, and the section of each. */
async function markedIn(
  text: string,
  handler: Handler = echo,
): Promise<[text: string, section?: string][]> {
  const exchange = (await record([text], handler)).at(-1)!;
  const { octets } = exchange.request;
  return dissectExchange(exchange).request
    .filter(({ kind }) => kind === "wrong")
    .map(({ from, to, section }) => [decodeLatin1(octets, from, to), section]);
}

const post = "POST / HTTP/1.1\r\nHost: h\r\n";
const chunked = `${post}Transfer-Encoding: chunked\r\n\r\n`;

const cases: [string, string, [string, string][], Handler?][] = [
  ["nothing wrong", `${post}Content-Length: 2\r\n\r\nab`, []],
  [
    "too little content",
    `${post}Content-Length: 5\r\n\r\nab`,
    [["5", "RFC 9112 §8"], ["ab", "RFC 9112 §8"]],
  ],
  [
    "no content at all",
    `${post}Content-Length: 5\r\n\r\n`,
    [["5", "RFC 9112 §8"], ["\r\n", "RFC 9112 §8"]],
  ],
  ["a cut head", "GET / HTTP/1.1\r\nHo", [["Ho", "RFC 9112 §5"]]],
  ["a cut value", "GET / HTTP/1.1\r\nHost: h", [["h", "RFC 9112 §8"]]],
  ["no last chunk", `${chunked}2\r\nab\r\n`, [["\r\n", "RFC 9112 §8"]]],
  ["a cut chunk", `${chunked}5\r\nab`, [["ab", "RFC 9112 §8"]]],
  [
    "a method in lower case",
    "get / HTTP/1.1\r\nHost: h\r\n\r\n",
    [["get", "RFC 9110 §9.1"]],
    refuse(501),
  ],
  [
    "an unknown method",
    "FLY / HTTP/1.1\r\nHost: h\r\n\r\n",
    [["FLY", "RFC 9110 §9.1"]],
    refuse(501),
  ],
  [
    "a method that this resource lacks",
    "PUT / HTTP/1.1\r\nHost: h\r\n\r\n",
    [["PUT", "RFC 9110 §15.5.6"]],
    refuse(405),
  ],
  [
    "a method that this resource lacks, with content that nobody read",
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na",
    [["PUT", "RFC 9110 §15.5.6"]],
    refuse(405),
  ],
  [
    "an expectation",
    "GET / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\n\r\n",
    [["tea", "RFC 9110 §10.1.1"]],
  ],
  [
    "another host",
    "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    [["h", "RFC 9110 §15.5.20"]],
    refuse(421),
  ],
  ["a 400 of the handler", `${post}\r\n`, [], refuse(400)],
  ["a 404", `${post}\r\n`, [], refuse(404)],
];

for (const [name, text, marked, handler] of cases) {
  Deno.test(`marked after the answer: ${name}`, async () => {
    assertEquals(await markedIn(text, handler), marked);
  });
}

Deno.test("RFC 9110 §7.8: octets after 101 are of another protocol", () => {
  const encode = (text: string) => new TextEncoder().encode(text);
  const request = encode("GET / HTTP/1.1\r\nHost: h\r\n\r\n\x81\x01a");
  const response = encode(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\x81\x01b",
  );
  const parts = dissectExchange({
    request: { octets: request, length: request.length },
    response: { octets: response },
    isOver: true,
    isCut: false,
  });
  assertEquals(parts.request.at(-1)?.kind, "upgraded");
  assertEquals(parts.response.at(-1)?.kind, "upgraded");
});
