import { assertEquals, assertMatch } from "@std/assert";
import {
  type Answer,
  connect,
  converse,
  latin1,
  parseAnswers,
  type Setting,
} from "../support/conversation.ts";
import { HttpError } from "../../lib/errors.ts";
import { areStandInsUsed } from "../lazy/lazy.ts";
import { NEXT } from "../support/message_cases.ts";

/** A byte for each character; the whole is there at once. */
const streamOf = (...chunks: string[]) =>
  ReadableStream.from(chunks.map(latin1));

/** What a handler's response becomes, and whether another may follow. */
async function sent(
  make: () => Response | Promise<Response>,
  method = "GET",
  version = "1.1",
  setting: Setting = {},
): Promise<Answer & { persists: boolean }> {
  const { pipe, done } = connect({ ...setting, handler: make });
  const request = `${method} / HTTP/${version}\r\nHost: h\r\n\r\n`;
  pipe.send(request.repeat(2), null);
  await done;
  const answers = parseAnswers(pipe.received, [method, method]);
  const [{ fields: { date: _, ...fields }, ...answer }] = answers;
  return { ...answer, fields, persists: answers.length === 2 };
}

const plain = { "content-type": "text/plain;charset=UTF-8" };

Deno.test("RFC 9112 §6.1, §6.2: Content-Length when the length is at hand, else chunked", async () => {
  const cases: [string, () => BodyInit | null, object, string][] = [
    ["text", () => "abc", { ...plain, "content-length": "3" }, "abc"],
    ["empty text", () => "", { ...plain, "content-length": "0" }, ""],
    ["none", () => null, { "content-length": "0" }, ""],
    ["octets", () => latin1("\0\xff"), { "content-length": "2" }, "\0\xff"],
    [
      "an ended stream",
      () => streamOf("ab"),
      // Where a Response does not tell a text, a stream may be one.
      areStandInsUsed
        ? { "transfer-encoding": "chunked" }
        : { "content-length": "2" },
      "ab",
    ],
    [
      "a stream that goes on",
      () => streamOf("ab", "", "cd"),
      { "transfer-encoding": "chunked" },
      "abcd",
    ],
  ];
  for (const [name, body, fields, content] of cases) {
    const answer = await sent(() => new Response(body()));
    assertEquals(answer.fields, fields, name);
    assertEquals(answer.content, content, name);
    assertEquals(answer.persists, true, name);
  }
});

Deno.test("RFC 9112 §7.1: a byte stream is sent as it is, in one buffer or in many", async () => {
  const texts = ["ab", "c".repeat(300_000), "d"];
  const make = () => {
    const rest = texts.map(latin1);
    return new Response(
      new ReadableStream({
        type: "bytes",
        pull(controller) {
          const octets = rest.shift();
          if (octets) return controller.enqueue(octets);
          controller.close();
          controller.byobRequest?.respond(0);
        },
      }),
      { headers: { "content-length": "300003" } },
    );
  };
  const { content, persists } = await sent(make);
  assertEquals(content === texts.join(""), true, content.slice(0, 99));
  assertEquals(persists, true);
});

Deno.test("RFC 9112 §6.3: to HTTP/1.0 a length unknown ends with the connection", async () => {
  const { pipe, done } = connect({
    handler: () => new Response(streamOf("ab", "cd")),
  });
  pipe.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", NEXT, null);
  await done;
  const [answer] = parseAnswers(pipe.received);
  assertEquals(answer.content, "abcd");
  assertEquals(answer.fields["transfer-encoding"], undefined);
  assertEquals(answer.fields.connection, "close");
});

Deno.test("RFC 9110 §9.3.2: HEAD gets the head of a GET and no content", async () => {
  const bodies = [
    () => new Response("abc"),
    () => new Response(streamOf("ab", "cd")),
    () => new Response("abc", { headers: { "content-length": "3" } }),
    () => new Response(null, { headers: { "content-length": "999" } }),
  ];
  for (const make of bodies.slice(0, 3)) {
    const { content, fields: ofGet, ...get } = await sent(make);
    assertEquals(content.startsWith("ab"), true);
    const { fields: ofHead, ...head } = await sent(make, "HEAD");
    assertEquals(ofHead, ofGet);
    assertEquals(head, { ...get, content: "" });
  }
  const { fields } = await sent(bodies[3], "HEAD");
  assertEquals(fields, { "content-length": "999" });
});

