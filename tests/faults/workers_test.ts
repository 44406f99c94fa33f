/** Workers are killed, one after the other, while clients of all kinds are served. */

import { assert } from "@std/assert";
import { childrenOf, isListening } from "../cli/worker_processes.ts";
import { fault } from "./fault.ts";
import { times } from "./form.ts";
import { chances, commandOn, mayRun, Server } from "./server.ts";
import { Traffic } from "./traffic.ts";

const chance = chances(20261130);

/** Any moment within so many milliseconds: that is what is tried. */
function moment(most: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, chance() * most));
}

function launch(directory: string): Promise<Server> {
  const { command, ready } = commandOn(directory, "--workers", "2");
  const [program, run, ...rest] = command;
  const allowed = `--allow-run=${Deno.execPath()}`;
  return Server.launch({ command: [program, run, allowed, ...rest], ready });
}

/** Whether both workers listen, and neither is the one that was killed. */
async function areListening(server: Server, killed: number): Promise<boolean> {
  const workers = await childrenOf(server.pid);
  return workers.length === 2 && !workers.includes(killed) &&
    (await Promise.all(workers.map(isListening))).every((each) => each);
}

fault({
  fault: "kill -9 of a worker in mixed traffic",
  promise:
    "no file is torn, what was answered is there, another worker takes " +
    "its place, and the command ends with 0",
  ignore: !mayRun || Deno.build.os !== "linux",
}, async (tally) => {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const traffic = await Traffic.prepare(directory, tally);
  await using server = await launch(directory);
  traffic.start(server.port);
  for (let round = 0; round < times(6, 60); round++) {
    const workers = await childrenOf(server.pid);
    const killed = workers[Math.floor(chance() * workers.length)];
    await moment(400);
    tally.inject();
    Deno.kill(killed, "SIGKILL");
    while (!await areListening(server, killed)) await moment(20);
  }
  await traffic.stop();
  await traffic.check();
  console.log(
    `${traffic.answered} answers, ${traffic.broken.length} broken off`,
  );
  assert(traffic.broken.length > 0, "Nothing was at work");
  const { code } = await server.kill("SIGTERM");
  tally.expect(code === 0, () => `exit code ${code}: ${server.messages}`);
  await Deno.remove(directory, { recursive: true });
});
