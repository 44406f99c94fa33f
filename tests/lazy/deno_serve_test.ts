/** `Deno.serve` takes a lazy Response, beside our own server. */

import { assertEquals } from "@std/assert";
import "../../lib/lazy/global_response.ts";
import { serve } from "../../mod.ts";
import { askInOneGo } from "../support/busy_client.ts";

const ignore =
  (await Deno.permissions.query({ name: "net" })).state !== "granted";

const octets = new TextEncoder().encode("abc");
const fields = { "content-type": "text/plain", "x-a": "b" };

/** Deno treats those that take no request, and those that wait, in other ways. */
const handlers: Record<
  string,
  (request: Request) => Response | Promise<Response>
> = {
  "a text": () => new Response("abc"),
  "a text with a type": () =>
    new Response("abc", { headers: { "content-type": "text/html" } }),
  "a text with fields": () => new Response("abc", { headers: fields }),
  "octets": () => new Response(octets),
  "octets with fields": () => new Response(octets, { headers: fields }),
  "nothing": () => new Response(null, { status: 204 }),
  "nothing with fields": () =>
    new Response(null, { status: 404, headers: fields }),
  "JSON": () => Response.json({ a: 1 }),
  "another status": () => new Response("abc", { status: 404, headers: fields }),
  "a stream": () => new Response(ReadableStream.from([octets])),
  "changed headers": () => {
    const response = new Response("abc", { headers: fields });
    response.headers.set("x-a", "c");
    return response;
  },
  "a clone": () => new Response("abc", { headers: fields }).clone(),
  "a copy": () => {
    const response = new Response("abc", { headers: fields });
    return new Response(response.body, response);
  },
  "to a request": (request) =>
    new Response(new URL(request.url).pathname.slice(1), { headers: fields }),
  "later": async (request) => {
    await Promise.resolve();
    return new Response(request.method, { headers: fields });
  },
  "an error": () => {
    throw new Error("expected by this test");
  },
};

for (const [name, handler] of Object.entries(handlers)) {
  Deno.test(`both servers send ${name}`, { ignore }, async () => {
    const onError = () => new Response("failed", { status: 500 });
    const where = { hostname: "127.0.0.1", port: 0, onListen() {}, onError };
    await using theirs = Deno.serve(where, handler);
    await using ours = serve(where, handler);
    const answers = [];
    for (const { port } of [ours.addr, theirs.addr]) {
      const response = await fetch(`http://127.0.0.1:${port}/abc`);
      const { status, headers } = response;
      const fields = ["content-type", "x-a"].map((name) => headers.get(name));
      answers.push([status, ...fields, await response.text()]);
    }
    assertEquals(answers[0], answers[1]);
  });
}

/** Requests that are all sent before the first answer is read. */
const COUNT = 20_000;

// What Deno keeps with a real Response it frees with it. A stand-in that handed
// it on had it freed twice, and the process crashed.
for (const name of ["a text with fields", "another status", "to a request"]) {
  const handler = handlers[name];
  Deno.test(`Deno.serve is busy with ${name}`, { ignore }, async () => {
    const where = { hostname: "127.0.0.1", port: 0, onListen() {} };
    await using server = Deno.serve(where, handler);
    const asked = { path: "/abc", ending: "abc", count: COUNT };
    assertEquals(await askInOneGo(server.addr.port, asked), COUNT);
  });
}
