/** RFC 9110 §8.4: which responses are coded, how, and what becomes of a source. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { toArrayBuffer } from "@std/streams/to-array-buffer";
import { compress, compressAsDeno } from "../../lib/handlers/compression.ts";
import type { HandlerInfo } from "../../lib/handler.ts";
import { responseOf } from "../lazy/lazy.ts";
import { localInfo } from "../support/local_info.ts";

type Body = ReadableStream<Uint8Array<ArrayBuffer>>;

function request(init: { method?: string; accept?: string } = {}): Request {
  return new Request("http://localhost/", {
    method: init.method ?? "GET",
    headers: { "accept-encoding": init.accept ?? "gzip", range: "bytes=0-1" },
  });
}

async function gunzip(body: Body | null): Promise<Uint8Array> {
  assert(body !== null);
  const stream = body.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await toArrayBuffer(stream));
}

const text = { "content-type": "text/plain" };

async function unbrotli(body: Body | null): Promise<Uint8Array> {
  assert(body !== null);
  const stream = body.pipeThrough(new DecompressionStream("brotli"));
  return new Uint8Array(await toArrayBuffer(stream));
}

/** Octets that gzip cannot make much smaller, the same each time. */
function noise(length: number): Uint8Array<ArrayBuffer> {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state, 1103515245) + 12345;
    return state >>> 16;
  });
}

/** A source in chunks of a size, and how often it was cancelled. */
function source(content: Uint8Array, size: number, fails = false) {
  const { promise: isCancelled, resolve } = Promise.withResolvers<void>();
  const state = { cancelled: 0, pulled: 0, isCancelled };
  const body: Body = new ReadableStream({
    pull(controller) {
      const at = state.pulled++ * size;
      if (at < content.length) {
        controller.enqueue(content.slice(at, at + size));
      } else if (fails) controller.error(new Error("The source failed"));
      else controller.close();
    },
    cancel() {
      state.cancelled++;
      resolve();
    },
  }, { highWaterMark: 0 });
  return { body, state };
}

for (const content of ["", "a", "abc", "foo".repeat(1000)]) {
  Deno.test(`${content.length} octets are coded with their length`, async () => {
    const handler = compress(() => new Response(content, { headers: text }));
    const response = await handler(request(), localInfo);
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-encoding"), "gzip");
    assertEquals(response.headers.get("content-type"), "text/plain");
    assertEquals(response.headers.get("vary"), "Accept-Encoding");
    const coded = await response.bytes();
    assertEquals(response.headers.get("content-length"), `${coded.length}`);
    const plain = await gunzip(new Response(coded).body);
    assertEquals(new TextDecoder().decode(plain), content);
  });
}

for (
  const [accept, coding] of [
    ["br", "br"],
    ["br, compress", "br"],
    ["br;q=0.9, gzip;q=0.8", "br"],
    ["gzip, deflate, br, zstd", "gzip"],
    ["br;q=0.8, gzip;q=0.9", "gzip"],
  ]
) {
  Deno.test(`${accept} is answered with ${coding}`, async () => {
    const headers = { ...text, etag: '"a"' };
    const content = "foo".repeat(1000);
    const handler = compress(() => new Response(content, { headers }));
    const response = await handler(request({ accept }), localInfo);
    const coded = await response.bytes();
    assertEquals([...response.headers], [
      ["content-encoding", coding],
      ["content-length", `${coded.length}`],
      ["content-type", "text/plain"],
      ["etag", 'W/"a"'],
      ["vary", "Accept-Encoding"],
    ]);
    assert(coded.length < 100);
    const decode = coding === "br" ? unbrotli : gunzip;
    const plain = await decode(new Response(coded).body);
    assertEquals(new TextDecoder().decode(plain), content);
  });
}

Deno.test("as Deno.serve: brotli first, without a length", async () => {
  const headers = { ...text, "content-length": "1000" };
  const { body } = source(noise(1000), 100);
  for (const content of ["a".repeat(1000), body]) {
    const handler = compressAsDeno(() => new Response(content, { headers }));
    const asked = request({ accept: "gzip, deflate, br" });
    const response = await handler(asked, localInfo as HandlerInfo);
    assertEquals([...response.headers], [
      ["content-encoding", "br"],
      ["content-type", "text/plain"],
      ["vary", "Accept-Encoding"],
    ]);
    assertEquals((await unbrotli(response.body)).length, 1000);
  }
});

