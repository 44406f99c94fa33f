/** Slow clients of each kind, and an honest one beside them. */

import {
  allKinds,
  hasSlowHttpTest,
  type Kind,
  slowlyRead,
  underAttack,
} from "./attack.ts";
import { fault } from "./fault.ts";
import { form, times } from "./form.ts";
import { becomesTrue, descriptors, memory } from "./holdings.ts";
import { honest } from "./honest.ts";
import { mayRun, noise, Server } from "./server.ts";

const ignore = !mayRun || Deno.build.os !== "linux" ||
  !await hasSlowHttpTest();

const connections = times(300, 4000);
const seconds = times(5, 60);

/** In the short form as many as are refused room in the long one. */
const most = times(100, 1024);

/**
 * Seconds that an honest client may have to wait. Slow transfers hold all the
 * connections until it has been seen for ten to twenty that they are slow.
 */
function patienceWith(kind: Kind): number {
  return kind === "slow content" || kind === "slow readers" ? 30 : 10;
}

for (const kind of allKinds) {
  const patience = patienceWith(kind);
  fault({
    fault: `${connections.toLocaleString("en")} slow clients, ${kind}`,
    promise: `an honest client gets each answer within ${patience} s, and ` +
      "all is given back",
    ignore,
  }, async (tally) => {
    const directory = await Deno.realPath(await Deno.makeTempDir());
    await Deno.writeFile(`${directory}/large.bin`, noise(slowlyRead, 1));
    await using server = await Server.start(
      directory,
      ...["--max-connections", `${most}`],
    );
    await honest(server.port, tally);
    const before = await descriptors(server.pid);
    const path = kind === "slow content" ? "files/b.bin" : "files/large.bin";
    const answers: number[] = [];
    let open = 0;
    const attack = { url: server.url(`/${path}`), connections, seconds };
    tally.inject(connections);
    await underAttack(kind, attack, async () => {
      answers.push(await honest(server.port, tally, patience * 1000));
      open = Math.max(open, await descriptors(server.pid) - before);
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
    let after = 0;
    tally.expect(
      await becomesTrue(
        async () => (after = await descriptors(server.pid)) <= before,
        60_000,
      ),
      () => `${before} descriptors before, ${after} afterwards`,
    );
    console.log(
      `${kind}: ${answers.length} honest answers, the slowest after ` +
        `${Math.max(...answers).toFixed()} ms; ${open} connections open, ` +
        `${
          (await memory(server.pid, "VmHWM")).toFixed()
        } MiB at most (${form})`,
    );
    await server.kill("SIGTERM");
    await Deno.remove(directory, { recursive: true });
  });
}
