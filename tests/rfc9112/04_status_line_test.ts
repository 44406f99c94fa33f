import { assertEquals, assertMatch } from "@std/assert";
import type { Handler } from "../../lib/handler.ts";
import {
  connect,
  parseAnswers,
  type Setting,
} from "../support/conversation.ts";
import { NEXT } from "../support/message_cases.ts";

/** The octets of a handler's answer. */
async function octetsOf(
  handler: Handler,
  setting: Setting = {},
): Promise<string> {
  const { pipe, done } = connect({ ...setting, handler });
  pipe.send(NEXT, null);
  await done;
  return pipe.received;
}

Deno.test("RFC 9112 §4: a space stands before a reason phrase that is empty", async () => {
  const octets = await octetsOf(() => new Response(null, { status: 299 }));
  assertMatch(octets, /^HTTP\/1\.1 299 \r\n/);
});

Deno.test("RFC 9112 §2.2: no whitespace before the first field of an answer", async () => {
  const octets = await octetsOf(() => new Response("x"));
  assertMatch(octets, /^HTTP\/1\.1 200 OK\r\n[a-z]/);
});

Deno.test("RFC 9112 §5: an answer's field lines are name, colon, one space, value", async () => {
  const octets = await octetsOf(() =>
    new Response("x", { headers: [["a", " b "], ["c", ""]] })
  );
  const lines = octets.split("\r\n\r\n")[0].split("\r\n").slice(1);
  for (const line of lines) assertMatch(line, /^[a-z-]+: (?:\S.*\S|\S|)$/);
  assertEquals(lines.filter((line) => /^[ac]:/.test(line)), ["a: b", "c: "]);
});

Deno.test("RFC 9112 §5.2, §11.1: nothing that a handler says folds or splits an answer", async () => {
  const cases: [string, () => Response][] = [
    ["a folded value", () => new Response("", { headers: { a: "b\r\n c" } })],
    ["a second field", () => new Response("", { headers: { a: "b\r\nc: d" } })],
    ["a bare CR", () => new Response("", { headers: { a: "b\rc" } })],
    [
      "a name that is none",
      () => new Response("", { headers: { "a b": "c" } }),
    ],
    ["a reason of two lines", () => new Response("", { statusText: "a\r\nb" })],
    ["a control in a reason", () => new Response("", { statusText: "a\x01b" })],
    [
      "a control in a value",
      () => new Response("", { headers: { a: "\x01" } }),
    ],
  ];
  for (const [name, make] of cases) {
    const octets = await octetsOf(make, {
      onError: () => new Response("sorry", { status: 500 }),
    });
    const answers = parseAnswers(octets);
    assertEquals(answers.map(({ status }) => status), [500], name);
    assertEquals(answers[0].fields.a, undefined, name);
  }
});