Deno.test("as Deno.serve: no text whose type is not registered", async () => {
  for (const [type, isCoded] of [["fake", false], ["CSS;a=b", true]] as const) {
    const headers = { "content-type": `text/${type}` };
    const handler = compressAsDeno(() => new Response("a", { headers }));
    const response = await handler(request(), localInfo as HandlerInfo);
    assertEquals(response.headers.has("content-encoding"), isCoded);
    await response.body?.cancel();
  }
});

Deno.test("who wants no coding gets the content as it is", async () => {
  for (const accept of ["", "zstd", "gzip;q=0", "identity, *;q=0"]) {
    const handler = compress(() => new Response("abc", { headers: text }));
    const response = await handler(request({ accept }), localInfo);
    assertEquals(response.headers.get("content-encoding"), null);
    assertEquals(response.headers.get("vary"), "Accept-Encoding");
    assertEquals(await response.text(), "abc");
  }
});

for (
  const [type, isCoded] of [
    ["text/plain", true],
    ["text/html; charset=UTF-8", true],
    ["TEXT/CSS", true],
    ["text/event-stream", false],
    ["Text/Event-Stream; charset=utf-8", false],
    ["application/json", true],
    ["application/problem+json", true],
    ["application/javascript", true],
    ["application/typescript", true],
    ["application/xml", true],
    ["application/xhtml+xml", true],
    ["image/svg+xml", true],
    ["application/wasm", true],
    ["font/ttf", true],
    ["application/octet-stream", false],
    ["application/zip", false],
    ["application/pdf", false],
    ["image/png", false],
    ["font/woff2", false],
    ["video/mp4", false],
    ["x; text/plain", false],
    ["", false],
  ] as const
) {
  Deno.test(`${type || "no type"} is ${isCoded ? "coded" : "left"}`, async () => {
    const headers = new Headers();
    if (type) headers.set("content-type", type);
    const octets = new TextEncoder().encode("abc");
    const handler = compress(() => new Response(octets, { headers }));
    const response = await handler(request(), localInfo);
    const coding = response.headers.get("content-encoding");
    assertEquals(coding, isCoded ? "gzip" : null);
    assertEquals(response.headers.has("vary"), isCoded);
    await response.body?.cancel();
  });
}

for (
  const [name, init, body] of [
    ["coded already", { headers: { ...text, "content-encoding": "br" } }, "a"],
    [
      "not to be transformed",
      { headers: { ...text, "cache-control": "max-age=1, No-Transform" } },
      "a",
    ],
    [
      "a part",
      { status: 206, headers: { ...text, "content-range": "bytes 0-0/1" } },
      "a",
    ],
    ["a part by its field", {
      headers: { ...text, "content-range": "bytes 0-0/1" },
    }, "a"],
    ["an error", { status: 404, headers: text }, "a"],
    ["no content", { status: 204, headers: text }, null],
  ] as [string, ResponseInit, string | null][]
) {
  Deno.test(`what is ${name} is left alone`, async () => {
    const response = await compress(() => new Response(body, init))(
      request(),
      localInfo,
    );
    const before = new Response(null, init);
    assertEquals([...response.headers], [...before.headers]);
    assertEquals(await response.text(), body ?? "");
  });
}

Deno.test("an empty response that promises no content stays empty", async () => {
  const headers = { ...text, "content-length": "0" };
  const handler = compress(() => new Response(null, { headers }));
  const response = await handler(request(), localInfo);
  assertEquals(response.body, null);
  assertEquals(response.headers.get("content-encoding"), null);
  assertEquals(response.headers.get("content-length"), "0");
});

for (
  const [before, after] of [
    ["Origin", "Origin, Accept-Encoding"],
    ["accept-encoding", "accept-encoding"],
    ["Origin, Accept-Encoding", "Origin, Accept-Encoding"],
    ["*", "*"],
    ["X-Accept-Encoding", "X-Accept-Encoding, Accept-Encoding"],
  ]
) {
  Deno.test(`Vary: ${before} becomes ${after}`, async () => {
    for (const accept of ["gzip", "br", "zstd"]) {
      const headers = { ...text, vary: before };
      const handler = compress(() => new Response("abc", { headers }));
      const response = await handler(request({ accept }), localInfo);
      assertEquals(response.headers.get("vary"), after);
      await response.body?.cancel();
    }
  });
}

