/** The handlers run under `Deno.serve` as well. */

import { assertEquals } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { compress } from "../../lib/handlers/compression.ts";
import { refuseCrossSite } from "../../lib/handlers/cross_site.ts";
import { echo } from "../../lib/handlers/echo.ts";
import { route } from "../../lib/handlers/router.ts";
import { userAgent } from "../../lib/handlers/user_agent.ts";

const ignore =
  (await Deno.permissions.query({ name: "net" })).state !== "granted";

const handler = refuseCrossSite(route([
  {
    method: "GET",
    pattern: new URLPattern({ pathname: "/echo/*" }),
    handler: compress(echo),
  },
  {
    method: "GET",
    pattern: new URLPattern({ pathname: "/user-agent" }),
    handler: userAgent,
  },
]));

Deno.test("the handlers run under Deno.serve", { ignore }, async () => {
  await using server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen() {},
    onError: (error) =>
      error instanceof HttpError
        ? new Response(error.message, error)
        : new Response(null, { status: 500 }),
  }, handler);
  const origin = `http://127.0.0.1:${server.addr.port}`;

  const gzip = { "accept-encoding": "gzip" };
  const echoed = await fetch(`${origin}/echo/abc`, { headers: gzip });
  assertEquals(echoed.headers.get("vary"), "Accept-Encoding");
  assertEquals(await echoed.text(), "abc");

  const head = await fetch(`${origin}/echo/abc`, {
    method: "HEAD",
    headers: gzip,
  });
  assertEquals(head.headers.get("content-encoding"), "gzip");
  assertEquals(await head.text(), "");

  const headers = { "user-agent": "foobar/1.2.3" };
  const agent = await fetch(`${origin}/user-agent`, { headers });
  assertEquals(await agent.text(), "foobar/1.2.3");

  const refused = await fetch(`${origin}/user-agent`, { method: "POST" });
  assertEquals(refused.status, 405);
  assertEquals(refused.headers.get("allow"), "GET, HEAD, OPTIONS");
  await refused.body?.cancel();
});

// A response that only stood in for a real one let Deno itself crash here.
Deno.test("the handlers run under a Deno.serve that is busy", {
  ignore,
}, async () => {
  await using server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen() {},
  }, handler);
  const { hostname, port } = server.addr;
  using conn = await Deno.connect({ hostname, port });
  const count = 20_000;
  const request = "GET /echo/abc HTTP/1.1\r\nHost: a\r\n\r\n";
  const writer = conn.writable.getWriter();
  const writing = writer.write(
    new TextEncoder().encode(request.repeat(count)),
  );
  const buffer = new Uint8Array(64 * 1024);
  const decoder = new TextDecoder();
  let [answers, rest] = [0, ""];
  while (answers < count) {
    const length = await conn.read(buffer);
    if (length === null) throw new Error("The server has closed it");
    const parts = (rest + decoder.decode(buffer.subarray(0, length)))
      .split("\r\n\r\nabc");
    answers += parts.length - 1;
    rest = parts.at(-1)!;
  }
  await writing;
});
