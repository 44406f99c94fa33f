/** A light Request is a Request, whatever somebody does with it. */

import { assert, assertEquals } from "@std/assert";
import {
  lightRequest,
  realRequest,
  type RequestParts,
} from "../../lib/light/light_request.ts";
import { areStandInsUsed } from "./light.ts";

const text = '{"a": 1}';

const parts = (): RequestParts => ({
  signal: () => new AbortController().signal,
  method: "POST",
  url: () => "http://localhost/a?b",
  lines: [
    ["Content-Type", "application/json"],
    ["X-Two", "1"],
    ["X-two", "2"],
    ["Cookie", "\xe4=b"],
  ],
  body: () => ReadableStream.from([new TextEncoder().encode(text)]),
});

// What it is tried for when it is loaded must hold here, or all below would
// compare a thing with itself.
Deno.test({
  name: "on this Deno the light way is taken",
  ignore: !areStandInsUsed,
  fn() {
    assert(lightRequest !== realRequest);
  },
});

const uses: Record<string, (request: Request) => unknown> = {
  "method, url": ({ method, url }) => [method, url],
  "instanceof": (request) => [
    request instanceof Request,
    request.headers instanceof Headers,
    Object.prototype.toString.call(request),
    Object.prototype.toString.call(request.headers),
  ],
  "all its other members": (request) => [
    request.bodyUsed,
    request.redirect,
    request.signal instanceof AbortSignal,
    request.signal.aborted,
  ],
  "json()": (request) => request.json(),
  "text()": (request) => request.text(),
  "bytes()": (request) => request.bytes(),
  "arrayBuffer()": async (request) => (await request.arrayBuffer()).byteLength,
  "blob()": async (request) => (await request.blob()).type,
  "formData() of what is none": (request) =>
    request.formData().catch(({ name }) => name),
  "body": async ({ body }) => await new Response(body).text(),
  "a second reading": async (request) => [
    await request.text(),
    request.bodyUsed,
    await request.text().catch(({ name }) => name),
  ],
  "clone()": async (request) => {
    const copy = request.clone();
    return [copy.url, await copy.text(), await request.text()];
  },
  "new Request(it)": async (request) => {
    const copy = new Request(request, { method: "PUT" });
    return [
      copy.method,
      [...copy.headers],
      await copy.text(),
      request.bodyUsed,
    ];
  },
  "new Request() with it as init": async (request) => {
    const copy = new Request("http://h/", request);
    return [copy.method, [...copy.headers], await copy.text()];
  },
  "get() and has()": ({ headers }) =>
    ["x-two", "X-TWO", "cookie", "none", "content-type"]
      .map((name) => [headers.get(name), headers.has(name)]),
  "get() and has() of no name": ({ headers }) => [
    thrown(() => headers.get("a b")),
    thrown(() => headers.has("")),
    // @ts-expect-error what is no text becomes one
    headers.get(1),
  ],
  "the fields": ({ headers }) => [[...headers], [...headers.keys()]],
  "forEach()": ({ headers }) => {
    const seen: string[] = [];
    headers.forEach((value, name) => seen.push(name, value));
    return seen;
  },
  "getSetCookie()": ({ headers }) => headers.getSetCookie(),
  "new Headers(its)": ({ headers }) => [...new Headers(headers)],
  "the same headers, again and again": (request) => {
    const { headers } = request;
    request.clone();
    return request.headers === headers;
  },
  "headers that are changed": (request) => {
    const { headers } = request;
    headers.get("x-two");
    headers.set("x-two", "3");
    headers.append("x-three", "4");
    headers.delete("cookie");
    return [
      ["x-two", "x-three", "cookie"].map((name) => headers.get(name)),
      headers.has("cookie"),
      [...request.headers],
      [...new Request(request).headers],
    ];
  },
  "headers that are changed after it has become real": (request) => {
    const { headers } = request;
    request.clone();
    headers.set("x-two", "3");
    return [headers.get("x-two"), [...request.clone().headers]];
  },
  "Deno.inspect()": (request) => Deno.inspect(request).includes("/a?b"),
};

for (const [name, use] of Object.entries(uses)) {
  Deno.test(`${name}: as with a real Request`, async () => {
    assertEquals(
      await use(lightRequest(parts())),
      await use(realRequest(parts())),
    );
  });
}

Deno.test("fetch() takes it", async () => {
  const light = lightRequest({
    method: "GET",
    url: () => "data:text/plain,abc",
    lines: [],
    body: () => null,
    signal: () => new AbortController().signal,
  });
  assertEquals(await (await fetch(light)).text(), "abc");
});

Deno.test("without a body it has none", async () => {
  const light = lightRequest({
    method: "GET",
    url: () => "http://localhost/",
    lines: [],
    body: () => null,
    signal: () => new AbortController().signal,
  });
  assertEquals(light.body, null);
  assertEquals(await light.text(), "");
});

Deno.test({
  name: "no body is made for whoever asks for none",
  ignore: !areStandInsUsed,
  fn() {
    const light = lightRequest({
      ...parts(),
      body: () => {
        throw new Error("It was made");
      },
    });
    assertEquals(light.method + light.url, "POSThttp://localhost/a?b");
    assert(light.headers.has("cookie"));
  },
});

function thrown(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return (error as Error).name;
  }
}
