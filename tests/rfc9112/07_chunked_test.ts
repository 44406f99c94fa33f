import { assertEquals } from "@std/assert";
import { converse, text } from "../support/conversation.ts";
import { NEXT, NEXT_ANSWER, testMessages } from "../support/message_cases.ts";

/** A POST of these chunks. */
const chunks = (
  name: string,
  content: string,
  ...answers: (string | number)[]
) => ({
  name: `RFC 9112 §${name}`,
  send: "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
    content + NEXT,
  answers,
});

/** The same, when the content should be `abcde`. */
const fine = (name: string, content: string) =>
  chunks(name, content, "200 POST http://h/a [abcde]", NEXT_ANSWER);

testMessages([
  fine("7.1: one chunk", "5\r\nabcde\r\n0\r\n\r\n"),
  fine("7.1: several chunks", "1\r\na\r\n3\r\nbcd\r\n1\r\ne\r\n0\r\n\r\n"),
  fine("7.1: leading zeros", "0005\r\nabcde\r\n000\r\n\r\n"),
  chunks(
    "7.1: hex digits in both cases",
    "a\r\n0123456789\r\nB\r\nabcdefghijk\r\n0\r\n\r\n",
    "200 POST http://h/a [0123456789abcdefghijk]",
    NEXT_ANSWER,
  ),
  chunks(
    "7.1: CRLF and 0 within the data",
    "a\r\n\r\n0\r\n\r\n012\r\n0\r\n\r\n",
    "200 POST http://h/a [\r\n0\r\n\r\n012]",
    NEXT_ANSWER,
  ),
  ...[
    ["no size", "\r\nabcde\r\n0\r\n\r\n"],
    ["0x", "0x5\r\nabcde\r\n0\r\n\r\n"],
    ["a sign", "+5\r\nabcde\r\n0\r\n\r\n"],
    ["a negative size", "-5\r\nabcde\r\n0\r\n\r\n"],
    ["a letter that is no digit", "5g\r\nabcde\r\n0\r\n\r\n"],
    ["a digit separator", "0_5\r\nabcde\r\n0\r\n\r\n"],
    ["a point", "5.0\r\nabcde\r\n0\r\n\r\n"],
    ["whitespace before the size", " 5\r\nabcde\r\n0\r\n\r\n"],
    ["whitespace after the size", "5 \r\nabcde\r\n0\r\n\r\n"],
    ["a bare LF after the size", "5\nabcde\r\n0\r\n\r\n"],
    ["a bare CR after the size", "5\rabcde\r\n0\r\n\r\n"],
    ["a bare LF after the data", "5\r\nabcde\n0\r\n\r\n"],
    ["nothing after the data", "5\r\nabcde0\r\n\r\n"],
    ["more data than its size", "5\r\nabcdefg\r\n0\r\n\r\n"],
    ["less data than its size", "6\r\nabcde\r\n0\r\n\r\n"],
    ["a bare LF after the last chunk", "5\r\nabcde\r\n0\n\r\n"],
  ].map(([name, content]) => chunks(`7.1: ${name}`, content, 400)),
  chunks(
    "7.1: a size that wraps at 64 bits",
    "10000000000000005\r\nabcde",
    413,
  ),
  chunks("7.1: a size beyond counting", "fffffffffffffffff\r\nabcde", 413),
  {
    ...chunks(
      "7.1: a size that would be rounded, where content has no limit",
      "20000000000001\r\nabcde",
      413,
    ),
    limits: { content: Infinity },
  },
  {
    ...chunks(
      "7.1: chunks larger than the limit",
      "3\r\nabc\r\n3\r\ndef\r\n",
      413,
    ),
    limits: { content: 5 },
  },
  {
    ...fine(
      "7.1: chunks as large as the limit",
      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    ),
    limits: { content: 5 },
  },

  fine("7.1.1: an extension", "5;a\r\nabcde\r\n0;b=c\r\n\r\n"),
  fine("7.1.1: a quoted value", '5;a="b; \\" \\\\ c"\r\nabcde\r\n0\r\n\r\n'),
  fine("7.1.1: bad whitespace", "5 \t; a = b ;c\r\nabcde\r\n0\r\n\r\n"),
  ...[
    ["no name", "5;\r\nabcde\r\n0\r\n\r\n"],
    ["no value", "5;a=\r\nabcde\r\n0\r\n\r\n"],
    ["an open quote", '5;a="b\r\nabcde\r\n0\r\n\r\n'],
    ["a bare LF ends it", "5;a\nabcde\r\n0\r\n\r\n"],
    ["a bare CR in it", "5;a\rb\r\nabcde\r\n0\r\n\r\n"],
    ["a control in it", "5;a=\0\r\nabcde\r\n0\r\n\r\n"],
    ["no semicolon", "5 a=b\r\nabcde\r\n0\r\n\r\n"],
  ].map(([name, content]) => chunks(`7.1.1: ${name}`, content, 400)),
  {
    ...fine("7.1.1: as long as the limit", "5;a=345678\r\nabcde\r\n0\r\n\r\n"),
    limits: { chunkLine: 10 },
  },
  {
    ...chunks("7.1.1: longer than the limit", "5;a=3456789\r\nabcde", 400),
    limits: { chunkLine: 10 },
  },

  fine("7.1.2: trailers", "5\r\nabcde\r\n0\r\nA: b\r\nC: d\r\n\r\n"),
  fine(
    "7.1.2: Transfer-Encoding in a trailer changes nothing",
    "5\r\nabcde\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
  ),
  chunks("7.1.2: no trailer", "5\r\nabcde\r\n0\r\nGET / HTTP/1.1\r\n\r\n", 400),
  chunks(
    "7.1.2: a folded trailer",
    "5\r\nabcde\r\n0\r\nA: b\r\n c\r\n\r\n",
    400,
  ),
  {
    ...chunks(
      "7.1.2: more trailers than the limit",
      "0\r\nA: b\r\nC: d\r\nE: f\r\n\r\n",
      431,
    ),
    limits: { fieldCount: 2 },
  },

  {
    name: "RFC 9112 §7.2: x-gzip is gzip, and no more known here",
    send: "POST / HTTP/1.1\r\nHost: h\r\n" +
      "Transfer-Encoding: x-gzip, chunked\r\n\r\n" + NEXT,
    answers: [501],
  },
  ...["trailers", "chunked", "gzip;q=0.5, trailers", ""].map((codings) => ({
    name: `RFC 9112 §7.4: TE ${JSON.stringify(codings)} does no harm`,
    send: `GET /a HTTP/1.1\r\nHost: h\r\nTE: ${codings}\r\n` +
      "Connection: TE\r\n\r\n" + NEXT,
    answers: ["200 GET http://h/a []", NEXT_ANSWER],
  })),
]);

