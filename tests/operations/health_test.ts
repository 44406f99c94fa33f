/** What a load balancer is told. */

import { assertEquals } from "@std/assert";
import { Health } from "../../lib/operations/health.ts";
import { localInfo } from "../support/local_info.ts";

const health = new Health();
const handler = health.guard(() => new Response("other", { status: 404 }));
const ask = (path: string, method = "GET") =>
  handler(new Request(`http://any.example${path}`, { method }), localInfo);

for (
  const [path, isReady, status] of [
    ["/-/health", true, 200],
    ["/-/ready", true, 200],
    ["/-/health", false, 200],
    ["/-/ready", false, 503],
    ["/-/ready?from=balancer", false, 503],
    ["/-/readyness", true, 404],
    ["/-/ready/", true, 404],
    ["/-/", true, 404],
    ["/files/-/ready", false, 404],
    ["/?/-/ready", false, 404],
  ] as const
) {
  Deno.test(`${path} of a server that is ${isReady ? "" : "not "}ready`, async () => {
    health.isReady = isReady;
    assertEquals((await ask(path)).status, status);
  });
}

Deno.test("a bare status, that no cache keeps", async () => {
  health.isReady = true;
  const response = await ask("/-/ready", "HEAD");
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals((await ask("/-/health")).body, null);
});

Deno.test("it is watched once somebody has asked whether it is ready", async () => {
  const health = new Health();
  const handler = health.guard(() => new Response());
  const ask = (path: string) =>
    handler(new Request(`http://a.example${path}`), localInfo);
  await ask("/-/health");
  assertEquals(health.isWatched, false);
  await ask("/-/ready");
  assertEquals(health.isWatched, true);
});

Deno.test("it tells once that somebody has asked", async () => {
  const health = new Health();
  let told = 0;
  health.onWatched = () => told++;
  const handler = health.guard(() => new Response());
  for (const path of ["/-/health", "/-/ready", "/-/ready"]) {
    await handler(new Request(`http://a.example${path}`), localInfo);
  }
  assertEquals(told, 1);
});

Deno.test("other methods are refused", async () => {
  const response = await ask("/-/health", "POST");
  assertEquals(response.status, 405);
  assertEquals(response.headers.get("allow"), "GET, HEAD");
});
