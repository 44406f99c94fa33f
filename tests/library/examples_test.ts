/** Each of the examples, as whoever copies it would use it. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Handler, serve } from "../../mod.ts";
import { logged } from "../../examples/behind_proxy.ts";
import { handler as hello } from "../../examples/hello.ts";
import { app } from "../../examples/hono.ts";
import { askInMemory } from "../../examples/in_memory.ts";
import { clock } from "../../examples/server_sent_events.ts";
import { countUpload } from "../../examples/upload_progress.ts";

async function withServer(
  handler: Handler,
  use: (url: string) => Promise<void>,
): Promise<void> {
  await using server = serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    handler,
  );
  await use(`http://127.0.0.1:${server.addr.port}`);
}

Deno.test("hello", () =>
  withServer(hello, async (url) => {
    const response = await fetch(`${url}/hello/Zo%C3%AB`);
    assertEquals(await response.text(), "Hello, Zoë!\n");
  }));

Deno.test("hono", () =>
  withServer(app.fetch, async (url) => {
    assertEquals(await (await fetch(url)).text(), "Hello from Hono");
    assertEquals(await (await fetch(`${url}/posts/7`)).json(), { id: "7" });
  }));

Deno.test("server_sent_events: until the client goes", () =>
  withServer(clock(1), async (url) => {
    const response = await fetch(url);
    const reader = response.body!.pipeThrough(new TextDecoderStream())
      .getReader();
    let text = "";
    while ((text.match(/^data:/gm)?.length ?? 0) < 3) {
      text += (await reader.read()).value;
    }
    // The timer that is left would be found as a leak.
    await reader.cancel();
  }));

Deno.test("upload_progress: 102 while it runs", async () => {
  const content = "x".repeat(300_000);
  const text = await askInMemory(
    countUpload(100_000),
    `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${content.length}\r\n\r\n${content}`,
  );
  const offsets = [...text.matchAll(/upload-offset: (\d+)/g)].map(([, it]) =>
    Number(it)
  );
  assert(offsets.length >= 2, text);
  assertEquals(offsets, offsets.toSorted((a, b) => a - b));
  assertStringIncludes(text, '{"received":300000}');
});

Deno.test("behind_proxy: whom to believe", async () => {
  for (
    const [proxies, expected] of [
      [["127.0.0.1"], "9.9.9.9 GET /a 200"],
      [["10.0.0.1"], "127.0.0.1 GET /a 200"],
    ] as const
  ) {
    const line = Promise.withResolvers<string>();
    const handler = logged(
      () => new Response("hello"),
      new Set(proxies),
      line.resolve,
    );
    await withServer(handler, async (url) => {
      const headers = { "x-forwarded-for": "1.2.3.4, 9.9.9.9" };
      await (await fetch(`${url}/a`, { headers })).text();
      assertEquals(await line.promise, expected);
    });
  }
});

Deno.test("in_memory", async () => {
  const text = await askInMemory(
    hello,
    "GET /hello/a HTTP/1.1\r\nHost: h\r\n\r\n",
  );
  assertStringIncludes(text, "Hello, a!");
});
