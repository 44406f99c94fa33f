import { assertEquals } from "@std/assert";
import { connect, parseAnswers } from "../support/conversation.ts";
import { NEXT, NEXT_ANSWER, testMessages } from "../support/message_cases.ts";

/** A request of a version with these fields, and one more. */
const request = (
  name: string,
  version: string,
  lines: string,
  ...answers: string[]
) => ({
  name: `RFC 9112 §${name}`,
  send: `GET /a HTTP/${version}\r\nHost: h\r\n${lines}\r\n${NEXT}`,
  answers,
});
const ANSWER = "200 GET http://h/a []";

testMessages([
  request("9.3: 1.1 persists", "1.1", "", ANSWER, NEXT_ANSWER),
  request("9.3: 1.0 does not", "1.0", "", ANSWER),
  request(
    "9.3: 1.0 does with keep-alive",
    "1.0",
    "Connection: Keep-Alive\r\n",
    ANSWER,
    NEXT_ANSWER,
  ),
  request("9.6: close", "1.1", "Connection: close\r\n", ANSWER),
  request("9.6: CLOSE in a list", "1.1", "Connection: x ,CLOSE\r\n", ANSWER),
  request(
    "9.6: close on a line of its own",
    "1.1",
    "Connection: keep-alive\r\nConnection: close\r\n",
    ANSWER,
  ),
  request(
    "9.6: closed is not close",
    "1.1",
    "Connection: closed\r\n",
    ANSWER,
    NEXT_ANSWER,
  ),
  {
    name: "RFC 9112 §9.3.2: answers come in the order of the requests",
    handler: async ({ url }) => {
      // The later the request, the sooner its answer is ready.
      const turns = 50 - 10 * Number(url.at(-1));
      for (let turn = 0; turn < turns; turn++) await undefined;
      return new Response(url.at(-1));
    },
    send: [1, 2, 3, 4].map((n) => `GET /${n} HTTP/1.1\r\nHost: h\r\n\r\n`)
      .join(""),
    answers: ["200 1", "200 2", "200 3", "200 4"],
  },
  {
    name: "RFC 9112 §9.3.2: a good request is answered before a bad one",
    send: NEXT + "GET / HTTP/1.1\r\nBad Field: x\r\n\r\n" + NEXT,
    answers: [NEXT_ANSWER, 400],
  },
  {
    name: "RFC 9112 §9.3: so many requests and no more",
    limits: { requests: 2 },
    send: NEXT.repeat(3),
    answers: [NEXT_ANSWER, NEXT_ANSWER],
  },
]);

/** Sends, and gives the Connection field of each answer. */
async function connectionFields(
  send: string,
  setting = {},
): Promise<(string | null)[]> {
  const { pipe, done } = connect(setting);
  pipe.send(send, null);
  await done;
  return parseAnswers(pipe.received)
    .map(({ fields }) => fields.connection ?? null);
}

Deno.test("RFC 9112 §9.3: the Connection field says what will be", async () => {
  const get = (version: string, field: string) =>
    `GET / HTTP/${version}\r\nHost: h\r\n${field}\r\n`;
  assertEquals(await connectionFields(NEXT), [null]);
  assertEquals(await connectionFields(get("1.0", "")), ["close"]);
  assertEquals(
    await connectionFields(get("1.0", "Connection: keep-alive\r\n")),
    ["keep-alive"],
  );
  assertEquals(
    await connectionFields(get("1.1", "Connection: close\r\n")),
    ["close"],
  );
  assertEquals(await connectionFields(get("1.1", "A : b\r\n")), ["close"]);
  assertEquals(
    await connectionFields(NEXT + NEXT, { limits: { requests: 2 } }),
    [null, "close"],
  );
  let isShuttingDown = false;
  const handler = () => {
    isShuttingDown = true;
    return new Response();
  };
  assertEquals(
    await connectionFields(NEXT + NEXT, {
      handler,
      isShuttingDown: () => isShuttingDown,
    }),
    ["close"],
  );
});

Deno.test("RFC 9112 §9.3.2: a pipeline is answered in one write", async () => {
  const { pipe, done } = connect({ handler: () => new Response("x") });
  pipe.send(NEXT.repeat(16), null);
  await done;
  assertEquals(parseAnswers(pipe.received).length, 16);
  assertEquals(pipe.writes.length, 1);
});

Deno.test("RFC 9112 §9.3.2: an answer that breaks off leaves the earlier ones whole", async () => {
  const { error } = console;
  console.error = () => {};
  try {
    const { pipe, done } = connect({
      handler: ({ url }) =>
        url.endsWith("/next")
          ? new Response("first")
          : new Response("short", { headers: { "content-length": "6" } }),
    });
    pipe.window = 10;
    pipe.send(NEXT + "GET / HTTP/1.1\r\nHost: h\r\n\r\n", null);
    await done;
    const [first] = parseAnswers(pipe.received.split("first")[0] + "first");
    assertEquals([first.status, first.content], [200, "first"]);
  } finally {
    console.error = error;
  }
});

Deno.test("RFC 9112 §9.3.2: a slow handler holds back no earlier answer", async () => {
  const slow = Promise.withResolvers<Response>();
  const { pipe, done } = connect({
    handler: ({ url }) => url.endsWith("/next") ? new Response() : slow.promise,
  });
  pipe.send(NEXT + "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n", null);
  await pipe.until("200 OK");
  slow.resolve(new Response("at last"));
  await done;
  assertEquals(parseAnswers(pipe.received)[1].content, "at last");
});

Deno.test("RFC 9112 §9.6: after close FIN goes out at once, then the rest is read", async () => {
  const { pipe, done, connection } = connect();
  pipe.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  await pipe.until("200 OK");
  pipe.send("what", "ever");
  assertEquals(pipe.isClosed, false);
  pipe.send(null);
  await done;
  assertEquals(pipe.hasSentFin, true);
  assertEquals(pipe.isClosed, true);
  assertEquals(connection.state, "closed");
});

Deno.test("RFC 9112 §9.6: a client that half-closes is answered", async () => {
  const slow = Promise.withResolvers<Response>();
  const { pipe, done } = connect({ handler: () => slow.promise });
  pipe.send(NEXT, null);
  slow.resolve(new Response("late"));
  await done;
  assertEquals(parseAnswers(pipe.received)[0].content, "late");
});

Deno.test("RFC 9112 §9.5: a client that closes an idle connection gets no answer", async () => {
  const { pipe, done } = connect();
  pipe.send(NEXT);
  await pipe.until("/next []");
  const before = pipe.received;
  pipe.send(null);
  await done;
  assertEquals(pipe.received, before);
  assertEquals([pipe.hasSentFin, pipe.isClosed], [true, true]);
});

Deno.test("RFC 9112 §9.6: close stands in the final answer, not in the interim one", async () => {
  const { pipe, done } = connect();
  pipe.send(
    "POST /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" +
      "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n",
  );
  await pipe.until("100 Continue\r\n\r\n");
  pipe.send("abc" + NEXT, null);
  await done;
  assertEquals(
    parseAnswers(pipe.received).map(({ status, fields }) => [
      status,
      fields.connection,
    ]),
    [[100, undefined], [200, "close"]],
  );
});

Deno.test("RFC 9112 §9.6: no request is handled after the answer that says close", async () => {
  const asked: string[] = [];
  const { pipe, done } = connect({
    limits: { requests: 1 },
    handler: ({ url }) => {
      asked.push(url);
      return new Response();
    },
  });
  pipe.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n" + NEXT, NEXT, null);
  await done;
  assertEquals(asked, ["http://h/a"]);
});
