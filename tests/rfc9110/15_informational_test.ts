import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConnectionLost } from "../../lib/errors.ts";
import type { HandlerInfo } from "../../lib/handler.ts";
import { connect } from "../support/conversation.ts";
import { NEXT } from "../support/message_cases.ts";

const GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

Deno.test("RFC 9110 §15.2: interim responses go out before the final one", async () => {
  const goOn = Promise.withResolvers<void>();
  const { pipe, done } = connect({
    async handler(_request, { sendInformational }) {
      await sendInformational(102);
      await sendInformational(103, [["Link", "</a>"], ["Link", "</b>"]]);
      await sendInformational(199, { a: "b" });
      await goOn.promise;
      return new Response("abc");
    },
  });
  pipe.send(GET);
  // The final response waits until these are here.
  await pipe.until("a: b\r\n\r\n");
  assertEquals(
    pipe.received,
    "HTTP/1.1 102 Processing\r\n\r\n" +
      "HTTP/1.1 103 Early Hints\r\nlink: </a>, </b>\r\n\r\n" +
      "HTTP/1.1 199 \r\na: b\r\n\r\n",
  );
  goOn.resolve();
  await pipe.until("HTTP/1.1 200 OK\r\n");
  pipe.send(null);
  await done;
});

Deno.test("RFC 9110 §15.2: earlier answers go first", async () => {
  const { pipe, done } = connect({
    async handler(request, info) {
      if (request.url.endsWith("/next")) return new Response("next");
      await info.sendInformational(102);
      return new Response("last");
    },
  });
  pipe.send(NEXT + GET, null);
  await done;
  const statuses = [...pipe.received.matchAll(/HTTP\/1\.1 (\d+)/g)];
  assertEquals(statuses.map(([, status]) => status), ["200", "102", "200"]);
});

Deno.test("RFC 9110 §15.2: HTTP/1.0 gets no interim response", async () => {
  const { pipe, done } = connect({
    async handler(_request, info) {
      await info.sendInformational(103);
      return new Response("abc");
    },
  });
  pipe.send("GET / HTTP/1.0\r\n\r\n", null);
  await done;
  assertEquals(pipe.received.startsWith("HTTP/1.1 200 OK\r\n"), true);
});

Deno.test("RFC 9110 §8.6, RFC 9112 §6.1: an interim response says nothing about framing", async () => {
  const { pipe, done } = connect({
    async handler(_request, info) {
      await info.sendInformational(103, {
        connection: "close",
        "content-length": "5",
        "transfer-encoding": "chunked",
        a: "b",
      });
      return new Response("abc");
    },
  });
  pipe.send(GET, null);
  await done;
  assertEquals(
    pipe.received.split("HTTP/1.1 200")[0],
    "HTTP/1.1 103 Early Hints\r\na: b\r\n\r\n",
  );
});

Deno.test("RFC 9110 §15.2: nothing splits an interim response, nor is a final one sent as one", async () => {
  const { pipe, done } = connect({
    handler(_request, info) {
      const send = info.sendInformational;
      for (const status of [0, 99, 100, 101, 200, 204, 304, 102.5, NaN]) {
        assertThrows(() => send(status), RangeError);
      }
      assertThrows(() => send(103, { a: "b\r\nc: d" }), TypeError);
      assertThrows(() => send(103, { "a b": "c" }), TypeError);
      return new Response("abc");
    },
  });
  pipe.send(GET, null);
  await done;
  assertEquals(pipe.received.startsWith("HTTP/1.1 200 OK\r\n"), true);
});

Deno.test("RFC 9110 §15.2: no interim response after the final one, nor within another's", async () => {
  let first: HandlerInfo | undefined;
  const { pipe, done } = connect({
    async handler(request, info) {
      if (!request.url.endsWith("/next")) {
        first = info;
        return new Response("first");
      }
      await assertRejects(() => first!.sendInformational(103), TypeError);
      return new Response("next");
    },
  });
  pipe.send(GET + NEXT, null);
  await done;
  assertEquals(pipe.received.match(/HTTP\/1\.1 \d+/g), [
    "HTTP/1.1 200",
    "HTTP/1.1 200",
  ]);
});

Deno.test("RFC 9110 §15.2: an interim response that nobody takes harms nobody", async () => {
  const failed = Promise.withResolvers<void>();
  const { pipe, done } = connect({
    async handler(_request, info) {
      pipe.close();
      // Not awaited: were nobody to see its rejection, the process would end.
      info.sendInformational(102);
      await assertRejects(() => info.sendInformational(103), ConnectionLost);
      failed.resolve();
      return new Response("abc");
    },
  });
  pipe.send(GET);
  await failed.promise;
  await done;
});
