/** A light Response is a Response, whatever somebody does with it. */

import { assertEquals } from "@std/assert";
import {
  lightPartsOf,
  lightResponse,
  realResponse,
  type ResponseParts,
  withField,
} from "../../lib/light/light_response.ts";
import { areStandInsUsed, request } from "./light.ts";

const parts: ResponseParts = {
  status: 201,
  lines: [["content-type", "text/plain"], ["x-two", "1"]],
  content: "ab\u00e9",
};

Deno.test({
  name: "a light request is answered by a light response, another not",
  ignore: !areStandInsUsed,
  fn() {
    assertEquals(lightPartsOf(lightResponse(request, parts)), parts);
    const other = new Request(request);
    assertEquals(lightPartsOf(lightResponse(other, parts)), undefined);
  },
});

const uses: Record<string, (response: Response) => unknown> = {
  "its members": (response) => [
    response.status,
    response.statusText,
    response.ok,
    response.type,
    response.url,
    response.redirected,
    response.bodyUsed,
    response instanceof Response,
    Object.prototype.toString.call(response),
  ],
  "text()": (response) => response.text(),
  "bytes()": (response) => response.bytes(),
  "body": async ({ body }) => (await Array.fromAsync(body!)).length,
  "clone()": async (response) => {
    const copy = response.clone();
    return [copy.status, await copy.text(), await response.text()];
  },
  "new Response() with it as init": async (response) => {
    const copy = new Response(response.body, response);
    return [copy.status, [...copy.headers], await copy.text()];
  },
  "the fields": ({ headers }) => [...headers],
  "get() and has()": ({ headers }) => [
    headers.get("Content-Type"),
    headers.has("vary"),
  ],
  "headers that are changed": (response) => {
    const { headers } = response;
    headers.set("x-two", "3");
    headers.append("vary", "*");
    return [headers.get("x-two"), headers.has("vary"), [...response.headers]];
  },
  "one field more": (response) => {
    const other = withField(response, ["vary", "accept"]);
    return [other.status, [...other.headers]];
  },
  "Deno.inspect()": (response) => Deno.inspect(response).includes("201"),
};

for (const [name, use] of Object.entries(uses)) {
  Deno.test(`${name}: as with a real Response`, async () => {
    assertEquals(
      await use(lightResponse(request, parts)),
      await use(realResponse(parts)),
    );
  });
}

Deno.test("a type that was not said is not guessed", () => {
  const untyped = { status: 200, lines: [], content: "a" };
  assertEquals([...lightResponse(request, untyped).headers], []);
  assertEquals([...realResponse(untyped).headers], []);
});

Deno.test({
  name: "its parts are told as long as nobody has touched them",
  ignore: !areStandInsUsed,
  async fn() {
    const untouched = lightResponse(request, parts);
    untouched.headers.get("vary");
    assertEquals(lightPartsOf(untouched), parts);

    const read = lightResponse(request, parts);
    await read.text();
    assertEquals(lightPartsOf(read), undefined);

    const changed = lightResponse(request, parts);
    changed.headers.delete("x-two");
    assertEquals(lightPartsOf(changed), undefined);

    assertEquals(lightPartsOf(new Response("a")), undefined);
  },
});

Deno.test("one field more, where headers cannot be changed", async () => {
  const fetched = await fetch("data:text/plain,a");
  const other = withField(fetched, ["vary", "accept"]);
  assertEquals(other.headers.get("vary"), "accept");
  assertEquals(await other.text(), "a");
});
