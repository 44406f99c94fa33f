import { assertEquals, assertRejects } from "@std/assert";
import { Deadlines } from "../../lib/server/client_timeouts.ts";
import {
  connect,
  latin1,
  parseAnswers,
  type Pipe,
  type Setting,
} from "../support/conversation.ts";
import { NEXT } from "../support/message_cases.ts";

/** A connection whose clock goes only when it is told to. */
function connectAt(setting: Setting = {}) {
  let now = 0;
  const deadlines = new Deadlines(() => now);
  const parts = connect({ ...setting, deadlines });
  return {
    ...parts,
    /** Lets so many milliseconds pass, once all that is due has been done. */
    async pass(milliseconds: number): Promise<void> {
      await settle();
      deadlines.sweep();
      now += milliseconds;
      deadlines.sweep();
      await settle();
    },
  };
}

/** Lets everything that needs no clock run to its end. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

const HALF_A_HEAD = "GET / HTTP/1.1\r\nHo";
const POST = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999\r\n\r\n";

Deno.test("idle: a silent client is closed after 65 s, without an answer", async () => {
  const { pipe, pass, done } = connectAt();
  await pass(64_999);
  assertEquals(pipe.isClosed, false);
  await pass(1);
  assertEquals([pipe.isClosed, pipe.received], [true, ""]);
  await done;
});

Deno.test("idle: it starts anew with each response", async () => {
  const { pipe, pass, done } = connectAt();
  await pass(60_000);
  pipe.send(NEXT);
  await pass(60_000);
  assertEquals(pipe.isClosed, false);
  await pass(5_000);
  await done;
  assertEquals(parseAnswers(pipe.received).length, 1);
});

Deno.test("idle: empty lines do not prolong it", async () => {
  const { pipe, pass, done } = connectAt();
  await pass(60_000);
  pipe.send("\r\n\r");
  await pass(4_000);
  assertEquals(pipe.isClosed, false);
  await pass(65_000);
  await done;
  assertEquals([pipe.isClosed, pipe.received], [true, ""]);
});

Deno.test("head: half a head is answered 408 after 30 s", async () => {
  // Fast enough on average, or the rate would end it sooner.
  const { pipe, pass, done } = connectAt();
  pipe.send(HALF_A_HEAD + "X".repeat(5000));
  await pass(10_000);
  for (let second = 10; second < 29; second++) await pass(1000);
  assertEquals(pipe.received, "");
  await pass(1000);
  pipe.send(null);
  await done;
  const [answer] = parseAnswers(pipe.received);
  assertEquals([answer.status, answer.fields.connection], [408, "close"]);
});

Deno.test("rate: an octet each 5 s is answered 408 after 10 s", async () => {
  const { pipe, pass, done } = connectAt();
  pipe.send("G");
  await pass(5000);
  pipe.send("E");
  await pass(4999);
  assertEquals(pipe.received, "");
  await pass(1);
  pipe.send(null);
  await done;
  assertEquals(parseAnswers(pipe.received)[0].status, 408);
});

Deno.test("head: a slow but steady head is served", async () => {
  const { pipe, pass, done } = connectAt();
  pipe.send("GET / HTTP/1.1\r\nHost: h\r\nX: ");
  for (let second = 0; second < 20; second++) {
    pipe.send("x".repeat(200));
    await pass(1000);
  }
  pipe.send("\r\n\r\n", null);
  await done;
  assertEquals(parseAnswers(pipe.received)[0].status, 200);
});

Deno.test("content: a stalled upload is answered 408 after 30 s", async () => {
  const { pipe, pass, done, exchanges } = connectAt();
  pipe.send(POST, "x".repeat(5000));
  await pass(29_999);
  assertEquals(pipe.received, "");
  await pass(1);
  pipe.send(null);
  await done;
  const [answer] = parseAnswers(pipe.received);
  assertEquals([answer.status, answer.fields.connection], [408, "close"]);
  assertEquals([exchanges[0].status, exchanges[0].received], [408, 5000]);
});

Deno.test("content: each read of it winds the clock", async () => {
  const { pipe, pass, done } = connectAt({ timeouts: { rate: 0 } });
  pipe.send(POST);
  for (let count = 0; count < 9; count++) {
    await pass(29_000);
    pipe.send("x".repeat(1111));
  }
  pipe.send(null);
  await done;
  assertEquals(parseAnswers(pipe.received)[0].status, 200);
});

Deno.test("rate: a dribbled upload is answered 408", async () => {
  const { pipe, pass, done } = connectAt();
  pipe.send(POST);
  for (let second = 0; second < 10; second += 5) {
    await pass(5000);
    pipe.send("x");
  }
  await pass(0);
  pipe.send(null);
  await done;
  assertEquals(parseAnswers(pipe.received)[0].status, 408);
});

Deno.test("rate: a handler that is slow to read is not the client's fault", async () => {
  const { pipe, pass, done } = connectAt({
    async handler(request) {
      const reader = request.body!.getReader();
      await reader.read();
      await pause.promise;
      while (!(await reader.read()).done);
      return new Response("fine");
    },
  });
  const pause = Promise.withResolvers<void>();
  pipe.send(POST, "x");
  await pass(600_000);
  pause.resolve();
  pipe.send("x".repeat(9998), null);
  await done;
  assertEquals(parseAnswers(pipe.received)[0].content, "fine");
});

Deno.test("write: a client that does not read is closed after 30 s", async () => {
  const { pipe, pass, done } = connectAt();
  pipe.window = 0;
  pipe.send(NEXT);
  await pass(29_999);
  assertEquals(pipe.isClosed, false);
  await pass(1);
  await done;
  assertEquals(pipe.isClosed, true);
});

Deno.test("write: each part that is taken winds the clock", async () => {
  const { pipe, pass, done } = connectAt({
    handler: () => new Response(latin1("x".repeat(100))),
  });
  pipe.window = 10;
  pipe.send(NEXT, null);
  await pass(30_000);
  await done;
  assertEquals(parseAnswers(pipe.received)[0].content.length, 100);
});

/** A pipe whose client takes ten octets when told to, and else nothing. */
function takeWhenTold(pipe: Pipe): () => void {
  const write = pipe.write.bind(pipe);
  let take = () => {};
  let fail = (_error: Error) => {};
  pipe.window = 10;
  pipe.write = (octets) =>
    new Promise((resolve, reject) => {
      take = () => resolve(write(octets));
      fail = reject;
    });
  const close = pipe.close.bind(pipe);
  pipe.close = () => {
    close();
    fail(new Deno.errors.Interrupted("It was closed"));
  };
  return () => take();
}

