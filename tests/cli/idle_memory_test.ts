/** What is left of a load once it is over. */

import { assertGreater, assertLess } from "@std/assert";
import { IdleMemory } from "../../lib/cli/idle_memory.ts";

const MEBIBYTE = 1024 * 1024;

/** MiB that V8 has taken from the system for objects. */
const heap = () => Deno.memoryUsage().heapTotal / MEBIBYTE;

/** As much garbage as V8 has not noticed yet; in use until it is returned. */
function load(): void {
  const objects = Array.from({ length: 400_000 }, (_, at) => ({ at }));
  assertGreater(objects.length, 0);
}

Deno.test("a load's garbage is given back once nothing happens any more", () => {
  const memory = new IdleMemory();
  const before = heap();
  load();
  const loaded = heap();
  assertGreater(loaded, before + 8);
  memory.look();
  assertGreater(heap(), loaded - 1, "it was busy a moment ago");
  memory.look();
  assertLess(heap(), before + 8);
});

Deno.test("what an ordinary heap has grown by is left alone", () => {
  const memory = new IdleMemory();
  const kept = Array.from({ length: 20_000 }, (_, at) => ({ at }));
  memory.look();
  const before = heap();
  memory.look();
  assertGreater(heap(), before - 1);
  assertGreater(kept.length, 0);
});
