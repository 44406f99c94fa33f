/** Slow clients by the hundred: what they make the server hold. */

import { fault } from "./fault.ts";
import { mayRun } from "./server.ts";
import { attend, type Kind, type Seen } from "./slow_load.ts";

const ignore = !mayRun || Deno.build.os !== "linux";
const count = 500;

/** MiB for 500 clients; a buffer of 256 KiB for each would be 125. */
const mostGrowth = 110;
/** MiB by which two servers with nobody to serve may differ. */
const ownSize = 40;

for (const kind of ["readers", "writers"] satisfies Kind[]) {
  fault({
    fault: `${count} slow ${kind}`,
    promise: "each holds a small buffer, and readers no more than elsewhere",
    ignore,
  }, async (tally) => {
    const crowd = { kind, count, stay: 2, rest: 0 };
    tally.inject(count);
    const ours = await attend("Sluice", crowd);
    tally.expect(ours.peak - ours.before < mostGrowth, () => told(ours));
    if (kind === "writers") return;
    const theirs = await attend("Deno.serve", crowd);
    tally.expect(
      ours.peak - ownSize < 1.3 * theirs.peak,
      () => `${told(ours)}, Deno.serve ${told(theirs)}`,
    );
  });
}

function told({ before, peak }: Seen): string {
  return `${before.toFixed()} MiB before, ${peak.toFixed()} at most`;
}