const large: Setting = {
  handler: () => new Response(latin1("x".repeat(5000))),
};

Deno.test("write: a client that takes a little within each 30 s is served on", async () => {
  const { pipe, pass, done } = connectAt(large);
  const take = takeWhenTold(pipe);
  pipe.send(NEXT);
  for (let count = 0; count < 40; count++) {
    await pass(29_999);
    assertEquals(pipe.isClosed, false, `after ${count} parts`);
    take();
  }
  await pass(0);
  assertEquals(pipe.writes.length, 40);
  pipe.close();
  await done;
});

Deno.test("write: a client that takes a little, then nothing, is closed after 30 s", async () => {
  const { pipe, pass, done } = connectAt(large);
  const take = takeWhenTold(pipe);
  pipe.send(NEXT);
  await pass(20_000);
  take();
  await pass(29_999);
  assertEquals(pipe.isClosed, false);
  await pass(1);
  await done;
  assertEquals([pipe.isClosed, pipe.received.length], [true, 10]);
});

Deno.test("write: an end that is not taken closes after 30 s", async () => {
  const { pipe, pass, done } = connectAt();
  pipe.closeWrite = () => new Promise(() => {});
  pipe.send(NEXT, null);
  await pass(29_999);
  assertEquals([pipe.isClosed, parseAnswers(pipe.received).length], [false, 1]);
  await pass(1);
  assertEquals(pipe.isClosed, true);
  await done;
});

Deno.test("write: an end of an upgraded connection, too", async () => {
  const { pipe, pass, done } = connectAt({
    handler: (_request, info) => {
      const { response, socket } = info.upgrade({ protocol: "other" });
      socket.readable.cancel();
      socket.writable.close().catch(() => {});
      return response;
    },
  });
  pipe.closeWrite = () => new Promise(() => {});
  pipe.send(
    "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n",
  );
  await pass(29_999);
  assertEquals(pipe.isClosed, false);
  await pass(1);
  assertEquals(pipe.isClosed, true);
  await done;
});

Deno.test("a handler may take as long as it likes", async () => {
  const slow = Promise.withResolvers<Response>();
  const { pipe, pass, done } = connectAt({ handler: () => slow.promise });
  pipe.send(NEXT);
  await pass(3_600_000);
  slow.resolve(new Response("at last"));
  pipe.send(null);
  await done;
  assertEquals(parseAnswers(pipe.received)[0].content, "at last");
});

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

