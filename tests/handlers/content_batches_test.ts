/** How chunks are taken together, and when they are not waited for. */

import { assertEquals } from "@std/assert";
import {
  BATCH_SIZE,
  ContentBatches,
} from "../../lib/handlers/content_batches.ts";

function chunks(count: number, size: number) {
  return ReadableStream.from(
    Array.from({ length: count }, (_, i) => new Uint8Array(size).fill(i)),
  );
}

Deno.test("small chunks make large batches", async () => {
  const batches = new ContentBatches(chunks(200, 1000));
  const lengths: number[] = [];
  for await (const { length } of batches.stream()) lengths.push(length);
  assertEquals(lengths, [66_000, 66_000, 66_000, 2000]);
});

Deno.test("empty chunks and an empty stream bring no batch", async () => {
  for (const stream of [chunks(0, 0), chunks(9, 0)]) {
    for await (const batch of new ContentBatches(stream).stream()) {
      assertEquals(batch.length, -1);
    }
  }
});

Deno.test("an ended batch holds all in order", async () => {
  const batches = new ContentBatches(chunks(3, 2));
  const { content, isLast } = await batches.take(Infinity);
  assertEquals([...content], [0, 0, 1, 1, 2, 2]);
  assertEquals(isLast, true);
});

Deno.test("a batch of just its size can be the last one", async () => {
  const batches = new ContentBatches(chunks(2, BATCH_SIZE / 2));
  const { content, isLast } = await batches.take(Infinity);
  assertEquals(content.length, BATCH_SIZE);
  assertEquals(isLast, true);
});

Deno.test("a batch that was taken comes first", async () => {
  const batches = new ContentBatches(chunks(100, 1000));
  const taken = await batches.take(Infinity);
  assertEquals(taken.isLast, false);
  let at = 0;
  for await (const batch of batches.stream(taken)) {
    for (const octet of batch) assertEquals(octet, Math.floor(at++ / 1000));
  }
  assertEquals(at, 100_000);
});
