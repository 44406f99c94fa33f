import { assertEquals } from "@std/assert";
import { converse } from "../support/conversation.ts";
import { NEXT, NEXT_ANSWER, testMessages } from "../support/message_cases.ts";

/** A POST with these field lines and this content. */
const post = (
  name: string,
  lines: string,
  content: string,
  ...answers: (string | number)[]
) => ({
  name: `RFC 9112 §${name}`,
  send: `POST /a HTTP/1.1\r\nHost: h\r\n${lines}\r\n${content}${NEXT}`,
  answers,
});

testMessages([
  // §6.1, Transfer-Encoding
  post(
    "6.1: chunked",
    "Transfer-Encoding: chunked\r\n",
    "3\r\nabc\r\n0\r\n\r\n",
    "200 POST http://h/a [abc]",
    NEXT_ANSWER,
  ),
  post(
    "6.1: coding names are case-insensitive",
    "tRANSFER-eNCODING: \tCHUNKED \r\n",
    "0\r\n\r\n",
    "200 POST http://h/a []",
    NEXT_ANSWER,
  ),
  post(
    "6.1: with Content-Length",
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "0\r\n\r\n",
    400,
  ),
  post(
    "6.1: with Content-Length after it, and in another case",
    "Transfer-Encoding: cHuNkEd\r\nContent-Length: 5\r\n",
    "0\r\n\r\n",
    400,
  ),
  post(
    "6.1: unknown, with Content-Length",
    "Transfer-Encoding: x\r\nContent-Length: 5\r\n",
    "abcde",
    400,
  ),
  post(
    "6.1: gzip before chunked",
    "Transfer-Encoding: gzip, chunked\r\n",
    "",
    501,
  ),
  post(
    "6.1: gzip before chunked, on two lines",
    "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
    "",
    501,
  ),
  ...[
    "gzip",
    "identity",
    "chunked, gzip",
    "chunked, chunked",
    "chunked, identity",
    "chunked,",
    ",chunked",
    "chunkedchunked",
    "xchunked",
    "chunked x",
    "chunked;a=b",
    '"chunked"',
    "'chunked'",
    "chunked\x0b",
    "\xa0chunked",
    "",
  ].map((coding) =>
    post(
      `6.3: Transfer-Encoding ${JSON.stringify(coding)}`,
      `Transfer-Encoding: ${coding}\r\n`,
      "0\r\n\r\n",
      400,
    )
  ),
  post(
    "6.3: chunked on two lines",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "0\r\n\r\n",
    400,
  ),
  {
    name: "RFC 9112 §6.1: Transfer-Encoding in HTTP/1.0",
    send: "POST / HTTP/1.0\r\nConnection: keep-alive\r\n" +
      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + NEXT,
    answers: [400],
  },

  // §6.2, Content-Length
  post(
    "6.2: octets beyond it begin the next request",
    "Content-Length: 3\r\n",
    "abc",
    "200 POST http://h/a [abc]",
    NEXT_ANSWER,
  ),
  post(
    "6.2: leading zeros are decimal",
    "Content-Length: 0010\r\n",
    "0123456789",
    "200 POST http://h/a [0123456789]",
    NEXT_ANSWER,
  ),
  post(
    "6.2: zero",
    "cONTENT-lENGTH: 0\r\n",
    "",
    "200 POST http://h/a []",
    NEXT_ANSWER,
  ),
  ...[
    "-1",
    "+5",
    "0o5",
    "0x5",
    "0_5",
    "5;q=1",
    "\xa05",
    "5 5",
    "5,",
    "5, 5",
    "5, 10",
    "5.0",
    "five",
    "",
  ].map((length) =>
    post(
      `6.3: Content-Length ${JSON.stringify(length)}`,
      `Content-Length: ${length}\r\n`,
      "abcde",
      400,
    )
  ),
  post(
    "6.3: two Content-Length fields",
    "Content-Length: 5\r\nContent-Length: 10\r\n",
    "abcdefghij",
    400,
  ),
  post(
    "6.3: two equal Content-Length fields",
    "Content-Length: 5\r\ncontent-length: 5\r\n",
    "abcde",
    400,
  ),
  post(
    "6.3: a length beyond counting",
    "Content-Length: 99999999999999999999\r\n",
    "",
    413,
  ),
  post("6.3: neither field", "", "", "200 POST http://h/a []", NEXT_ANSWER),

  // §6.3, content that nobody wants
  {
    name: "RFC 9112 §6.3: content of a GET is skipped, never run",
    send:
      `GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: ${NEXT.length}\r\n\r\n` +
      NEXT + NEXT,
    answers: ["200 GET http://h/a []", NEXT_ANSWER],
  },
  {
    name: "RFC 9112 §6.3: content that the handler did not read is skipped",
    handler: ({ url }) => new Response(url),
    send:
      `POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: ${NEXT.length}\r\n\r\n` +
      NEXT + NEXT,
    answers: ["200 http://h/a", "200 http://h/next"],
  },
  {
    name: "RFC 9112 §6.3: chunks as large as the limit are skipped",
    handler: ({ url }) => new Response(url),
    limits: { discarded: 5 },
    send: "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "5\r\nabcde\r\n0\r\n\r\n" + NEXT,
    answers: ["200 http://h/a", "200 http://h/next"],
  },
  {
    name: "RFC 9112 §6.3: too many chunks to skip close the connection",
    handler: ({ url }) => new Response(url),
    limits: { discarded: 4 },
    send: "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "5\r\nabcde\r\n0\r\n\r\n" + NEXT,
    answers: ["200 http://h/a"],
  },
  {
    name: "RFC 9112 §6.3 (RFC 9110 §15.5.14): content as large as the limit",
    limits: { content: 5 },
    send: "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde" +
      NEXT,
    answers: ["200 POST http://h/a [abcde]", NEXT_ANSWER],
  },
  {
    name: "RFC 9112 §6.3 (RFC 9110 §15.5.14): content larger than the limit",
    limits: { content: 5 },
    send: "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabcdef" +
      NEXT,
    answers: [413, NEXT_ANSWER],
  },
]);

/** Arrives after the answer to its head. */
const LATE_CONTENT = "abcde";

for (
  const { what, discarded, answers } of [
    { what: "is awaited up to the limit", discarded: 5, answers: 2 },
    {
      what: "beyond the limit closes the connection",
      discarded: 4,
      answers: 1,
    },
    {
      what: "closes the connection by default",
      discarded: undefined,
      answers: 1,
    },
  ]
) {
  const name = `RFC 9112 §6.3: unread content that has not arrived ${what}`;
  Deno.test(name, async () => {
    const seen = await converse([
      "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n",
      LATE_CONTENT + NEXT,
    ], {
      handler: ({ url }) => new Response(url),
      limits: { discarded },
    });
    assertEquals(
      seen.map(({ content }) => content),
      [
        "http://h/a",
        "http://h/next",
      ].slice(0, answers),
    );
    const isClosed = seen[0].fields["connection"] === "close";
    assertEquals(isClosed, answers === 1);
  });
}

Deno.test("RFC 9112 §6.3: unread content that has arrived is skipped", async () => {
  const seen = await converse([
    "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde" + NEXT,
  ], { handler: ({ url }) => new Response(url) });
  assertEquals(seen.map(({ content }) => content), [
    "http://h/a",
    "http://h/next",
  ]);
});
