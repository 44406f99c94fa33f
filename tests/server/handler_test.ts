/** What a handler is given, and what becomes of what it does. */

import { assertEquals, assertRejects } from "@std/assert";
import { ConnectionLost } from "../../lib/errors.ts";
import { connect, latin1, parseAnswers } from "../support/conversation.ts";
import { NEXT } from "../support/message_cases.ts";

Deno.test("info.completed resolves when the response is sent", async () => {
  const completed = Promise.withResolvers<void>();
  const { pipe, done } = connect({
    handler(_request, info) {
      info.completed.then(completed.resolve, completed.reject);
      return new Response("abc");
    },
  });
  pipe.send(NEXT, null);
  await completed.promise;
  await done;
});

Deno.test("info.completed may be asked for when all is over", async () => {
  let late: () => Promise<void> = () => Promise.reject();
  const { pipe, done } = connect({
    handler(_request, info) {
      late = () => info.completed;
      return new Response("abc");
    },
  });
  pipe.send(NEXT, null);
  await done;
  await late();
});

Deno.test("info.completed rejects when the client is gone", async () => {
  const completed = Promise.withResolvers<void>();
  const { pipe, done } = connect({
    handler(_request, info) {
      info.completed.then(completed.resolve, completed.reject);
      return new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(1000)),
        }),
      );
    },
  });
  pipe.send(NEXT);
  await pipe.until("200 OK");
  pipe.close();
  await assertRejects(() => completed.promise, ConnectionLost);
  await done;
});

for (const isWholly of [true, false]) {
  const what = isWholly ? "an answer that is all here" : "one that is not";
  Deno.test(`info.completed rejects, asked for late, of ${what}`, async () => {
    let late!: () => Promise<void>;
    const { pipe, connection, done } = connect({
      handler(_request, info) {
        late = () => info.completed;
        return new Response(
          isWholly ? "abc" : ReadableStream.from([latin1("a")]),
        );
      },
    });
    pipe.window = 0; // the client takes nothing
    pipe.send(NEXT);
    await pipe.untilWriting();
    connection.close();
    await done;
    await assertRejects(late, ConnectionLost);
  });
}

Deno.test("request content may be read into a buffer that is lent", async () => {
  const { pipe, done } = connect({
    async handler(request) {
      const reader = request.body!.getReader({ mode: "byob" });
      let buffer = new ArrayBuffer(4);
      const parts: string[] = [];
      for (;;) {
        const { value, done } = await reader.read(new Uint8Array(buffer));
        if (done) break;
        parts.push(new TextDecoder().decode(value));
        buffer = value.buffer;
      }
      return Response.json(parts);
    },
  });
  pipe.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 7\r\n\r\n");
  pipe.send("abcdefg", null);
  await done;
  const [answer] = parseAnswers(pipe.received);
  assertEquals(answer.content, '["abcd","efg"]');
});

Deno.test("request content can be echoed while it comes", async () => {
  const { pipe, done } = connect({
    handler: (request) => new Response(request.body),
  });
  pipe.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  pipe.send("3\r\nabc\r\n");
  await pipe.until("\r\n3\r\nabc\r\n");
  pipe.send("3\r\ndef\r\n");
  await pipe.until("\r\n3\r\ndef\r\n");
  pipe.send("0\r\n\r\n", NEXT, null);
  await done;
  assertEquals(parseAnswers(pipe.received)[0].content, "abcdef");
});

Deno.test("a handler that swallows what is wrong with the content ends the connection", async () => {
  const { pipe, done, exchanges } = connect({
    async handler(request) {
      await request.text().catch(() => {});
      return new Response("never mind");
    },
  });
  pipe.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  pipe.send("x\r\n" + NEXT, null);
  await done;
  const [answer, ...others] = parseAnswers(pipe.received);
  assertEquals([answer.content, others.length], ["never mind", 0]);
  assertEquals(answer.fields.connection, "close");
  assertEquals(exchanges.length, 1);
});

Deno.test("an error that wraps what is wrong with the content is answered as that", async () => {
  const { pipe, done } = connect({
    async handler(request) {
      await request.text().catch((cause) => {
        throw new Error("Cannot read", { cause });
      });
      return new Response();
    },
  });
  pipe.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nab", null);
  await done;
  assertEquals(parseAnswers(pipe.received)[0].status, 400);
});

Deno.test("onError that fails itself is a plain 500", async () => {
  const logged: unknown[] = [];
  const said = console.error;
  console.error = (...parts: unknown[]) => logged.push(parts.join(" "));
  try {
    const { pipe, done } = connect({
      handler: () => {
        throw new Error("first");
      },
      onError: () => {
        throw new Error("second");
      },
    });
    pipe.send(NEXT + NEXT, null);
    await done;
    const statuses = parseAnswers(pipe.received).map(({ status }) => status);
    assertEquals(statuses, [500, 500]);
    assertEquals(logged, Array(2).fill("GET /next: Error: second"));
  } finally {
    console.error = said;
  }
});

Deno.test("by default an error is logged, and the client learns nothing of it", async () => {
  const logged: unknown[] = [];
  const said = console.error;
  console.error = (...parts: unknown[]) => logged.push(parts.join(" "));
  try {
    const { pipe, done } = connect({
      handler: () => {
        throw new Error("secret");
      },
    });
    pipe.send(NEXT, null);
    await done;
    assertEquals(pipe.received.includes("secret"), false);
    assertEquals(logged, ["GET /next: Error: secret"]);
  } finally {
    console.error = said;
  }
});

Deno.test("a response that comes after the client is gone is cancelled", async () => {
  const slow = Promise.withResolvers<Response>();
  const cancelled = Promise.withResolvers<unknown>();
  const { pipe, done } = connect({
    handler: ({ url }) =>
      url.endsWith("/next") ? new Response("abc") : slow.promise,
  });
  pipe.window = 0;
  pipe.send(NEXT + "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  // The first answer is being written, which never ends, when it is closed.
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  pipe.close();
  await done;
  slow.resolve(
    new Response(new ReadableStream({ cancel: cancelled.resolve })),
  );
  await cancelled.promise;
});

Deno.test("octets of a response are its own, whatever comes next", async () => {
  const { pipe, done } = connect({
    handler: () => new Response(latin1("\x00\x7f\x80\xff")),
  });
  pipe.send(NEXT.repeat(3), null);
  await done;
  assertEquals(
    parseAnswers(pipe.received).map(({ content }) => content),
    Array(3).fill("\x00\x7f\x80\xff"),
  );
});
