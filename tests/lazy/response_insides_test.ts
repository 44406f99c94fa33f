/** What is at hand is what a reader of the body would get, or it is not told. */

import { assertEquals } from "@std/assert";
import { contentAtHand } from "../../lib/lazy/lazy_response.ts";
import { nativeLines } from "../../lib/lazy/response_insides.ts";
import { areStandInsUsed, responseOf } from "./lazy.ts";

const octets = new Uint8Array([1, 2, 255]);

/** Whether the content must be at hand on this Deno, and how to make one. */
const responses: [string, boolean, () => Response][] = [
  ["text", true, () => new Response("a\u00e9\ud800")],
  ["empty text", true, () => new Response("")],
  ["text with a status", true, () => new Response("a", { status: 404 })],
  [
    "text with a type",
    true,
    () => new Response("a", { headers: { "content-type": "text/html" } }),
  ],
  ["text with fields", true, () => new Response("a", { headers: { b: "c" } })],
  ["text whose headers were looked at", true, () => {
    const response = new Response("a");
    response.headers.set("b", "c");
    return response;
  }],
  ["JSON", true, () => Response.json({ a: 1 })],
  ["octets", true, () => new Response(octets)],
  ["a part of a buffer", true, () => new Response(octets.subarray(1, 2))],
  ["a buffer", true, () => new Response(octets.buffer)],
  ["nothing", true, () => new Response()],
  ["nothing, and null", true, () => new Response(null, { status: 204 })],
  ["a redirection", true, () => Response.redirect("http://localhost/")],
  ["a lazy response", true, () => responseOf({ content: "a" })],
  ["parameters", true, () => new Response(new URLSearchParams({ a: "b c" }))],
  ["a blob", false, () => new Response(new Blob(["a"]))],
  ["a stream", false, () => new Response(ReadableStream.from([octets]))],
  ["text whose body was looked at", false, () => {
    const response = new Response("a");
    response.body;
    return response;
  }],
];

for (const [name, isAtHand, make] of responses) {
  Deno.test(`${name}: ${isAtHand ? "at hand" : "not at hand"}`, async () => {
    const response = make();
    const content = contentAtHand(response);
    assertEquals(content !== undefined, isAtHand && areStandInsUsed);
    const isNone = response.body === null && areStandInsUsed;
    assertEquals(content === null, isNone);
    if (response.body === null) return;
    const read = await response.bytes();
    if (content !== undefined && content !== null) {
      const octets = typeof content === "string"
        ? new TextEncoder().encode(content)
        : content;
      assertEquals(octets, read);
    }
    assertEquals(contentAtHand(response), undefined);
  });
}

Deno.test({
  name: "content is kept, whatever becomes of the buffer it came from",
  ignore: !areStandInsUsed,
  fn() {
    const buffer = new Uint8Array([1, 2]);
    const response = new Response(buffer);
    buffer.fill(0);
    assertEquals(contentAtHand(response), new Uint8Array([1, 2]));
  },
});

/** Responses whose fields Deno keeps in one way or the other. */
const withFields: [string, string, () => Response][] = [
  ["none", "", () => new Response()],
  ["text's", "content-type:text/plain;charset=UTF-8", () => new Response("a")],
  ["JSON's", "content-type:application/json", () => Response.json(1)],
  [
    "a handler's, as it wrote them",
    "X-B:c X-A:d content-type:text/plain;charset=UTF-8",
    () => new Response("a", { headers: { "X-B": "c", "X-A": "d" } }),
  ],
  [
    "several of a name",
    "a:b a:c",
    () => new Response(null, { headers: [["a", "b"], ["a", "c"]] }),
  ],
  ["changed ones", "a:c", () => {
    const response = new Response(null, { headers: { a: "b", d: "e" } });
    response.headers.set("a", "c");
    response.headers.delete("d");
    return response;
  }],
  ["those of another", "a:b", () => {
    const headers = new Headers({ a: "b" });
    return new Response(null, new Response(null, { headers }));
  }],
];

for (const [name, expected, make] of withFields) {
  Deno.test(`lines are read: ${name}`, { ignore: !areStandInsUsed }, () => {
    const lines = nativeLines(make())!;
    const told = lines.map((line) => line.join(":")).join(" ");
    // What Deno says itself is its own affair.
    assertEquals(told.replace("Content-Type", "content-type"), expected);
  });
}
