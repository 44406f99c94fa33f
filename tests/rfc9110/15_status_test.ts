import { assertEquals, assertStringIncludes } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import {
  type Answer,
  connect,
  converse,
  parseAnswers,
} from "../support/conversation.ts";
import { NEXT, NEXT_ANSWER, testMessages } from "../support/message_cases.ts";

const HEAD_1_1 = "GET / HTTP/1.1\r\nHost: h\r\n";

testMessages([
  {
    name: "RFC 9110 §15.5.14: content too large, small enough to skip",
    limits: { content: 2 },
    send: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" + NEXT,
    answers: [413, NEXT_ANSWER],
  },
  {
    name: "RFC 9110 §15.5.14: chunks too large",
    limits: { content: 2 },
    send: "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "3\r\nabc\r\n0\r\n\r\n" + NEXT,
    answers: [413],
  },
  {
    name: "RFC 9110 §15.5.15: a target too long",
    limits: { requestLine: 20 },
    send: "GET /234567890 HTTP/1.1\r\nHost: h\r\n\r\n" + NEXT,
    answers: [414],
  },
]);

Deno.test("RFC 9110 §15.5.14: content too large to skip", async () => {
  const head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n";
  const limits = { content: 2, discarded: 2 };
  const answers = await converse([head, "abc" + NEXT], { limits });
  assertEquals(answers.map(({ status }) => status), [413]);
  assertEquals(answers[0].fields["connection"], "close");
});

/** The answer to one request. */
async function answerTo(send: string, setting = {}): Promise<Answer> {
  const answers = await converse([send], setting);
  assertEquals(answers.length, 1);
  return answers[0];
}

Deno.test("RFC 9110 §15.2: a handler makes no interim response of its own", async () => {
  let error: unknown;
  const { status } = await answerTo(NEXT, {
    handler: () => new Response(null, { status: 101 }),
    onError: (thrown: unknown) => {
      error = thrown;
      return new Response(null, { status: 500 });
    },
  });
  assertEquals(status, 500);
  assertEquals(error instanceof TypeError, true);
});

Deno.test("RFC 9110 §15.2: an interim response has no fields and no content", async () => {
  const { pipe, done } = connect();
  pipe.send(
    "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n" +
      "Content-Length: 1\r\n\r\n",
  );
  await pipe.until("100 Continue");
  assertEquals(pipe.received, "HTTP/1.1 100 Continue\r\n\r\n");
  pipe.send("a", null);
  await done;
});

Deno.test("RFC 9110 §15.3.6: 205 says that it has no content", async () => {
  const { fields, content } = await answerTo(NEXT, {
    handler: () => new Response(null, { status: 205 }),
  });
  assertEquals([fields["content-length"], content], ["0", ""]);
});

Deno.test("RFC 9110 §15.4.5: the next answer begins right after a 304's head", async () => {
  const { pipe, done } = connect({
    handler: ({ url }) =>
      url.endsWith("/next") ? new Response("next") : new Response(null, {
        status: 304,
        headers: { "content-length": "5", etag: '"a"' },
      }),
  });
  pipe.send(HEAD_1_1 + "\r\n" + NEXT, null);
  await done;
  assertEquals(
    parseAnswers(pipe.received).map(({ status, content }) => [status, content]),
    [[304, ""], [200, "next"]],
  );
});

Deno.test("RFC 9110 §15.5: an answer to an error explains it, unless to HEAD", async () => {
  const cases: [string, number, string][] = [
    ["GET / HTTP/1.1\r\n\r\n", 400, "Host"],
    [HEAD_1_1 + "A : b\r\n\r\n", 400, "whitespace"],
    [HEAD_1_1 + "Expect: x\r\n\r\n", 417, "expectation"],
    ["GET https://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 421, "http URIs"],
    ["TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 501, "method"],
  ];
  for (const [send, status, word] of cases) {
    const answer = await answerTo(send);
    assertEquals(answer.status, status);
    assertStringIncludes(answer.content, word);
  }
});

Deno.test("RFC 9110 §15.6.6: 505 names the versions that are spoken", async () => {
  const { status, content } = await answerTo("GET / HTTP/2.0\r\n\r\n");
  assertEquals(status, 505);
  assertStringIncludes(content, "HTTP/1.1");
});

Deno.test("RFC 9110 §15.5.22: 426 names the protocol to upgrade to", async () => {
  const { fields } = await answerTo(NEXT, {
    handler: () => {
      throw new HttpError(426, "Only by WebSocket", {
        headers: { upgrade: "websocket" },
      });
    },
  });
  assertEquals(fields.upgrade, "websocket");
  assertEquals(fields.connection, "upgrade");
});
