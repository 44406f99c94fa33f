import { assertEquals } from "@std/assert";
import { connect } from "../support/conversation.ts";
import { NEXT, NEXT_ANSWER, testMessages } from "../support/message_cases.ts";

Deno.test("RFC 9110 §2.5, §6.2: every answer has our version, HTTP/1.1", async () => {
  const cases = [
    ["GET / HTTP/1.0\r\n\r\n", "200"],
    ["GET / HTTP/1.1\r\nHost: h\r\n\r\n", "200"],
    ["GET / HTTP/1.9\r\nHost: h\r\n\r\n", "200"],
    ["GET / HTTP/2.0\r\nHost: h\r\n\r\n", "505"],
    ["GET / HTTP/0.9\r\nHost: h\r\n\r\n", "505"],
    ["GET / HTTP/1.0\r\nA : b\r\n\r\n", "400"],
    ["GET /\r\n", "400"],
  ];
  for (const [send, status] of cases) {
    const { pipe, done } = connect();
    pipe.send(send, null);
    await done;
    assertEquals(pipe.received.split(" ", 2), ["HTTP/1.1", status], send);
  }
});

testMessages([
  {
    name: "RFC 9110 §2.5: a higher minor version persists as 1.1 does",
    send: "GET /a HTTP/1.2\r\nHost: h\r\n\r\n" + NEXT,
    answers: ["200 GET http://h/a []", NEXT_ANSWER],
  },
  {
    name: "RFC 9110 §2.5: a higher minor version may send chunks",
    send: "POST /a HTTP/1.2\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "3\r\nabc\r\n0\r\n\r\n" + NEXT,
    answers: ["200 POST http://h/a [abc]", NEXT_ANSWER],
  },
]);
