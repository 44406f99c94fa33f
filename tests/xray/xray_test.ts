/** X-ray beside a server that runs: who looks on must not harm what goes on. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Xray } from "../../lib/xray/xray.ts";
import { type Handler, serve, type StreamPair } from "../../mod.ts";
import { localInfo } from "../support/local_info.ts";
import { NEXT } from "../support/message_cases.ts";

/** Opens the events as a browser does. */
async function watch(xray: Xray) {
  const request = new Request("http://localhost/xray/events");
  const response = await xray.events(request, localInfo);
  return response.body!.pipeThrough(new TextDecoderStream()).getReader();
}

/** What a server that X-ray watches answers to these octets. */
async function ask(
  xray: Xray,
  octets: string,
  handler: Handler = () => new Response("whole"),
): Promise<string> {
  const down = new TransformStream<Uint8Array, Uint8Array>();
  const pair: StreamPair = {
    readable: new Blob([octets]).stream(),
    writable: down.writable,
  };
  const server = serve({
    listener: ReadableStream.from([pair]),
    observer: xray.observer,
  }, handler);
  const answer = await new Response(down.readable).text();
  await server.finished;
  return answer;
}

Deno.test("what runs while X-ray is closed is answered whole", async () => {
  const xray = new Xray();
  const events = await watch(xray);
  const answer = await ask(xray, NEXT, () => {
    xray.close();
    return new Response("whole");
  });
  assertStringIncludes(answer, "\r\n\r\nwhole");
  while (!(await events.read()).done);
});

Deno.test("a browser that leaves is let go of", async () => {
  const xray = new Xray();
  const events = await watch(xray);
  await events.cancel();
  assertStringIncludes(await ask(xray, NEXT), "\r\n\r\nwhole");
  xray.close();
});

Deno.test("a browser that reads slowly sees how each exchange ends", async () => {
  const xray = new Xray();
  const events = await watch(xray);
  await ask(xray, NEXT.repeat(3000));
  const last = new Map<number, { isOver: boolean; status?: number }>();
  let text = "";
  while (!last.get(3000)?.isOver) {
    text += (await events.read()).value;
    const lines = text.split("\n");
    text = lines.pop()!;
    for (const line of lines) {
      if (!line.startsWith("data:")) continue;
      const summary = JSON.parse(line.slice(5));
      last.set(summary.id, summary);
    }
  }
  await events.cancel();
  assertEquals(last.get(3000)?.status, 200);
  for (let id = 2801; id <= 3000; id++) {
    const summary = last.get(id);
    assert(summary?.isOver && summary.status === 200, `${id}`);
  }
});
