import { assertEquals } from "@std/assert";
import { connect } from "../support/conversation.ts";
import { NEXT, NEXT_ANSWER, testMessages } from "../support/message_cases.ts";

const showFields = ({ headers }: Request) =>
  new Response([...headers].map((field) => field.join("=")).join("|"));

/** A request with these field lines, and what the handler got of them. */
const shown = (name: string, lines: string, ...answers: string[]) => ({
  name: `RFC 9110 §${name}`,
  handler: showFields,
  send: `GET / HTTP/1.1\r\nHost: h\r\n${lines}\r\n`,
  answers,
});

testMessages([
  shown(
    "5.1: names are case-insensitive",
    "aB: 1\r\nAb: 2\r\n",
    "200 ab=1, 2|host=h",
  ),
  shown(
    "5.1: unknown names are no error",
    "X-Y-Z: 1\r\n",
    "200 host=h|x-y-z=1",
  ),
  shown(
    "5.2: the value is that of all lines, in their order",
    "A: 1\r\nB: x\r\nA:\r\nA: 2,3\r\n",
    "200 a=1, , 2,3|b=x|host=h",
  ),
  shown(
    "5.5: obs-text is opaque, and so is what looks encoded",
    "A: =?utf-8?Q?a?= %0d%0a \\r\r\n",
    "200 a==?utf-8?Q?a?= %0d%0a \\r|host=h",
  ),
  shown(
    "5.5: whitespace within a value stays",
    "A: b \t c\r\n",
    "200 a=b \t c|host=h",
  ),
  ...["\r", "\n", "\0"].map((octet) => ({
    name: `RFC 9110 §5.5: ${JSON.stringify(octet)} in a value`,
    send: `GET / HTTP/1.1\r\nHost: h\r\nA: b${octet}c\r\n\r\n` + NEXT,
    answers: [400],
  })),
  {
    name: "RFC 9110 §5.4: a field line larger than is taken",
    limits: { fieldSection: 30 },
    send: "GET / HTTP/1.1\r\nHost: h\r\nA: 34567890123456789012\r\n\r\n" + NEXT,
    answers: [431],
  },
  {
    name: "RFC 9110 §5.4: trailers larger than are taken",
    limits: { fieldSection: 70 },
    send: "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
      `0\r\nA: ${"b".repeat(70)}\r\n\r\n` + NEXT,
    answers: [431],
  },
  {
    name: "RFC 9110 §5.6.1: empty members of Connection are ignored",
    send: "GET /a HTTP/1.1\r\nHost: h\r\nConnection: ,, \t,close, ,\r\n\r\n" +
      NEXT,
    answers: ["200 GET http://h/a []"],
  },
  {
    name: "RFC 9110 §5.6.1: empty members of Expect are ignored",
    send: "GET /a HTTP/1.1\r\nHost: h\r\nExpect: , ,100-continue,\r\n\r\n" +
      NEXT,
    answers: ["200 GET http://h/a []", NEXT_ANSWER],
  },
  {
    name: "RFC 9110 §5.6.1: a list may go on in another line",
    send: "GET /a HTTP/1.1\r\nHost: h\r\nConnection: x\r\nA: b\r\n" +
      "Connection: close\r\n\r\n" + NEXT,
    answers: ["200 GET http://h/a []"],
  },
]);

Deno.test("RFC 9110 §5.3: nothing is done before all the fields are here", async () => {
  let isAsked = false;
  const { pipe, done } = connect({
    handler: () => {
      isAsked = true;
      return new Response();
    },
  });
  pipe.send("GET / HTTP/1.1\r\n", "Host: h\r\n", "If-Match: x\r\n", "\r");
  // The reader is empty again only when it has taken all that was sent.
  await pipe.untilRead();
  assertEquals([isAsked, pipe.received], [false, ""]);
  pipe.send("\n", null);
  await done;
  assertEquals(isAsked, true);
});
