import { assertEquals } from "@std/assert";
import { connect, parseAnswers } from "../support/conversation.ts";
import { NEXT, testMessages } from "../support/message_cases.ts";

/** The fields of the answer to a GET with such a Response. */
async function fieldsOf(make: () => Response): Promise<Record<string, string>> {
  const { pipe, done } = connect({ handler: make });
  pipe.send(NEXT, null);
  await done;
  return parseAnswers(pipe.received)[0].fields;
}

testMessages([
  ...["9007199254740992", "18446744073709551615", "9".repeat(50)].map((
    length,
  ) => ({
    name: `RFC 9110 §8.6: a length of ${length} overflows nothing`,
    send: `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\n\r\n` +
      NEXT,
    answers: [413],
  })),
  {
    name: "RFC 9110 §8.6: a length that would be rounded, without a limit",
    limits: { content: Infinity },
    send: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9007199254740993\r\n" +
      "\r\n" + NEXT,
    answers: [413],
  },
  {
    name: "RFC 9110 §8.6: the largest length that is counted exactly",
    send:
      `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${Number.MAX_SAFE_INTEGER}\r\n\r\n` +
      NEXT,
    answers: [413],
  },
]);

/** What a client of a keep-alive connection gets twice, the second time whole. */
async function contentsOf(make: () => Response): Promise<string[]> {
  const { pipe, done } = connect({ handler: make });
  pipe.send(NEXT + NEXT, null);
  await done;
  return parseAnswers(pipe.received).map(({ status, fields, content }) =>
    `${status} ${fields["content-length"]} ${content}`
  );
}

Deno.test("RFC 9110 §8.6: a stale Content-Length gives way to the length of the body", async () => {
  const stale = new Response("abc", { headers: { "content-length": "3" } });
  for (const content of ["", "ab", "abcd", "\xe4", "a".repeat(200)]) {
    const length = new TextEncoder().encode(content).length;
    for (const body of [content, new TextEncoder().encode(content)]) {
      const contents = await contentsOf(() => new Response(body, stale));
      const whole = contents.map((it) => it.split(" ", 2).join(" "));
      assertEquals(whole, Array(2).fill(`200 ${length}`));
    }
  }
});

Deno.test("RFC 9110 §8.6: a Content-Length without a body is dropped", async () => {
  const headers = { location: "/a", "content-length": "5" };
  const contents = await contentsOf(() =>
    new Response(null, { status: 302, headers })
  );
  assertEquals(contents, Array(2).fill("302 0 "));
});

Deno.test("RFC 9110 §8.6: to HEAD, a Content-Length without a body stays", async () => {
  const { pipe, done } = connect({
    handler: () => new Response(null, { headers: { "content-length": "5" } }),
  });
  pipe.send(NEXT.replace("GET", "HEAD"), null);
  await done;
  assertEquals(/content-length: (\d+)/.exec(pipe.received)?.[1], "5");
});

Deno.test("RFC 9110 §8.6: 204 carries no Content-Length, though the handler gave one", async () => {
  const fields = await fieldsOf(() =>
    new Response(null, { status: 204, headers: { "content-length": "5" } })
  );
  assertEquals(fields["content-length"], undefined);
});

Deno.test("RFC 9110 §8.6, RFC 9112 §6.2: never Content-Length and Transfer-Encoding both", async () => {
  const stream = () =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array(1));
        controller.enqueue(new Uint8Array(1));
        controller.close();
      },
    });
  const { date: _, ...told } = await fieldsOf(() =>
    new Response(stream(), { headers: { "content-length": "2" } })
  );
  assertEquals(told, { "content-length": "2" });
  const { date: __, ...chunked } = await fieldsOf(() =>
    new Response(stream(), { headers: { "transfer-encoding": "chunked" } })
  );
  assertEquals(chunked, { "transfer-encoding": "chunked" });
});

Deno.test("RFC 9110 §8.6: a Content-Length that is no number is never sent", async () => {
  for (const length of ["-1", "0x1", "1, 1", "1e0", "9".repeat(20)]) {
    const { pipe, done } = connect({
      handler: () =>
        new Response("a", { headers: { "content-length": length } }),
      onError: () => new Response("sorry", { status: 500 }),
    });
    pipe.send(NEXT, null);
    await done;
    const [{ status, fields }] = parseAnswers(pipe.received);
    assertEquals([status, fields["content-length"]], [500, "5"], length);
  }
});
