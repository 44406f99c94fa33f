/** Work that takes long, and lets others in. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { turns } from "../../lib/files/bounded_work.ts";

Deno.test("work takes turns with all else, and with other work", async () => {
  const steps: string[] = [];
  function* work(name: string, count: number) {
    for (let at = 0; at < count; at++) {
      steps.push(name);
      const until = performance.now() + 1;
      while (performance.now() < until);
      yield;
    }
    return name;
  }
  const long = turns.run(work("long", 40));
  const timer = new Promise((resolve) => setTimeout(resolve, 0))
    .then(() => steps.push("timer"));
  assertEquals(await turns.run(work("short", 1)), "short");
  await timer;
  assertEquals(await long, "long");
  const last = steps.lastIndexOf("long");
  assert(steps.indexOf("timer") < last);
  assert(steps.indexOf("short") < last);
  const thrown = new Error("thrown");
  // deno-lint-ignore require-yield -- it never gets that far
  const failing = turns.run((function* () {
    throw thrown;
  })());
  assertEquals(await assertRejects(() => failing), thrown);
});
