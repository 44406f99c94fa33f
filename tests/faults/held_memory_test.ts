/** Slow clients by the hundred: what they make the server hold. */

import { fault } from "./fault.ts";
import { mayRun } from "./server.ts";
import { attend, type Crowd, type Kind } from "./slow_load.ts";

const ignore = !mayRun || Deno.build.os !== "linux";

/**
 * MiB beyond that, however few the clients: for readers the budget of buffers,
 * `limits.buffered`, and half as much of what is not collected yet.
 */
const allowed: Record<Kind, number> = { readers: 48, writers: 0, heads: 0 };

for (const kind of ["readers", "writers"] satisfies Kind[]) {
  const crowd: Crowd = { kind, count: 500, stay: 1, rest: 0 };
  fault({
    fault: `${crowd.count} slow ${kind}`,
    promise: "it holds at most 1.3 × what Deno.serve does, what the two " +
      `differ by when idle, and ${allowed[kind]} MiB`,
    ignore,
  }, async (tally) => {
    const [ours, theirs] = await Promise.all([
      attend("Sluice", crowd),
      attend("Deno.serve", crowd),
    ]);
    tally.inject(crowd.count);
    const most = 1.3 * theirs.peak + ours.before - theirs.before +
      allowed[kind];
    tally.expect(
      ours.peak <= most,
      () => `${ours.peak.toFixed()} MiB, and not ${most.toFixed()}`,
    );
  });
}
