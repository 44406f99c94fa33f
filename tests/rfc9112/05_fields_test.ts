import { assertEquals } from "@std/assert";
import { converse } from "../support/conversation.ts";
import { NEXT, NEXT_ANSWER, testMessages } from "../support/message_cases.ts";

/** A handler that shows the fields as it got them. */
const showFields = (request: Request) =>
  new Response([...request.headers].map((field) => field.join("=")).join("|"));

/** A request with these field lines, and the status it should get. */
const fields = (name: string, lines: string, status: number) => ({
  name: `RFC 9112 §${name}`,
  send: `GET / HTTP/1.1\r\nHost: h\r\n${lines}\r\n`,
  answers: [status],
});

testMessages([
  {
    name: "RFC 9112 §5: whitespace around a value is no part of it",
    handler: showFields,
    send: "GET / HTTP/1.1\r\nhOsT:h\r\nA: \t b c \t\r\nB:\r\nC:  \r\n\r\n",
    answers: ["200 a=b c|b=|c=|host=h"],
  },
  {
    name: "RFC 9112 §5: lines of one name are joined in order",
    handler: showFields,
    send: "GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\na: 3\r\n\r\n",
    answers: ["200 a=1, 3|b=2|host=h"],
  },
  fields("5: every tchar in a name", "!#$%&'*+-.^_`|~09azAZ: v\r\n", 200),
  fields("5: a name of one octet", "a:b\r\n", 200),
  fields("5: no colon", "abc\r\n", 400),
  fields("5: no name", ": v\r\n", 400),
  fields(
    "5: a name broken over two lines",
    "Transfer-\r\nEncoding: x\r\n",
    400,
  ),
  fields("5.1: a space before the colon", "A : v\r\n", 400),
  fields("5.1: a tab before the colon", "A\t: v\r\n", 400),
  fields("5.1: a space in a name", "A B: v\r\n", 400),
  ...["[", "@", "(", '"', "/", "\x7f", "\0", "\x01", "\xe9"].map((octet) =>
    fields(
      `5.1: ${JSON.stringify(octet)} in a name`,
      `A${octet}B: v\r\n`,
      400,
    )
  ),
  fields("5.2: obs-fold with a space", "A: b\r\n c\r\n", 400),
  fields("5.2: obs-fold with a tab", "A: b\r\n\tc\r\n", 400),
  fields("5.2: a fold that hides a field", "A: b\r\n Host: x\r\n", 400),
  ...["\0", "\x01", "\x0b", "\x1f", "\x7f"].map((octet) =>
    fields(
      `5 (RFC 9110 §5.5): ${JSON.stringify(octet)} in a value`,
      `A: b${octet}c\r\n`,
      400,
    )
  ),
  fields(
    "5 (RFC 9110 §5.5): obs-text in a value",
    "A: caf\xe9 \x80\xff\r\n",
    200,
  ),
  {
    name: "RFC 9112 §5: as many fields as the limit",
    limits: { fieldCount: 3 },
    send: "GET /next HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\n\r\n",
    answers: [NEXT_ANSWER],
  },
  {
    name: "RFC 9112 §5: more fields than the limit",
    limits: { fieldCount: 3 },
    send: "GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n" + NEXT,
    answers: [431],
  },
  {
    name: "RFC 9112 §5: a section as long as the limit",
    limits: { fieldSection: 17 },
    send: "GET /next HTTP/1.1\r\nHost: h\r\nA: 345\r\n\r\n",
    answers: [NEXT_ANSWER],
  },
  {
    name: "RFC 9112 §5: a section longer than the limit",
    limits: { fieldSection: 17 },
    send: "GET /next HTTP/1.1\r\nHost: h\r\nA: 3456\r\n\r\n",
    answers: [431],
  },
  {
    name: "RFC 9112 §5: an unfinished section longer than the limit",
    limits: { fieldSection: 17 },
    send: "GET / HTTP/1.1\r\nHost: h\r\nA: 3456789012",
    answers: [431],
  },
]);

Deno.test("RFC 9112 §5: field values reach the handler octet for octet", async () => {
  let value: string | null = null;
  await converse(["GET / HTTP/1.1\r\nHost: h\r\nA: \x80\x9f\xff\r\n\r\n"], {
    handler(request) {
      value = request.headers.get("a");
      return new Response();
    },
  });
  assertEquals(value, "\x80\x9f\xff");
});
