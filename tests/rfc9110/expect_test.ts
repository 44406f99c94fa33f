import { assertEquals } from "@std/assert";
import { connect, parseAnswers } from "../conversation.ts";
import { NEXT, NEXT_ANSWER, testMessages } from "../messages.ts";

const head = (fields: string, version = "1.1") =>
  `POST /a HTTP/${version}\r\nHost: h\r\n${fields}\r\n`;
const EXPECT = "Expect: 100-continue\r\n";

Deno.test("RFC 9110 §10.1.1: 100 goes out when the content is first read", async () => {
  const { pipe, done } = connect();
  pipe.send(head(EXPECT + "Content-Length: 3\r\n"));
  await pipe.until("HTTP/1.1 100 Continue\r\n\r\n");
  pipe.send("abc", NEXT, null);
  await done;
  assertEquals(
    parseAnswers(pipe.received).map(({ status, content }) => [status, content]),
    [[100, ""], [200, "POST http://h/a [abc]"], [200, "GET http://h/next []"]],
  );
});

Deno.test("RFC 9110 §10.1.1: a handler that refuses never invites the content", async () => {
  const { pipe, done } = connect({
    handler: () => new Response(null, { status: 403 }),
  });
  pipe.send(head(EXPECT + "Content-Length: 3\r\n"), null);
  await done;
  const [answer, ...others] = parseAnswers(pipe.received);
  assertEquals([answer.status, others.length], [403, 0]);
  // What comes next may be the content or not: nobody can tell.
  assertEquals(answer.fields.connection, "close");
});

Deno.test("RFC 9110 §10.1.1: no 100 to content that is already here", async () => {
  const { pipe, done } = connect();
  const fields = EXPECT.toUpperCase() + "Content-Length: 3\r\n";
  pipe.send(head(fields) + "abc", null);
  await done;
  assertEquals(
    parseAnswers(pipe.received).map(({ content }) => content),
    ["POST http://h/a [abc]"],
  );
});

testMessages([
  {
    name: "RFC 9110 §10.1.1: no 100 without content",
    send: head(EXPECT) + NEXT,
    answers: ["200 POST http://h/a []", NEXT_ANSWER],
  },
  {
    name: "RFC 9110 §10.1.1: no 100 to HTTP/1.0",
    send: head(EXPECT + "Content-Length: 3\r\n", "1.0") + "abc",
    answers: ["200 POST http://h/a [abc]"],
  },
  {
    name: "RFC 9110 §10.1.1: another expectation is not met",
    send: head("Expect: 200-ok\r\nContent-Length: 3\r\n") + "abc" + NEXT,
    answers: [417, NEXT_ANSWER],
  },
  {
    name: "RFC 9110 §10.1.1: HTTP/1.0 knows no expectation",
    send: head("Expect: 200-ok\r\n", "1.0"),
    answers: ["200 POST http://h/a []"],
  },
]);
