/** What crosses the wire is cut into exchanges, over a pipe and the real server. */

import { assert, assertEquals } from "@std/assert";
import { type RecordedExchange, Recorder } from "../../lib/page/recorder.ts";
import { decodeLatin1 } from "../../lib/wire/grammar.ts";
import { type Handler, serve, type StreamPair } from "../../mod.ts";

/** Sends octets in these pieces, and gives what was recorded. */
async function record(
  pieces: (string | Uint8Array)[],
  handler: Handler,
): Promise<RecordedExchange[]> {
  const recorder = new Recorder();
  const down = new TransformStream<Uint8Array, Uint8Array>();
  const readable = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) return controller.close();
      controller.enqueue(
        typeof piece === "string" ? new TextEncoder().encode(piece) : piece,
      );
    },
  }, { highWaterMark: 0 });
  const pair: StreamPair = { readable, writable: down.writable };
  const server = serve(
    { listener: ReadableStream.from([pair]), observer: recorder },
    handler,
  );
  await new Response(down.readable).bytes();
  await server.finished;
  return recorder.exchanges;
}

function textOf({ request, response }: RecordedExchange): [string, string] {
  const date = /^date: .*\r\n/m;
  return [
    decodeLatin1(request.octets),
    decodeLatin1(response.octets).replace(date, ""),
  ];
}

const echo: Handler = async (request) => new Response(await request.text());
const one = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n";
const two = "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
const three =
  "POST /3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";

for (
  const [name, pieces] of Object.entries({
    "at once": [one + two + three],
    "octet by octet": [...one + two + three],
    "cut within": [one + two.slice(0, 30), two.slice(30) + three],
  })
) {
  Deno.test(`three requests ${name} are three exchanges`, async () => {
    const exchanges = await record(pieces, echo);
    assertEquals(exchanges.map(textOf).map(([request]) => request), [
      one,
      two,
      three,
    ]);
    const answers = exchanges.map(textOf).map(([, response]) => response);
    assertEquals(answers.map((answer) => answer.split("\r\n\r\n")[1]), [
      "",
      "hello",
      "hi",
    ]);
    for (const { summary, stages, isOver } of exchanges) {
      assertEquals([summary.status, isOver], [200, true]);
      for (const { from, to } of stages) assert(from <= to);
      const names = stages.map(({ name }) => name);
      assert(names.includes("reading head") && names.includes("responding"));
    }
  });
}

Deno.test("interim responses belong to their exchange", async () => {
  const expecting =
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n";
  const [{ response, summary }] = await record([expecting, "x"], echo);
  const text = decodeLatin1(response.octets);
  assert(text.startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  assertEquals(summary.status, 200);
});

Deno.test("what is malformed is recorded as far as it came", async () => {
  const [{ request, summary }] = await record(["GET / HTTP/1.1\r\nHo"], echo);
  assertEquals(decodeLatin1(request.octets), "GET / HTTP/1.1\r\nHo");
  assertEquals(summary.status, 400);
});

Deno.test("of long content the first 64 KiB are kept, and all is counted", async () => {
  const length = 1 << 20;
  const head =
    `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\n\r\n`;
  const pieces: (string | Uint8Array)[] = [head];
  for (let at = 0; at < 16; at++) pieces.push(new Uint8Array(length / 16));
  pieces.push(one);
  const [{ request, response }, next] = await record(pieces, echo);
  assertEquals(request.length, head.length + length);
  assertEquals(request.octets.length, 64 * 1024);
  assert(response.length > length);
  assertEquals(response.octets.length, 64 * 1024);
  assertEquals(textOf(next)[0], one);
});

Deno.test("the last 200 exchanges are kept", async () => {
  const exchanges = await record([one.repeat(250)], echo);
  assertEquals(exchanges.length, 200);
  assertEquals(exchanges.at(-1)?.id, 250);
});
