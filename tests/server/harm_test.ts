/** What one client, or one handler, must not be able to do to the others. */

import { assertEquals, assertInstanceOf } from "@std/assert";
import { ConnectionLost } from "../../lib/errors.ts";
import { Deadlines } from "../../lib/server/client_timeouts.ts";
import { Fairness } from "../../lib/server/clock.ts";
import { isOfOneClient } from "../../lib/server/listener.ts";
import { connect, latin1, parseAnswers } from "../support/conversation.ts";
import { NEXT } from "../support/message_cases.ts";

Deno.test("accept goes on at once after a client that left before", () => {
  const { NotConnected, ConnectionAborted, ConnectionReset } = Deno.errors;
  for (const Left of [NotConnected, ConnectionAborted, ConnectionReset]) {
    assertEquals(isOfOneClient(new Left("left")), true, Left.name);
  }
  assertEquals(isOfOneClient(new Error("Too many open files")), false);
});

Deno.test("small chunks that come together are read together", async () => {
  const reads: number[] = [];
  const { pipe, done } = connect({
    async handler(request) {
      for await (const octets of request.body!) reads.push(octets.length);
      return new Response();
    },
  });
  pipe.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  pipe.send("1\r\nx\r\n".repeat(10_000) + "0\r\n\r\n", null);
  await done;
  assertEquals(reads, [10_000]);
});

Deno.test("small chunks wait for no others", async () => {
  const { pipe, done } = connect({
    handler: (request) => new Response(request.body),
  });
  pipe.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (
    const [sent, echoed] of [
      ["1\r\na\r\n1\r\nb\r\n1", "ab"],
      [
        "\r\nc\r\n2;x\r\nde",
        "cde",
      ],
      ["\r", ""],
      ["\n1\r\nf\r\n", "f"],
    ]
  ) {
    pipe.send(sent);
    if (echoed) await pipe.until(`${echoed.length}\r\n${echoed}\r\n`);
  }
  pipe.send("0\r\n\r\n", null);
  await done;
  assertEquals(parseAnswers(pipe.received)[0].content, "abcdef");
});

Deno.test("the event loop turns while nobody waits for anything", async () => {
  const fairness = new Fairness();
  let hasTurned = false;
  const timer = setTimeout(() => hasTurned = true, 0);
  const from = performance.now();
  // What a client that sends without a pause amounts to: no turn of the loop.
  while (!hasTurned && performance.now() - from < 5_000) {
    await fairness.overdueTurn;
  }
  clearTimeout(timer);
  fairness.stop();
  assertEquals(hasTurned, true);
});

/** Runs with a standard error that can't be written. */
async function withBrokenLog(run: () => Promise<void>): Promise<void> {
  const said = console.error;
  console.error = () => {
    throw new Error("No space left on device");
  };
  try {
    await run();
  } finally {
    console.error = said;
  }
}

Deno.test("a log that can't be written ends nothing", () =>
  withBrokenLog(async () => {
    const { pipe, done } = connect({
      handler: async ({ url }) => {
        if (url.endsWith("/next")) throw new Error("mine");
        const response = new Response("read");
        await response.text();
        return response;
      },
    });
    pipe.send(NEXT + "GET / HTTP/1.1\r\nHost: h\r\n\r\n" + NEXT, null);
    await done;
    assertEquals(
      parseAnswers(pipe.received).map(({ status }) => status),
      [500, 500, 500],
    );
  }));