Deno.test("RFC 9110 §6.4.1: 204 and 304 have no content, nor a length for it", async () => {
  for (const status of [204, 304]) {
    for (const length of [{}, { "content-length": "3" }]) {
      const headers = new Headers(length as HeadersInit);
      const answer = await sent(() => new Response(null, { status, headers }));
      assertEquals([answer.fields, answer.content], [{}, ""]);
      assertEquals(answer.persists, true);
    }
  }
  const reset = await sent(() => new Response(null, { status: 205 }));
  assertEquals(reset.fields, { "content-length": "0" });
});

Deno.test("RFC 9110 §6.6.1: Date is now, unless the handler says otherwise", async () => {
  const from = Math.floor(Date.now() / 1000) * 1000;
  const [{ fields: { date } }] = await converse([NEXT]);
  assertMatch(date, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  const until = Date.now();
  assertEquals(Date.parse(date) >= from && Date.parse(date) <= until, true);

  const then = "Tue, 15 Nov 1994 08:12:31 GMT";
  const [answer] = await converse([NEXT], {
    handler: () => new Response(null, { headers: { date: then } }),
  });
  assertEquals(answer.fields.date, then);
});

Deno.test("RFC 9110 §6.6.1: Date is in every answer, refusals as well", async () => {
  const head = "GET / HTTP/1.1\r\nHost: h\r\n";
  const cases: [string, number][] = [
    [head + "\r\n", 200],
    ["GET / HTTP/1.0\r\n\r\n", 200],
    [head + "Expect: x\r\n\r\n", 417],
    ["GET / HTTP/1.1\r\n\r\n", 400],
    ["\0", 400],
    [`GET /${"a".repeat(9000)} HTTP/1.1\r\n\r\n`, 414],
    [head + "A: b\r\n".repeat(200) + "\r\n", 431],
    ["TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 501],
    ["GET / HTTP/2.0\r\n\r\n", 505],
  ];
  for (const [send, status] of cases) {
    const [answer] = await converse([send]);
    assertEquals(answer.status, status);
    assertMatch(answer.fields.date, /^\w{3}, [^,]* GMT$/, String(status));
  }
  for (const status of [204, 304, 404, 500]) {
    const [answer] = await converse([NEXT], {
      handler: () => new Response(null, { status }),
    });
    assertEquals(answer.status, status);
    assertMatch(answer.fields.date, /^\w{3}, [^,]* GMT$/, String(status));
  }
});

Deno.test("RFC 9110 §6.5.1: trailers never become fields of the request", async () => {
  let names: string[] = [];
  const [{ status }] = await converse([
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
    "0\r\nAuthorization: x\r\nContent-Type: y\r\n\r\n",
  ], {
    handler: async (request) => {
      await request.text();
      names = [...request.headers.keys()];
      return new Response();
    },
  });
  assertEquals([status, names], [200, ["host", "transfer-encoding"]]);
});

Deno.test("RFC 9112 §6.1: a refusal to HTTP/1.0 is not chunked", async () => {
  const { pipe, done } = connect({
    errorResponse: ({ status }) =>
      new Response(streamOf("no", "!"), { status }),
  });
  pipe.send("GET / HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n", null);
  await done;
  const [answer] = parseAnswers(pipe.received);
  assertEquals(answer.fields["transfer-encoding"], undefined);
  assertEquals([answer.status, answer.content], [400, "no!"]);
});

Deno.test("RFC 9112 §4: the reason phrase is the usual one, or the handler's", async () => {
  const reasonOf = async (init: ResponseInit) =>
    (await sent(() => new Response(null, init))).reason;
  assertEquals(await reasonOf({ status: 418 }), "I'm a teapot");
  assertEquals(await reasonOf({ status: 299 }), "");
  assertEquals(await reasonOf({ status: 200, statusText: "Fine" }), "Fine");
});

Deno.test("RFC 9112 §6: framing fields of a handler are no truth", async () => {
  const { fields, content, persists } = await sent(() =>
    new Response("abc", {
      headers: {
        "transfer-encoding": "gzip",
        "connection": "keep-alive",
        "keep-alive": "max=1",
      },
    })
  );
  assertEquals(fields, { ...plain, "content-length": "3" });
  assertEquals([content, persists], ["abc", true]);
});

Deno.test("RFC 6265 §3: Set-Cookie lines are not joined", async () => {
  const { pipe, done } = connect({
    handler: () =>
      new Response(null, {
        headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"]],
      }),
  });
  pipe.send(NEXT, null);
  await done;
  assertMatch(pipe.received, /set-cookie: a=1\r\nset-cookie: b=2\r\n/);
});

/** Answers an error without logging it. */
const quietly: Setting = {
  onError: () => new Response("sorry", { status: 500 }),
};

Deno.test("RFC 9110 §15.6.1: what can't be sent is a 500, and the next one is served", async () => {
  const used = new Response("abc");
  await used.text();
  const cases: [string, () => Response | Promise<Response>][] = [
    ["a handler that throws", () => {
      throw new Error("secret");
    }],
    ["a handler that rejects", () => Promise.reject(new Error("secret"))],
    ["Response.error()", () => Response.error()],
    ["a body that was read", () => used],
    ["nothing", () => undefined as unknown as Response],
    ["something else", () => Promise.resolve("abc" as unknown as Response)],
    [
      "a length that is none",
      () => new Response("abc", { headers: { "content-length": "x" } }),
    ],
  ];
  for (const [name, make] of cases) {
    const answer = await sent(make, "GET", "1.1", quietly);
    assertEquals([answer.status, answer.content], [500, "sorry"], name);
    assertEquals(answer.persists, true, name);
  }
});

Deno.test("an HttpError is answered with its status, message and fields", async () => {
  const answer = await sent(() => {
    throw new HttpError(409, "There is one already", {
      headers: { allow: "GET" },
    });
  });
  assertEquals(answer, {
    status: 409,
    reason: "Conflict",
    fields: {
      "allow": "GET",
      "content-type": "text/plain; charset=utf-8",
      "content-length": "35",
    },
    content: "409 Conflict: There is one already\n",
    persists: true,
  });
});

/** Runs a handler whose answer must break the connection; gives what came. */
async function broken(make: () => Response): Promise<[string, boolean]> {
  const said = console.error;
  let isLogged = false;
  console.error = () => isLogged = true;
  try {
    const { pipe, done } = connect({ handler: make });
    pipe.send(NEXT + NEXT, null);
    await done;
    return [pipe.received.split("\r\n\r\n").slice(1).join("|"), isLogged];
  } finally {
    console.error = said;
  }
}

Deno.test("RFC 9112 §6.3: content shorter than its Content-Length breaks the connection", async () => {
  const headers = { "content-length": "5" };
  assertEquals(
    await broken(() => new Response(streamOf("ab", "c"), { headers })),
    ["abc", true],
  );
});

Deno.test("RFC 9112 §6.3: content longer than its Content-Length is cut", async () => {
  const headers = { "content-length": "3" };
  const [content, isLogged] = await broken(() =>
    new Response(streamOf("ab", "cdef"), { headers })
  );
  // Cut so, it is a whole response: the next one follows.
  assertEquals([content.startsWith("abcHTTP/1.1 200"), isLogged], [true, true]);
});

Deno.test("RFC 9112 §7.1: content that fails on the way never looks complete", async () => {
  const [content, isLogged] = await broken(() => {
    let count = 0;
    return new Response(
      new ReadableStream({
        pull(controller) {
          if (count++ === 2) controller.error(new Error("no more"));
          else controller.enqueue(latin1("ab"));
        },
      }, { highWaterMark: 0 }),
    );
  });
  assertEquals([content, isLogged], ["2\r\nab\r\n2\r\nab\r\n", true]);
});

Deno.test("a body is cancelled when the client is gone", async () => {
  const cancelled = Promise.withResolvers<unknown>();
  const { pipe, done } = connect({
    handler: () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(1000)),
          cancel: cancelled.resolve,
        }),
      ),
  });
  pipe.send(NEXT);
  await pipe.until("200 OK");
  pipe.close();
  await cancelled.promise;
  await done;
});

Deno.test("a body is read no faster than the client takes it", async () => {
  let made = 0;
  const { pipe, done } = connect({
    handler: () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            made++;
            controller.enqueue(new Uint8Array(65_536));
          },
        }, { highWaterMark: 0 }),
      ),
  });
  pipe.window = 0;
  pipe.send(NEXT);
  // Many turns of the event loop, in which a greedy server would go on.
  for (let turn = 0; turn < 20; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assertEquals(made <= 3, true, `${made} chunks were made`);
  pipe.close();
  await done;
});

Deno.test("a head goes out before the first content is there", async () => {
  const content = Promise.withResolvers<void>();
  const { pipe, done } = connect({
    handler: () =>
      new Response(
        new ReadableStream({
          async start(controller) {
            await content.promise;
            controller.enqueue(latin1("late"));
            controller.close();
          },
        }),
      ),
  });
  pipe.send(NEXT, null);
  await pipe.until("\r\n\r\n");
  content.resolve();
  await done;
  assertEquals(parseAnswers(pipe.received)[0].content, "late");
});