Deno.test("what is said of one response is not said of the next", async () => {
  const asks: [
    status: number,
    lines: [string, string][],
    vary: string | null,
  ][] = [
    [200, [["content-type", "text/plain"]], "Accept-Encoding"],
    [404, [["content-type", "text/plain"]], null],
    [200, [["content-type", "image/png"]], null],
    [
      200,
      [["content-type", "text/plain"], ["vary", "Origin"]],
      "Origin, Accept-Encoding",
    ],
    [
      200,
      [["content-type", "text/plain"], ["vary", "Accept-Encoding"]],
      "Accept-Encoding",
    ],
  ];
  let next = 0;
  const handler = compress(() => {
    const [status, lines] = asks[next];
    return responseOf({ status, lines, content: "a" });
  });
  for (let turn = 0; turn < 3 * asks.length; turn++) {
    // Each twice on end, and all again.
    next = (turn >> 1) % asks.length;
    const response = await handler(new Request("http://localhost/"), localInfo);
    assertEquals(response.headers.get("vary"), asks[next][2]);
    assertEquals(await response.text(), "a");
  }
});

Deno.test("fields that are no longer true go or become weak", async () => {
  for (const [before, after] of [['"a"', 'W/"a"'], ['W/"a"', 'W/"a"']]) {
    const headers = new Headers({
      ...text,
      "accept-ranges": "bytes",
      "content-digest": "sha-256=:AA==:",
      "content-length": "3",
      "repr-digest": "sha-256=:AA==:",
      etag: before,
    });
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2");
    const handler = compress(() => new Response("abc", { headers }));
    const response = await handler(request(), localInfo);
    const { length } = await response.bytes();
    assertEquals([...response.headers], [
      ["content-encoding", "gzip"],
      ["content-length", `${length}`],
      ["content-type", "text/plain"],
      ["etag", after],
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
      ["vary", "Accept-Encoding"],
    ]);
  }
});

Deno.test("a response whose headers cannot be changed is coded", async () => {
  for (const accept of ["gzip", "br", "zstd"]) {
    const handler = compress(() => fetch("data:text/plain,abc"));
    const response = await handler(request({ accept }), localInfo);
    assertEquals(response.headers.get("vary"), "Accept-Encoding");
    await response.body?.cancel();
  }
});

Deno.test("what a handler throws is passed on", async () => {
  const failing = compress(() => {
    throw new RangeError("Thrown");
  });
  await assertRejects(
    async () => await failing(request(), localInfo),
    RangeError,
  );
});

const large = noise(1_000_000);
const limit = 65_536;

for (
  const [name, content, size, declared, isStreamed] of [
    ["short, small chunks", large.subarray(0, 5000), 7, undefined, false],
    ["short, declared", large.subarray(0, limit), 1000, limit, false],
    ["just short", large.subarray(0, limit), 4096, undefined, false],
    ["just long", large.subarray(0, limit + 1), 4096, limit + 1, true],
    ["long, declared", large, 16_384, large.length, true],
    ["long, undeclared", large, 16_384, undefined, true],
    ["long, one chunk", large, large.length, undefined, true],
    ["long, many chunks", large.subarray(0, 200_000), 100, undefined, true],
    ["longer than declared", large, 100_000, 3, true],
  ] as [string, Uint8Array, number, number | undefined, boolean][]
) {
  const headers = new Headers(text);
  if (declared !== undefined) headers.set("content-length", `${declared}`);

  Deno.test(`content that is ${name} arrives whole`, async () => {
    const { body, state } = source(content, size);
    const handler = compress(() => new Response(body, { headers }));
    const response = await handler(request(), localInfo);
    assertEquals(response.headers.has("content-length"), !isStreamed);
    assertEquals(response.headers.get("content-encoding"), "gzip");
    assertEquals(await gunzip(response.body), content.slice());
    assertEquals(state.cancelled, 0);
  });

  Deno.test(`HEAD of content that is ${name} has GET's head`, async () => {
    const answers = ["GET", "HEAD"].map(async (method) => {
      const { body, state } = source(content, size);
      const handler = compress((asked) => {
        assertEquals(asked.method, "GET");
        assertEquals(asked.headers.has("range"), method === "GET");
        return new Response(body, { headers });
      });
      const response = await handler(request({ method }), localInfo);
      return { response, state };
    });
    const [get, head] = await Promise.all(answers);
    assertEquals([...head.response.headers], [...get.response.headers]);
    // A null body would become a Content-Length of 0.
    assert(head.response.body !== null);
    await get.response.body?.cancel();
    await head.response.body?.cancel();
    assertEquals(head.state.cancelled, isStreamed ? 1 : 0);
  });
}

Deno.test("HEAD of what is not coded closes the source", async () => {
  const { body, state } = source(large, 1000);
  const headers = {
    "content-type": "image/png",
    "content-length": `${large.length}`,
  };
  const handler = compress(() => new Response(body, { headers }));
  const response = await handler(request({ method: "HEAD" }), localInfo);
  assertEquals(response.body, null);
  assertEquals(response.headers.get("content-length"), `${large.length}`);
  assertEquals(state.cancelled, 1);
});