Deno.test("what a client sends wrong is not logged, however late it comes", async () => {
  const said = console.error;
  const logged: unknown[] = [];
  console.error = (error: unknown) => logged.push(error);
  try {
    const { pipe, done } = connect({
      handler: (request) => new Response(request.body),
    });
    pipe.send(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    pipe.send("1\r\nx\r\n");
    await pipe.until("1\r\nx\r\n");
    pipe.send("nonsense\r\n", null);
    await done;
    assertEquals(logged, []);
  } finally {
    console.error = said;
  }
});

Deno.test("onExchange that throws harms no answer", () =>
  withBrokenLog(async () => {
    const { pipe, done } = connect({
      handler: () => new Response("x"),
      onExchange: () => {
        throw new Error("mine");
      },
    });
    pipe.send(NEXT + NEXT, null);
    await done;
    assertEquals(parseAnswers(pipe.received).length, 2);
  }));

Deno.test("an idle client that takes no answer can be given up", async () => {
  const { pipe, done, connection } = connect({
    handler: () => new Response("x"),
  });
  pipe.window = 0;
  pipe.send(NEXT);
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assertEquals(connection.state, "idle");
  connection.client.giveUp();
  await done;
  assertEquals(pipe.isClosed, true);
});

Deno.test("content that is dropped after its answer can be given up", async () => {
  const { pipe, done, connection } = connect({
    handler: () => new Response("x"),
  });
  pipe.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n");
  await pipe.until("\r\n\r\nx");
  assertEquals(connection.state, "draining");
  connection.client.giveUp();
  await done;
  assertEquals(pipe.isClosed, true);
});

Deno.test("whole answers of a pipeline outlive the one that fails", () =>
  withBrokenLog(async () => {
    const { pipe, done } = connect({
      handler: ({ url }) =>
        url.endsWith("/next") ? new Response("whole") : new Response(
          new ReadableStream({
            pull: (controller) => controller.error(new Error("disk")),
          }),
          { headers: { "content-length": "5" } },
        ),
    });
    pipe.send(NEXT + NEXT + "GET / HTTP/1.1\r\nHost: h\r\n\r\n", null);
    await done;
    assertEquals(pipe.received.split("whole").length, 3);
  }));

Deno.test("what is gathered goes out before content is waited for", async () => {
  const content = Promise.withResolvers<void>();
  const { pipe, done } = connect({
    handler: ({ url }) =>
      url.endsWith("/next") ? new Response("one") : new Response(
        new ReadableStream({
          async pull(controller) {
            await content.promise;
            controller.enqueue(latin1("later"));
            controller.close();
          },
        }, { highWaterMark: 0 }),
        { headers: { "content-length": "5" } },
      ),
  });
  pipe.send(NEXT + "GET / HTTP/1.1\r\nHost: h\r\n\r\n", null);
  await pipe.until("one");
  await pipe.until("content-length: 5\r\n\r\n");
  content.resolve();
  await done;
  assertEquals(parseAnswers(pipe.received)[1].content, "later");
});

Deno.test("a body that is slow to let go holds back no answer", async () => {
  const { pipe, done } = connect({
    handler: () =>
      new Response(
        new ReadableStream({ cancel: () => new Promise(() => {}) }),
      ),
  });
  pipe.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n".repeat(2), null);
  await done;
  assertEquals(parseAnswers(pipe.received, ["HEAD", "HEAD"]).length, 2);
});

Deno.test("a body that comes when the connection is closed is let go", async () => {
  const slow = Promise.withResolvers<Response>();
  const cancelled = Promise.withResolvers<unknown>();
  const started = Promise.withResolvers<void>();
  const { pipe, done, connection } = connect({
    handler() {
      started.resolve();
      return slow.promise;
    },
  });
  pipe.send(NEXT);
  await started.promise;
  connection.close();
  await done;
  slow.resolve(
    new Response(new ReadableStream({ cancel: cancelled.resolve })),
  );
  await cancelled.promise;
});

Deno.test("info.completed waits for the octets to be taken", async () => {
  let now = 0;
  const deadlines = new Deadlines(() => now);
  const completed = Promise.withResolvers<unknown>();
  const { pipe, done } = connect({
    deadlines,
    handler(_request, info) {
      info.completed.then(completed.resolve, completed.resolve);
      return new Response("x");
    },
  });
  pipe.window = 0;
  pipe.send(NEXT);
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  deadlines.sweep();
  now = 30_000;
  deadlines.sweep();
  await done;
  assertInstanceOf(await completed.promise, ConnectionLost);
});

Deno.test("a wish to close is met", async () => {
  const { pipe, done } = connect({
    handler: () =>
      new Response("bye", { headers: { connection: "keep-alive, Close" } }),
  });
  pipe.send(NEXT + NEXT, null);
  await done;
  const [{ fields }, ...others] = parseAnswers(pipe.received);
  assertEquals([fields.connection, others], ["close", []]);
});

Deno.test("a POST without content has an empty body, as under Deno.serve", async () => {
  const { pipe, done } = connect({
    async handler(request) {
      const text = await request.text();
      return Response.json([text, request.bodyUsed, request.body !== null]);
    },
  });
  pipe.send("POST / HTTP/1.1\r\nHost: h\r\n\r\n", null);
  await done;
  assertEquals(parseAnswers(pipe.received)[0].content, '["",true,true]');
});
