import { assertEquals } from "@std/assert";
import { connect, parseAnswers } from "../support/conversation.ts";
import { NEXT, NEXT_ANSWER, testMessages } from "../support/message_cases.ts";

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

Deno.test("RFC 9110 §10.1.1: the expectation is case-insensitive", async () => {
  const { pipe, done } = connect();
  pipe.send(head("eXPECT: 100-CONTINUE\r\nContent-Length: 3\r\n"));
  await pipe.until("HTTP/1.1 100 Continue\r\n\r\n");
  pipe.send("abc", null);
  await done;
});

Deno.test("RFC 9110 §10.1.1: chunks are invited too, and once", async () => {
  const { pipe, done } = connect();
  pipe.send(head(EXPECT + "Transfer-Encoding: chunked\r\n"));
  await pipe.until("HTTP/1.1 100 Continue\r\n\r\n");
  pipe.send("1\r\na\r\n", "1\r\nb\r\n", "0\r\n\r\n", NEXT, null);
  await done;
  assertEquals(
    parseAnswers(pipe.received).map(({ status, content }) => [status, content]),
    [[100, ""], [200, "POST http://h/a [ab]"], [200, "GET http://h/next []"]],
  );
});

Deno.test("RFC 9110 §10.1.1: after 100 comes a final answer, though the handler fails", async () => {
  const { pipe, done } = connect({
    handler: async (request) => {
      await request.text();
      throw new Error("no");
    },
    onError: () => new Response(null, { status: 500 }),
  });
  pipe.send(head(EXPECT + "Content-Length: 3\r\n"));
  await pipe.until("100 Continue");
  pipe.send("abc", NEXT, null);
  await done;
  assertEquals(
    parseAnswers(pipe.received).map(({ status }) => status),
    [100, 500, 500],
  );
});

Deno.test("RFC 9110 §10.1.1: content that an answer is made of is invited first", async () => {
  const { pipe, done } = connect({
    handler: ({ body }) => new Response(body),
  });
  pipe.send(head(EXPECT + "Content-Length: 3\r\n"));
  await pipe.until("HTTP/1.1 ");
  pipe.send("abc", null);
  await done;
  assertEquals(
    parseAnswers(pipe.received).map(({ status, content }) => [status, content]),
    [[100, ""], [200, "abc"]],
  );
});
