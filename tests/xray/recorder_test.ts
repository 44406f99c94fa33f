/** What crosses the wire is cut into exchanges, over a pipe and the real server. */

import { assert, assertEquals } from "@std/assert";
import { decodeLatin1 } from "../../lib/wire/grammar.ts";
import type { RecordedExchange } from "../../lib/xray/recorded_exchange.ts";
import { Recorder, Untaken } from "../../lib/xray/recorder.ts";
import { record } from "./recording.ts";
import { type Handler, serve, type StreamPair } from "../../mod.ts";
import type { Observer } from "../../lib/observer.ts";

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

Deno.test("the octets of the next request are no content", async () => {
  const arrived = Promise.withResolvers<void>();
  const recorder = new Recorder();
  let count = 0;
  const observer: Observer = {
    connection(client) {
      const watcher = recorder.connection(client);
      return {
        ...watcher,
        sent: (octets) => watcher.sent(octets),
        moved: (state, position) => watcher.moved(state, position),
        received(octets, position) {
          watcher.received(octets, position);
          if (++count === 2) arrived.resolve();
        },
      };
    },
  };
  const exchanges = await record([one, one, two], async (request) => {
    await arrived.promise;
    return new Response(await request.text());
  }, { observer, recorder });
  assertEquals(
    exchanges.map(({ stages }) =>
      stages.some(({ name }) => name === "content")
    ),
    [false, false, false],
  );
});

Deno.test("content that comes after the head is a stage", async () => {
  const [{ stages }] = await record([two.slice(0, -5), "hel", "lo"], echo);
  assertEquals(stages.map(({ name }) => name), [
    "accept",
    "reading head",
    "content",
    "handling",
    "responding",
  ]);
});

Deno.test("an answer is over when its last octet is sent", async () => {
  const recorder = new Recorder();
  const offered = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  const pair: StreamPair = {
    readable: new Blob([one]).stream(),
    writable: new WritableStream({
      async write() {
        offered.resolve();
        await taken.promise;
      },
    }),
  };
  const server = serve(
    { listener: ReadableStream.from([pair]), observer: recorder },
    echo,
  );
  await offered.promise;
  const { stages } = recorder.exchanges[0];
  const before = stages.at(-1)!.to;
  const now = performance.now();
  while (performance.now() === now);
  taken.resolve();
  await server.finished;
  assertEquals(stages.at(-1)!.name, "responding");
  assert(stages.at(-1)!.to > before);
  assertEquals(recorder.exchanges[0].summary.duration, stages.at(-1)!.to);
});

Deno.test("octets that were taken are not kept for what may follow", () => {
  const untaken = new Untaken();
  for (let count = 0; count < 100; count++) {
    untaken.add(new Uint8Array(1000).fill(count), count * 1000);
  }
  assertEquals(untaken.size, 1000);
  untaken.add(Uint8Array.of(7), 99_998);
  assertEquals(untaken.from(99_998), Uint8Array.of(99, 99, 7));
  untaken.forget(untaken.received);
  assertEquals(untaken.size, 0);
});