Deno.test("a client that sent FIN is asked whether it is there, and gets its answer", async () => {
  const slow = Promise.withResolvers<Response>();
  const { pipe, pass, done } = connectAt({ handler: () => slow.promise });
  pipe.send(NEXT, null);
  await pass(299);
  assertEquals(pipe.received, "");
  await pass(1);
  assertEquals(pipe.received, CONTINUE);
  await pass(99);
  assertEquals(pipe.received, CONTINUE);
  await pass(1);
  assertEquals(pipe.received, CONTINUE.repeat(2));
  await pass(4999);
  assertEquals(pipe.received, CONTINUE.repeat(2));
  for (let asked = 3; asked < 20; asked++) {
    await pass(asked === 3 ? 1 : 5000);
    assertEquals(pipe.received, CONTINUE.repeat(asked));
  }
  slow.resolve(new Response("at last"));
  await done;
  assertEquals(parseAnswers(pipe.received).at(-1)!.content, "at last");
});

Deno.test("a client that sent FIN, and does not take what it is asked, is gone", async () => {
  const told = Promise.withResolvers<unknown>();
  const { pipe, pass, done } = connectAt({
    handler: ({ signal }) => {
      signal.onabort = () => told.resolve(signal.reason);
      return new Promise(() => {});
    },
  });
  pipe.write = () => Promise.reject(new Deno.errors.BrokenPipe());
  pipe.send(NEXT, null);
  await pass(300);
  assertEquals(`${await told.promise}`, "AbortError: The client is gone");
  await done;
  assertEquals(pipe.isClosed, true);
});

Deno.test("a client of HTTP/1.0 that sent FIN is waited for through 5 s", async () => {
  const slow = Promise.withResolvers<Response>();
  const { pipe, pass, done } = connectAt({ handler: () => slow.promise });
  pipe.send(NEXT.replace("1.1", "1.0"), null);
  await pass(4999);
  assertEquals([pipe.isClosed, pipe.received], [false, ""]);
  await pass(1);
  await done;
  assertEquals(pipe.isClosed, true);
  slow.resolve(new Response("too late"));
});

Deno.test("a response that pauses, to a client that sent FIN, is cancelled", async () => {
  const cancelled = Promise.withResolvers<void>();
  const { pipe, pass, done } = connectAt({
    handler: () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(latin1("x")),
          cancel: () => cancelled.resolve(),
        }),
      ),
  });
  pipe.send(NEXT, null);
  await pipe.until("x");
  await pass(4999);
  assertEquals(pipe.isClosed, false);
  await pass(1);
  await cancelled.promise;
  await done;
});

Deno.test("a client that sent FIN is served as long as there is something to send", async () => {
  let send: (text: string) => void;
  let end: () => void;
  const { pipe, pass, done } = connectAt({
    handler: () =>
      new Response(
        new ReadableStream({
          start(controller) {
            send = (text) => controller.enqueue(latin1(text));
            end = () => controller.close();
          },
        }),
      ),
  });
  pipe.send(NEXT, null);
  for (let count = 0; count < 5; count++) {
    await pass(4000);
    send!("x");
  }
  await pass(0);
  end!();
  await done;
  assertEquals(parseAnswers(pipe.received)[0].content, "xxxxx");
});

Deno.test("a client that breaks the connection frees its handler's body at once", async () => {
  const cancelled = Promise.withResolvers<unknown>();
  const { pipe, done, connection } = connect({
    handler: () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(latin1("x")),
          cancel: cancelled.resolve,
        }),
      ),
  });
  pipe.send(NEXT);
  await pipe.until("\r\nx\r\n");
  pipe.close();
  await cancelled.promise;
  await done;
  assertEquals(connection.state, "closed");
});

Deno.test("a handler that reads late winds no clock of what comes after", async () => {
  let late: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const { pipe, pass, done } = connectAt({
    async handler(request) {
      late = request.body!.getReader();
      await late.read();
      return new Response();
    },
  });
  pipe.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
  await pass(0);
  pipe.send("GET / HT");
  await pass(5_000);
  await late!.read().catch(() => {});
  await pass(5_000);
  pipe.send(null);
  await done;
  assertEquals(parseAnswers(pipe.received).map((it) => it.status), [200, 408]);
});

Deno.test("a read left unfinished does not keep a closed connection open", async () => {
  let left: Promise<unknown> | undefined;
  const { pipe, pass, done } = connectAt({
    handler(request) {
      left = request.body!.getReader().read().catch((error) => error);
      return new Response(null, { headers: { connection: "close" } });
    },
  });
  pipe.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n");
  await pipe.until("200 OK");
  await pass(30_000);
  await pass(5_000);
  await done;
  assertEquals(pipe.isClosed, true);
  assertEquals(String(await left), "ConnectionLost: The connection broke");
});

