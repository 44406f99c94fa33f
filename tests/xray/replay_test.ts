/** The replay of a head is what the server's parser says, octet by octet. */

import { assert, assertEquals } from "@std/assert";
import { ProtocolError } from "../../lib/errors.ts";
import { defaultLimits } from "../../lib/limits.ts";
import { encodeLatin1 } from "../../lib/wire/grammar.ts";
import { HeadParser } from "../../lib/wire/request_head.ts";
import { replayHead } from "../../lib/xray/replay.ts";
import { readMessages } from "../messages/read_messages.ts";

const replay = (text: string, limits = {}) =>
  replayHead(encodeLatin1(text), { ...defaultLimits, ...limits });

Deno.test("a replay goes through the states of a head", () => {
  const { steps, line, decided, left } = replay(
    "\r\nPOST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab",
  );
  const states = steps.map(({ state }) => state);
  assertEquals([...new Set(states)], [
    "empty line",
    "request line",
    "fields",
    "complete",
  ]);
  assertEquals(states.lastIndexOf("empty line"), 1);
  // The request line is known when its CRLF has come, and not before.
  assertEquals(states.indexOf("fields"), "\r\nPOST /a HTTP/1.1\r\n".length - 1);
  assertEquals(line, {
    method: "POST",
    target: "/a",
    form: "origin",
    version: "HTTP/1.1",
  });
  assertEquals([decided?.framing, decided?.length], ["length", 2]);
  assertEquals(left, 0);
});

Deno.test("a refusal comes with the octet at which the server refuses", () => {
  const text = "GET / HTTP/1.1\r\nHost : h\r\nA: b\r\n\r\n";
  const { steps, refused } = replay(text);
  assertEquals(refused?.status, 400);
  // A line is judged when it has ended.
  assertEquals(steps.length, text.indexOf("A: b"));
  assertEquals(steps.at(-1)?.state, "refused");
});

Deno.test("the limits of the server hold in a replay", () => {
  const { refused } = replay("GET /aaaaaaaaaa HTTP/1.1\r\n", {
    requestLine: 10,
  });
  assertEquals(refused?.status, 414);
});

Deno.test("a long head is replayed in part, and in no time", () => {
  const text = `GET / HTTP/1.1\r\nHost: h\r\nA: ${"b".repeat(10_000)}\r\n\r\n`;
  const before = performance.now();
  const { steps, left } = replay(text);
  assertEquals(steps.length + left, text.length);
  assertEquals(steps.length, 1024);
  assert(performance.now() - before < 2000);
  const empty = replay("\r\n".repeat(5000));
  assertEquals([empty.steps.length, empty.refused?.status], [18, 400]);
  assertEquals(replay("").steps, []);
});

const folder = new URL("../messages/", import.meta.url);
const ignore =
  (await Deno.permissions.query({ name: "read", path: folder })).state !==
    "granted";

Deno.test("each replay ends as the parser does", { ignore }, async () => {
  let count = 0;
  for (const kind of ["valid", "invalid"]) {
    const files = new URL(`${kind}/`, folder);
    for await (const { name } of Deno.readDir(files)) {
      const text = await Deno.readTextFile(new URL(name, files));
      for (const { octets } of readMessages(text)) {
        const request = octets.replace(/^(?:\r\n)+/, "");
        if (request.length > 1000 || octets.length - request.length > 4) {
          continue;
        }
        const { refused, decided } = replay(octets);
        assertEquals(
          refused ? refused.reason : decided ? "complete" : "incomplete",
          outcomeOf(encodeLatin1(request)),
          JSON.stringify(octets),
        );
        count++;
      }
    }
  }
  assert(count > 300, `${count}`);
});

function outcomeOf(octets: Uint8Array): string {
  try {
    const head = new HeadParser(defaultLimits).parse(octets, 0, octets.length);
    return head ? "complete" : "incomplete";
  } catch (error) {
    assert(error instanceof ProtocolError);
    return error.message;
  }
}
