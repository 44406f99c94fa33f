/** The handlers run under `Deno.serve` as well. */

import { assertEquals } from "@std/assert";
import { echo, userAgent } from "../../lib/cli/demo.ts";
import { HttpError } from "../../lib/errors.ts";
import { compress } from "../../lib/handlers/compression.ts";
import { csrf } from "../../lib/handlers/csrf.ts";
import { route } from "../../lib/router/router.ts";
import { askInOneGo } from "../support/busy_client.ts";

const ignore =
  (await Deno.permissions.query({ name: "net" })).state !== "granted";

const handler = csrf(route([
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
  const asked = { path: "/echo/abc", ending: "abc", count: 20_000 };
  assertEquals(await askInOneGo(server.addr.port, asked), 20_000);
});