Deno.test("HEAD of what is not coded leaves an undeclared length to the server", async () => {
  const headers = { "content-type": "image/png" };
  const handler = compress(() => new Response("abc", { headers }));
  const response = await handler(request({ method: "HEAD" }), localInfo);
  assertEquals(await response.text(), "abc");
});

Deno.test("HEAD without a coding is passed as it is", async () => {
  const headers = { ...text, "content-length": "3" };
  const handler = compress((asked) => {
    assertEquals(asked.method, "HEAD");
    return new Response(null, { headers });
  });
  const head = request({ method: "HEAD", accept: "zstd" });
  const response = await handler(head, localInfo);
  assertEquals(response.headers.get("content-length"), "3");
  assertEquals(response.headers.get("vary"), "Accept-Encoding");
});

Deno.test("a source that fails early makes the handler reject", async () => {
  const { body } = source(large.subarray(0, 500), 100, true);
  const handler = compress(() => new Response(body, { headers: text }));
  await assertRejects(
    async () => await handler(request(), localInfo),
    Error,
    "The source failed",
  );
});

Deno.test("a source that fails late makes the content fail", async () => {
  const { body } = source(large, 10_000, true);
  const handler = compress(() => new Response(body, { headers: text }));
  const response = await handler(request(), localInfo);
  await assertRejects(() => response.bytes(), Error, "The source failed");
});

Deno.test("chunks that are no octets make the content fail", async () => {
  for (const first of ["abc", large.slice()]) {
    const { promise: isCancelled, resolve } = Promise.withResolvers<void>();
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(first);
        controller.enqueue("abc");
      },
      cancel: () => resolve(),
    });
    const handler = compress(() => new Response(body, { headers: text }));
    await assertRejects(
      async () => await (await handler(request(), localInfo)).bytes(),
      TypeError,
      "not a Uint8Array",
    );
    await isCancelled;
  }
});

Deno.test("cancelling the content closes the source", async () => {
  for (const reads of [0, 1]) {
    const { body, state } = source(large, 10_000);
    const handler = compress(() => new Response(body, { headers: text }));
    const response = await handler(request(), localInfo);
    const reader = response.body!.getReader();
    for (let i = 0; i < reads; i++) await reader.read();
    await reader.cancel();
    await state.isCancelled;
  }
});

Deno.test("a reader that waits holds the source back", async () => {
  const { body, state } = source(large, 10_000);
  const handler = compress(() => new Response(body, { headers: text }));
  const response = await handler(request(), localInfo);
  const reader = response.body!.getReader();
  await reader.read();
  // A batch each: taken first, being coded, waiting.
  assert(state.pulled <= 3 * 7, `${state.pulled} chunks were pulled`);
  await reader.cancel();
});

Deno.test("what comes slowly is passed on as it comes", async () => {
  const { readable, writable } = new TransformStream<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >();
  const handler = compress(() => new Response(readable, { headers: text }));
  // The head does not wait for the content either.
  const response = await handler(request(), localInfo);
  assertEquals(response.headers.has("content-length"), false);
  const reader = response.body!
    .pipeThrough(new DecompressionStream("gzip"))
    .pipeThrough(new TextDecoderStream())
    .getReader();
  const writer = writable.getWriter();
  for (const line of ["one\n", "two\n", "three\n"]) {
    const [{ value }] = await Promise.all([
      reader.read(),
      writer.write(new TextEncoder().encode(line)),
    ]);
    assertEquals(value, line);
  }
  await Promise.all([writer.close(), reader.read()]);
});

Deno.test("cancelling what waits for a slow source closes it", async () => {
  const { promise: isCancelled, resolve } = Promise.withResolvers<void>();
  const body: Body = new ReadableStream({ cancel: () => resolve() });
  const handler = compress(() => new Response(body, { headers: text }));
  const response = await handler(request(), localInfo);
  const reader = response.body!.getReader();
  const read = reader.read();
  await reader.cancel();
  await isCancelled;
  await read;
});

Deno.test("a slow source that fails while nobody reads ends no process", async () => {
  let fail = () => {};
  const body: Body = new ReadableStream({
    start(controller) {
      fail = () => controller.error(new Error("The source failed"));
    },
  });
  const handler = compress(() => new Response(body, { headers: text }));
  const response = await handler(request(), localInfo);
  fail();
  await assertRejects(() => response.bytes(), Error, "The source failed");
});
