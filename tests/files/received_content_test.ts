/** Content on its way to the disk: what is asked for, and how much at once. */

import { assert, assertEquals } from "@std/assert";
import { contentOf, writeContent } from "../../lib/files/received_content.ts";

const SMALL = 8 * 1024;
const LARGE = 256 * 1024;

function requestOf(
  controller: ReadableStreamController<Uint8Array<ArrayBuffer>>,
): ReadableStreamBYOBRequest {
  return (controller as ReadableByteStreamController).byobRequest!;
}

/** Content that fills what it is lent, or brings `most` octets at a time. */
function content(most: number[]) {
  const asked: number[] = [];
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    type: "bytes",
    pull(controller) {
      const request = requestOf(controller);
      const { byteLength } = request.view!;
      asked.push(byteLength);
      const next = most.shift();
      if (next === undefined) controller.close();
      request.respond(Math.min(next ?? 0, byteLength));
    },
  });
  return { body, asked };
}

Deno.test("content that comes slowly is waited for with a small buffer", async () => {
  const { body, asked } = content([1000, 1000, 1000]);
  let received = 0;
  for await (const octets of contentOf({ body })) received += octets.length;
  assertEquals(received, 3000);
  assert(Math.max(...asked) <= SMALL);
});

Deno.test("content that comes fast is read in long pieces, until it comes slowly", async () => {
  const fast = Array.from({ length: 8 }, () => Infinity);
  const { body, asked } = content([...fast, 1000, 1000]);
  for await (const _ of contentOf({ body }));
  assert(asked[0] <= SMALL);
  assertEquals(Math.max(...asked), LARGE);
  assert(asked.at(-1)! <= SMALL);
});

Deno.test("uploads that have stopped share a budget, and give it back", async () => {
  const stop = Promise.withResolvers<void>();
  const stopped: Promise<void>[] = [];
  const held: number[] = [];
  const reading: Promise<unknown>[] = [];
  for (let at = 0; at < 100; at++) {
    const isStopped = Promise.withResolvers<void>();
    let pulls = 0;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      type: "bytes",
      async pull(controller) {
        const request = requestOf(controller);
        const { byteLength } = request.view!;
        held[at] = byteLength;
        if (++pulls < 6) return request.respond(byteLength);
        isStopped.resolve();
        await stop.promise;
        controller.close();
        request.respond(0);
      },
    });
    stopped.push(isStopped.promise);
    reading.push((async () => {
      for await (const _ of contentOf({ body }));
    })());
  }
  await Promise.all(stopped);
  const sum = held.reduce((sum, length) => sum + length, 0);
  assert(sum <= 64 * LARGE + 100 * SMALL);
  stop.resolve();
  await Promise.all(reading);
  const { body, asked } = content(Array.from({ length: 6 }, () => Infinity));
  for await (const _ of contentOf({ body }));
  assertEquals(Math.max(...asked), LARGE);
});

Deno.test("a write that takes a part is gone on with", async () => {
  const taken: number[] = [];
  const file = {
    write(octets: Uint8Array) {
      taken.push(...octets.subarray(0, 3));
      return Promise.resolve(Math.min(3, octets.length));
    },
  };
  const octets = new TextEncoder().encode("Hello, World");
  await writeContent(contentOf(new Response(octets)), file);
  assertEquals(new Uint8Array(taken), octets);
});
