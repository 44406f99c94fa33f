/**
 * A client that takes all it can get, and an honest one beside it, with limits on:
 * the greedy one gets its share, and the honest one does not wait for it.
 */

import { fromFileUrl } from "@std/path";
import { Lines } from "../cli/command.ts";
import { connectFrom } from "./addresses.ts";
import { fault, type Tally } from "./fault.ts";
import { form, times } from "./form.ts";
import { cpuTime } from "./holdings.ts";
import type { Takings } from "./greedy_client.ts";
import { mayRun, Server } from "./server.ts";

const ignore = !mayRun || Deno.build.os !== "linux";

const seconds = times(3, 15);

/** Of each client: requests a second, and connections. */
const rate = 100;
const connections = 20;

const greedy = "127.0.0.2";
const honest = "127.0.0.3";

const script = fromFileUrl(new URL("greedy_client.ts", import.meta.url));

/** Starts a greedy client; fulfilled when it begins. */
async function startTaking(
  kind: "requests" | "connections",
  port: number,
  count: number,
): Promise<{ takings: Promise<Takings> }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-net", script],
      ...[kind, greedy, `${port}`, `${count}`, `${seconds}`],
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = new Lines(child.stdout);
  await lines.until(/^It begins/);
  const takings = Promise.all([lines.until(/^\{/), child.status, lines.end]);
  return { takings: takings.then(([line]) => JSON.parse(line)) };
}

/** Milliseconds from one request of the honest client to the next. */
const PERIOD = 25;
/** One in so many comes on a connection of its own. */
const ANEW = 10;

/** Asks again and again. @returns how long each answer took, in ms, sorted. */
async function askFor(
  port: number,
  isOver: () => boolean,
  tally: Tally,
): Promise<number[]> {
  const times: number[] = [];
  let kept = await connectFrom(honest, port);
  const start = performance.now();
  for (let count = 1; !isOver(); count++) {
    const begun = performance.now();
    if (count % ANEW === 0) {
      kept.destroy();
      kept = await connectFrom(honest, port);
    }
    kept.write("GET /echo/honest HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const answer = await new Promise<string>((resolve) => {
      kept.once("data", (piece) => resolve(String(piece)));
      kept.once("error", (error) => resolve(`${error}`));
      kept.once("close", () => resolve("nothing"));
    });
    kept.removeAllListeners();
    times.push(performance.now() - begun);
    tally.expect(/^HTTP\/1\.1 200 /.test(answer), () => answer);
    const next = start + count * PERIOD - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, next)));
  }
  kept.destroy();
  return times.sort((one, other) => one - other);
}

/** The middle, and the slowest but one in a hundred. */
function figures(sorted: number[]): { p50: number; p99: number; text: string } {
  const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))];
  const [p50, p99] = [at(0.5), at(0.99)];
  const text = `${sorted.length} answers, p50 ${p50.toFixed(1)}, ` +
    `p99 ${p99.toFixed(1)} ms`;
  return { p50, p99, text };
}

const kinds = [
  {
    kind: "requests",
    count: 10_000,
    fault: "one client sends 10,000 requests a second",
    check(tally: Tally, { begun, answered, refused }: Takings) {
      // A bucket full, and what comes while it is asked; one for the rounding.
      const most = rate * (seconds + 2) + 1;
      tally.expect(answered <= most, () => `${answered} were answered`);
      tally.expect(answered >= rate, () => `only ${answered} were answered`);
      tally.expect(
        answered + refused === begun,
        () => `${begun} requests, ${answered} and ${refused} answers`,
      );
    },
  },
  {
    kind: "connections",
    count: 2000,
    fault: "one client wants 2,000 connections",
    check(tally: Tally, { answered, refused, open }: Takings) {
      tally.expect(open <= connections, () => `${open} were open`);
      tally.expect(answered <= connections, () => `${answered} were answered`);
      tally.expect(refused > 0, () => "none was refused");
    },
  },
] as const;

for (const { kind, count, fault: what, check } of kinds) {
  fault({
    fault: what,
    promise: "it gets its share, and its neighbor each answer in good time",
    ignore,
  }, async (tally) => {
    const directory = await Deno.realPath(await Deno.makeTempDir());
    await using server = await Server.start(
      directory,
      ...["--limit-rate", `${rate}`, "--limit-connections", `${connections}`],
    );
    const end = performance.now() + seconds * 1000;
    const quiet = figures(
      await askFor(server.port, () => performance.now() > end, tally),
    );
    const used = await cpuTime(server.pid);
    let isOver = false;
    const taking = await startTaking(kind, server.port, count);
    taking.takings.finally(() => isOver = true);
    const beside = figures(await askFor(server.port, () => isOver, tally));
    const takings = await taking.takings;
    tally.inject(takings.begun);
    check(tally, takings);
    console.log(
      `${what}: ${takings.answered} answered, ${takings.refused} refused of ` +
        `${takings.begun}, for ${
          (await cpuTime(server.pid) - used).toFixed(1)
        } s of CPU; beside it ${beside.text} (${quiet.text} before)`,
    );
    // How busy this machine is besides says more about so short a time.
    tally.expect(
      form === "short" || beside.p99 <= 2 * quiet.p99 + 20,
      () => `p99 ${beside.text}, ${quiet.text} before`,
    );
    await server.kill("SIGTERM");
    await Deno.remove(directory, { recursive: true });
  });
}
