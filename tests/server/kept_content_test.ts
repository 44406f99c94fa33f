/** Content that is read ahead of a handler: its order, its end, and its cost. */

import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { KeptContent } from "../../lib/server/kept_content.ts";

Deno.test("kept content comes out in order, in pieces of any size", async () => {
  const kept = new KeptContent();
  const waiting = kept.take(2);
  kept.add(Uint8Array.of(1, 2, 3));
  assertEquals(await waiting, Uint8Array.of(1, 2));
  kept.add(Uint8Array.of(4));
  kept.add(Uint8Array.of(5, 6, 7, 8, 9));
  assertEquals(await kept.take(3), Uint8Array.of(3, 4, 5));
  kept.complete(undefined);
  assert(!kept.isEmpty);
  assertEquals(await kept.take(100), Uint8Array.of(6, 7, 8, 9));
  assert(kept.isEmpty);
  assertEquals(await kept.take(1), undefined);
  assertEquals(kept.length, 9);
});

Deno.test("what was kept before a failure comes before it", async () => {
  const kept = new KeptContent();
  kept.add(Uint8Array.of(1));
  kept.complete(new Error("lost"));
  assertEquals(await kept.take(5), Uint8Array.of(1));
  assert(!kept.isEmpty);
  await assertRejects(() => kept.take(5), Error, "lost");
});

Deno.test("content that was kept octet by octet costs no more for each", async () => {
  const kept = new KeptContent();
  const LENGTH = 256 * 1024;
  const started = performance.now();
  for (let count = 0; count < LENGTH; count++) kept.add(new Uint8Array(1));
  kept.complete(undefined);
  for (let count = 0; count < LENGTH;) {
    count += (await kept.take(Infinity))!.length;
  }
  // A piece for each octet took 60 MiB and up to 40 s.
  assertLess(performance.now() - started, 2000);
  assert(kept.isEmpty);
});
