import { assertEquals } from "@std/assert";
import { route } from "../../lib/router/router.ts";
import { connect, parseAnswers } from "../support/conversation.ts";
import { NEXT, testMessages } from "../support/message_cases.ts";

const handler = route([
  {
    method: ["GET", "PUT"],
    pattern: new URLPattern({ pathname: "/next" }),
    handler: ({ method }) => new Response(method),
  },
]);
const NEXT_ANSWER = "200 GET";

/** A request with a method, and what the routes answer. */
const request = (
  name: string,
  line: string,
  answers: (string | number)[],
  lines = "",
  content = "",
) => ({
  name: `RFC 9110 §${name}`,
  handler,
  send: `${line} HTTP/1.1\r\nHost: h\r\n${lines}\r\n${content}${NEXT}`,
  answers: [...answers, NEXT_ANSWER],
});

testMessages([
  request("9.1: a method that is known and taken", "PUT /next", ["200 PUT"]),
  request("9.1: a method that is known and not taken", "DELETE /next", [405]),
  request("9.1: a method that nobody knows", "FOO /next", [501]),
  request("9.1: a method that nobody knows, and no resource", "FOO /", [501]),
  request("9.1: a long method", `${"A".repeat(300)} /next`, [501]),
  request("9.1: methods are case-sensitive", "Get /next", [501]),
  request(
    "9.1: a method that is not taken leaves no content behind",
    "DELETE /next",
    [405],
    "Content-Length: 3\r\n",
    "abc",
  ),
  request(
    "9.3.1: content of a GET leaves nothing behind",
    "GET /next",
    ["200 GET"],
    "Content-Length: 3\r\n",
    "abc",
  ),
  request("9.3.5: DELETE of nothing", "DELETE /", [404]),
  request("9.3.7: OPTIONS of a resource", "OPTIONS /next", ["204 "]),
  request("9.3.7: OPTIONS of the server", "OPTIONS *", ["204 "]),
  request(
    "9.3.7: content of OPTIONS leaves nothing behind",
    "OPTIONS *",
    ["204 "],
    "Content-Length: 3\r\n",
    "abc",
  ),
  request("9.3.8: TRACE reflects nothing", "TRACE /next", [501]),
  request(
    "9.3.8: TRACE reflects nothing, also with Max-Forwards",
    "TRACE /next",
    [501],
    "Max-Forwards: 0\r\n",
  ),
  {
    name:
      "RFC 9110 §9.3.6: CONNECT makes no tunnel, and what follows is not run",
    handler,
    send: "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n" + NEXT,
    answers: [501],
  },
  ...["h", "h:", "", ":", "h:a", "h:-1", "h:1/", "u@h:1", "*"].map((
    target,
  ) => ({
    name: `RFC 9110 §9.3.6: CONNECT ${JSON.stringify(target)}`,
    handler,
    send: `CONNECT ${target} HTTP/1.1\r\nHost: h\r\n\r\n` + NEXT,
    answers: [400],
  })),
]);

/** The answers to requests that were sent at once. */
async function answersTo(methods: string[], send: string) {
  const { pipe, done } = connect({ handler });
  pipe.send(send, null);
  await done;
  return parseAnswers(pipe.received, methods);
}

Deno.test("RFC 9110 §9.3.2: HEAD has no content, whatever the status", async () => {
  const cases: [string, number][] = [
    ["HEAD /next HTTP/1.1\r\nHost: h\r\n\r\n", 200],
    ["HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", 404],
    ["HEAD https://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 421],
    ["HEAD / HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n", 417],
    ["HEAD / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", 400],
    ["HEAD / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: x\r\n\r\n", 400],
    ["HEAD / HTTP/1.1\r\n\r\n", 400],
    ["HEAD / HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n", 400],
  ];
  for (const [send, status] of cases) {
    const [answer, ...others] = await answersTo(["HEAD"], send);
    assertEquals([answer.status, others], [status, []], send);
  }
});

Deno.test("RFC 9110 §9.3.7, §10.2.1: OPTIONS and 405 tell what is allowed", async () => {
  const send = ["OPTIONS /next", "OPTIONS *", "DELETE /next"]
    .map((line) => `${line} HTTP/1.1\r\nHost: h\r\n\r\n`).join("");
  const answers = await answersTo([], send);
  assertEquals(
    answers.map(({ status, fields }) => [status, fields.allow]),
    [204, 204, 405].map((status) => [status, "GET, HEAD, PUT, OPTIONS"]),
  );
});
