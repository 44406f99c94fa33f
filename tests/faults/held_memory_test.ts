/** Slow clients by the hundred: what they make the server hold. */

import { assert } from "@std/assert";
import { mayRun } from "./server.ts";
import { attend, type Kind } from "./slow_load.ts";

const ignore = !mayRun || Deno.build.os !== "linux";

/** MiB that differ between two servers with nobody to serve. */
const ownSize = 40;

for (const kind of ["readers", "writers"] satisfies Kind[]) {
  Deno.test(`500 slow ${kind} make it hold no more than others do`, {
    ignore,
  }, async () => {
    const crowd = { kind, count: 500, stay: 2, rest: 0 };
    const ours = await attend("Sluice", crowd);
    console.log(kind, JSON.stringify(ours));
    // 256 KiB for each would be 125 MiB.
    assert(ours.peak - ours.before < 110);
    if (kind === "readers") {
      const theirs = await attend("Deno.serve", crowd);
      console.log("Deno.serve", JSON.stringify(theirs));
      assert(ours.peak - ownSize < 1.3 * theirs.peak);
    }
  });
}