/** The beginning of an upload, whose handler has answered and may read on. */
async function answeredEarly(length = 9) {
  const told = Promise.withResolvers<ReadableStreamDefaultReader>();
  const parts = connectAt({
    handler(request) {
      if (!request.body) return new Response("next");
      told.resolve(request.body.getReader());
      return new Response("early");
    },
  });
  parts.pipe.send(
    `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\n\r\nabc`,
  );
  return { ...parts, reader: await told.promise };
}

Deno.test("a handler that has answered may read on, with pauses of a second", async () => {
  const { pipe, pass, done, reader } = await answeredEarly();
  assertEquals((await reader.read()).value, latin1("abc"));
  await pipe.until("early");
  await pass(999);
  const second = reader.read();
  await pass(5_000);
  pipe.send("def");
  assertEquals((await second).value, latin1("def"));
  await pass(999);
  const third = reader.read();
  pipe.send("ghi" + NEXT, null);
  assertEquals((await third).value, latin1("ghi"));
  await done;
  const contents = parseAnswers(pipe.received).map(({ content }) => content);
  assertEquals(contents, ["early", "next"]);
});

Deno.test("a handler that has answered, and reads no more, holds nobody up for long", async () => {
  const length = 200_000;
  const { pipe, pass, done, reader } = await answeredEarly(length);
  await reader.read();
  await pipe.until("early");
  pipe.send("d".repeat(length - 4));
  await pass(999);
  const next = reader.read();
  await pass(0);
  assertEquals((await next).done, false);
  await pass(1000);
  await pass(5000);
  await done;
  assertEquals(pipe.isClosed, true);
  await assertRejects(() => reader.read(), Error, "The exchange is over");
});

Deno.test("a handler that only wraps the request holds nobody up", async () => {
  const wrapped: Request[] = [];
  const { pipe, done } = connectAt({
    handler(request) {
      wrapped.push(new Request(request, { headers: { "x-more": "1" } }));
      return new Response(`answer ${wrapped.length}`);
    },
  });
  const head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\n";
  pipe.send(`${head}abc`);
  await pipe.until("answer 1");
  pipe.send(`def${head}ghi`);
  await pipe.until("answer 2");
  pipe.send("jkl", null);
  await done;
  assertEquals(await wrapped[0].text(), "abcdef");
  assertEquals(await wrapped[1].text(), "ghijkl");
});

Deno.test("what was kept for a handler ends as its content does", async () => {
  const { pipe, pass, done, reader } = await answeredEarly();
  await pipe.until("early");
  pipe.send("def");
  await pass(0);
  pipe.send(null);
  await done;
  assertEquals((await reader.read()).value, latin1("abcdef"));
  await assertRejects(() => reader.read(), Error, "The content is shorter");
  assertEquals(parseAnswers(pipe.received).length, 1);
});

Deno.test("content that nobody read is not waited for without end", async () => {
  const { pipe, pass, done } = connectAt({ handler: () => new Response() });
  pipe.send(POST);
  await pass(30_000);
  await done;
  assertEquals(parseAnswers(pipe.received).map((it) => it.status), [200]);
  assertEquals(pipe.isClosed, true);
});

Deno.test("the client's last octets are read for 5 s, no longer", async () => {
  const { pipe, pass, done } = connectAt();
  pipe.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  await pass(4999);
  pipe.send("more");
  await pass(0);
  assertEquals([pipe.hasSentFin, pipe.isClosed], [true, false]);
  await pass(1);
  await done;
  assertEquals(pipe.isClosed, true);
});

Deno.test("a body kept beyond its exchange gets nothing of the next", async () => {
  let kept: Request | undefined;
  const { pipe, done } = connect({
    handler(request) {
      kept ??= request;
      return new Response();
    },
  });
  pipe.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
  pipe.send(NEXT, null);
  await done;
  assertEquals(parseAnswers(pipe.received).length, 2);
  await assertRejects(() => kept!.text(), Error, "The exchange is over");
});

Deno.test("a read left unfinished gets its own content alone", async () => {
  let left: Promise<ReadableStreamReadResult<Uint8Array>> | undefined;
  const { pipe, done } = connect({
    handler(request) {
      left ??= request.body?.getReader().read();
      return new Response();
    },
  });
  pipe.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n");
  await pipe.until("200 OK");
  pipe.send("abc" + NEXT, null);
  await done;
  assertEquals(parseAnswers(pipe.received).length, 2);
  assertEquals((await left!).value, latin1("abc"));
});

Deno.test("a client that never closes is let go 5 s after the last answer", async () => {
  const { pipe, pass, done } = connectAt();
  pipe.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  await pass(4_999);
  assertEquals([pipe.hasSentFin, pipe.isClosed], [true, false]);
  await pass(1);
  assertEquals(pipe.isClosed, true);
  await done;
});
