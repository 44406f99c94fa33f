/** What a handler does to the fields of its request is seen by no other request. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Handler, serve, type StreamPair } from "../../mod.ts";

/** A server without a socket. @returns how to ask it on a connection of its own. */
function start(handler: Handler) {
  let connect!: (pair: StreamPair) => void;
  let close!: () => void;
  const listener = new ReadableStream<StreamPair>({
    start(controller) {
      connect = (pair) => controller.enqueue(pair);
      close = () => controller.close();
    },
  });
  const server = serve({ listener }, handler);
  return {
    async ask(octets: string): Promise<string> {
      const down = new TransformStream<Uint8Array, Uint8Array>();
      const readable = new Blob([octets]).stream();
      connect({ readable, writable: down.writable });
      return await new Response(down.readable as ReadableStream).text();
    },
    async [Symbol.asyncDispose]() {
      close();
      await server.shutdown();
    },
  };
}

const request = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab";

type Lines = [name: string, value: string][];

const changes: Record<string, (lines: Lines) => void> = {
  "add a line": (lines) => lines.push(["Transfer-Encoding", "chunked"]),
  "remove a line": (lines) => lines.pop(),
  "empty the lines": (lines) => lines.length = 0,
  "replace a line": (lines) => lines[1] = ["Content-Length", "200"],
  "change a value": (lines) => lines[1][1] = "200",
  "change a name": (lines) => lines[0][0] = "X",
  "add to a line": (lines) => (lines[0] as string[]).push("x"),
};

for (const [name, change] of Object.entries(changes)) {
  Deno.test(`info.fieldLines: a handler cannot ${name}`, async () => {
    const seen: Lines[] = [];
    await using server = start(async (request, info) => {
      const lines = info.fieldLines as Lines;
      seen.push(structuredClone(lines));
      assertThrows(() => change(lines), TypeError);
      return new Response(`[${await request.text()}]`);
    });
    for (let time = 0; time < 3; time++) {
      const answer = await server.ask(request.repeat(2));
      assertEquals(answer.match(/\[ab\]/g)?.length, 2, answer);
    }
    const sent = [["Host", "h"], ["Content-Length", "2"]];
    assertEquals(seen, Array(6).fill(sent));
  });
}

Deno.test("servers share nothing that a client sent", async () => {
  const seen = new Set<unknown>();
  const handler: Handler = (_request, { fieldLines }) => {
    assert(fieldLines && Object.isFrozen(fieldLines));
    seen.add(fieldLines);
    return new Response();
  };
  await using one = start(handler);
  await using other = start(handler);
  for (const server of [one, other, one, other]) await server.ask(request);
  assertEquals(seen.size, 2);
});
