/** Honest and hostile clients of all kinds for a while, and what is left of them. */

import { assertEquals } from "@std/assert";
import { fault } from "./fault.ts";
import { form } from "./form.ts";
import { becomesTrue, cpuTime, descriptors, memory } from "./holdings.ts";
import { Hostility } from "./hostile.ts";
import { milliseconds } from "./reset.ts";
import { mayRun, namesIn, Server } from "./server.ts";
import { Traffic } from "./traffic.ts";

/** Seconds to come to what a server at work holds, and seconds of the soak. */
const { warmUp, soak } = {
  short: { warmUp: 5, soak: 10 },
  long: { warmUp: 20, soak: 60 },
  soak: { warmUp: 60, soak: 480 },
}[form];

/** So that what a hostile client keeps is let go soon. */
const timeouts = ["--idle-timeout", "--head-timeout", "--content-timeout"]
  .concat("--write-timeout").flatMap((name) => [name, "10s"]);

/** Serves all of them for so long. @returns how much hostile was done. */
async function load(
  { port, pid }: Server,
  traffic: Traffic,
  seconds: number,
  seed: number,
): Promise<number> {
  traffic.start(port);
  const hostility = new Hostility(port, 2, seed);
  const start = performance.now();
  for (let at = 0; at < seconds; at = (performance.now() - start) / 1000) {
    await milliseconds(Math.min(seconds - at, 30) * 1000)();
    console.log(
      `${((performance.now() - start) / 1000).toFixed()} s: ` +
        `${(await memory(pid)).toFixed()} MiB, ` +
        `${await descriptors(pid)} descriptors`,
    );
  }
  await traffic.stop();
  return await hostility.stop();
}

interface Held {
  memory: number;
  descriptors: number;
  /** CPU seconds in two seconds without a client. */
  cpu: number;
}

/** What is held once the connections are gone, that a server at rest has. */
async function heldAtRest({ pid }: Server, atStart: number): Promise<Held> {
  await becomesTrue(async () => await descriptors(pid) <= atStart, 60_000);
  const before = await cpuTime(pid);
  await milliseconds(2000)();
  return {
    memory: Math.round(await memory(pid)),
    descriptors: await descriptors(pid),
    cpu: Math.round((await cpuTime(pid) - before) * 100) / 100,
  };
}

fault({
  fault: `honest and hostile clients of all kinds for ${soak} s`,
  promise: "each honest answer is right; descriptors, memory and timers are " +
    "back where they were",
  ignore: !mayRun || Deno.build.os !== "linux",
}, async (tally) => {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const traffic = await Traffic.prepare(directory, tally);
  await using server = await Server.start(directory, ...timeouts);
  const atStart = await descriptors(server.pid);
  await load(server, traffic, warmUp, 20261129);
  const before = await heldAtRest(server, atStart);
  const brokenBefore = traffic.broken.length;
  tally.inject(await load(server, traffic, soak, 20261130));
  await traffic.check();
  const after = await heldAtRest(server, atStart);
  console.log(`${traffic.answered} honest answers`);
  console.log(`before ${JSON.stringify(before)}`);
  console.log(`after  ${JSON.stringify(after)}`);
  const broken = traffic.broken.slice(brokenBefore);
  tally.expect(broken.length === 0, () => `no answer to ${broken}`);
  tally.expect(
    after.descriptors === before.descriptors,
    () => `${after.descriptors} descriptors`,
  );
  // A collector is not bound to give back all at once.
  tally.expect(
    after.memory <= before.memory * 1.5,
    () => `${after.memory} MiB instead of ${before.memory}`,
  );
  // A timer that is left would go on to strike.
  tally.expect(after.cpu <= before.cpu + 0.2, () => `${after.cpu} s of CPU`);
  assertEquals(await namesIn(directory), traffic.names);
  assertEquals((await server.kill("SIGTERM")).code, 0);
  await Deno.remove(directory, { recursive: true });
});
