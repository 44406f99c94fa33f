import { assertEquals } from "@std/assert";
import { connect, converse } from "../support/conversation.ts";
import { NEXT, NEXT_ANSWER, testMessages } from "../support/message_cases.ts";

testMessages([
  {
    name: "RFC 9112 §2.1: a request line, fields, an empty line",
    send: "GET /a HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n",
    answers: ["200 GET http://h/a []"],
  },
  {
    name: "RFC 9112 §2.1: two messages on one connection",
    send: "GET /a HTTP/1.1\r\nHost: h\r\n\r\n" + NEXT,
    answers: ["200 GET http://h/a []", NEXT_ANSWER],
  },
  {
    name: "RFC 9112 §2.1: fields after the empty line are no fields",
    send: "GET / HTTP/1.1\r\n\r\nHost: h\r\n\r\n",
    answers: [400],
  },
  {
    name: "RFC 9112 §2.2: empty lines before a request line are ignored",
    send: "\r\n\r\n" + NEXT + "\r\n" + NEXT,
    answers: [NEXT_ANSWER, NEXT_ANSWER],
  },
  {
    name: "RFC 9112 §2.2: a flood of empty lines is refused",
    send: "\r\n".repeat(20) + NEXT,
    answers: [400],
  },
  {
    name: "RFC 9112 §2.2: empty lines alone are no request",
    send: "\r\n\r\n",
    answers: [],
  },
  {
    name: "RFC 9112 §2.2: a bare LF ends no request line",
    send: "GET / HTTP/1.1\nHost: h\r\n\r\n",
    answers: [400],
  },
  {
    name: "RFC 9112 §2.2: a bare LF ends no field line",
    send: "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n",
    answers: [400],
  },
  {
    name: "RFC 9112 §2.2: a bare LF is no empty line",
    send: "GET / HTTP/1.1\r\nHost: h\r\n\n" + NEXT,
    answers: [400],
  },
  {
    name: "RFC 9112 §2.2: a bare CR in a request line is refused",
    send: "GET /\r HTTP/1.1\r\nHost: h\r\n\r\n",
    answers: [400],
  },
  {
    name: "RFC 9112 §2.2: a bare CR in a field value is refused",
    send: "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n",
    answers: [400],
  },
  {
    name: "RFC 9112 §2.2: a bare CR at the start of a field line is refused",
    send: "GET / HTTP/1.1\r\nHost: h\r\n\rX: a\r\n\r\n",
    answers: [400],
  },
  {
    name: "RFC 9112 §2.2: whitespace before the first field is refused",
    send: "GET / HTTP/1.1\r\n X: y\r\nHost: h\r\n\r\n",
    answers: [400],
  },
  {
    name: "RFC 9112 §2.2: octets that are no HTTP are refused",
    send: "\x16\x03\x01\x00\xc8",
    answers: [400],
  },
  {
    name: "RFC 9112 §2.3: HTTP/1.0 without Host",
    send: "GET / HTTP/1.0\r\n\r\n",
    answers: ["200 GET http://127.0.0.1:4221/ []"],
  },
  {
    name: "RFC 9112 §2.3: a higher minor version is served as 1.1",
    send: "GET / HTTP/1.7\r\nHost: h\r\n\r\n" + NEXT,
    answers: ["200 GET http://h/ []", NEXT_ANSWER],
  },
  ...["HTTP/2.0", "HTTP/0.9", "HTTP/3.1"].map((version) => ({
    name: `RFC 9112 §2.3: ${version} is another protocol`,
    send: `GET / ${version}\r\nHost: h\r\n\r\n` + NEXT,
    answers: [505],
  })),
  ...[
    "http/1.1",
    "HTTP/1.10",
    "HTTP/11",
    "HTTP/1",
    "HTTP/ 1.1",
    "HTTP/4294967297.1",
    "HTTPS/1.1",
    "HTTP/1.1 ",
    "HTTP/1,1",
  ].map((version) => ({
    name: `RFC 9112 §2.3: ${JSON.stringify(version)} is no version`,
    send: `GET / ${version}\r\nHost: h\r\n\r\n` + NEXT,
    answers: [400],
  })),
]);

Deno.test("RFC 9112 §2.2: how a message is refused does not depend on how it arrives", async () => {
  const limits = { requestLine: 20, fieldSection: 40, fieldCount: 1 };
  const long = "a".repeat(50);
  const cases = [
    `GET /${long}\x01 HTTP/1.1\r\nHost: h\r\n\r\n`,
    `GET /\x01${long} HTTP/1.1\r\nHost: h\r\n\r\n`,
    `GET /${long} HTTP/1.1\nHost: h\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: h\r\nA: ${long}\n\r\n`,
    `GET / HTTP/1.1\r\nHost: h\r\nA: \x01${long}\r\n\r\n`,
    "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\nC: \x01\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\nC: d\n\r\n",
  ];
  for (const send of cases) {
    const statuses = new Set<number>();
    const arrivals = [[send], [...send]];
    for (let at = 1; at < send.length; at++) {
      arrivals.push([send.slice(0, at), send.slice(at)]);
    }
    for (const each of arrivals) {
      const answers = await converse(each, { limits });
      answers.forEach(({ status }) => statuses.add(status));
    }
    assertEquals(statuses.size, 1, `${[...statuses]}: ${JSON.stringify(send)}`);
  }
});

Deno.test("RFC 9112 §2.2: what no message begins with is refused at once, before each", async () => {
  for (const before of ["", NEXT]) {
    const { pipe, done } = connect();
    pipe.send(`${before}\n`);
    await pipe.until("HTTP/1.1 400");
    pipe.send(null);
    await done;
  }
});