Deno.test("RFC 9112 §7.1.1: a flood of extensions is refused, though each is short", async () => {
  const chunk = `1;a=${"b".repeat(250)}\r\nc\r\n`;
  const send = "POST /a HTTP/1.1\r\nHost: h\r\n" +
    "Transfer-Encoding: chunked\r\n\r\n" +
    `${chunk.repeat(1000)}0\r\n\r\n${NEXT}`;
  const [{ status }, ...others] = await converse([send]);
  assertEquals([status, others], [400, []]);
});

// What is fair is 16 octets a line, and 2 for each octet of content: a line of 118
// for one octet brings 100 too many.
for (
  const { name, more, status } of [
    { name: "as long as the limit are taken", more: "", status: 200 },
    { name: "an octet longer are refused", more: "b", status: 400 },
  ]
) {
  Deno.test(`RFC 9112 §7.1.1: extensions that are all in all ${name}`, async () => {
    const send = "POST /a HTTP/1.1\r\nHost: h\r\n" +
      "Transfer-Encoding: chunked\r\n\r\n" +
      `1;a=${"b".repeat(114)}\r\nc\r\n`.repeat(9) +
      `1;a=${"b".repeat(114)}${more}\r\nc\r\n0\r\n\r\n`;
    const limits = { fieldSection: 1000 };
    const answers = await converse([send], { limits });
    assertEquals(answers.map(({ status }) => status), [status]);
  });
}

Deno.test("RFC 9112 §7.1: a chunk of any size may be read at once with the next one", async () => {
  for (const size of [1, 65_535, 65_536, 65_537, 200_000]) {
    const content = "x".repeat(size);
    const [{ content: told }] = await converse([
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
      `${size.toString(16)}\r\n${content}\r\n3\r\nabc\r\n0\r\n\r\n`,
    ], {
      handler: async ({ body }) => {
        const reader = body!.getReader({ mode: "byob" });
        let decoded = "";
        for (;;) {
          const { value } = await reader.read(new Uint8Array(256 * 1024));
          if (!value?.length) break;
          decoded += text(value);
        }
        return new Response(String(decoded === content + "abc"));
      },
    });
    assertEquals(told, "true", `${size} octets`);
  }
});
