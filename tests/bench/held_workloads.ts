/**
 * What connections cost that stay open: some do nothing, and some take a large
 * file slowly.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { memory } from "./accounting.ts";
import { verifyAnswer } from "./answers.ts";
import type { ServerProcess } from "./processes.ts";
import { measureLoad } from "./request_workloads.ts";
import { bareLoop, denoServe, nginx, nodeHttp, sluice } from "./servers.ts";
import { largeFile, smallFile } from "./site.ts";
import {
  type Bench,
  byFigure,
  type Measurement,
  type Workload,
} from "./workload.ts";

const script = fromFileUrl(new URL("held_connections.ts", import.meta.url));

/** Connections of a process of their own, until it is disposed of. */
async function hold(...args: string[]): Promise<AsyncDisposable> {
  const raised = 'ulimit -n "$(ulimit -Hn)"; exec "$@"';
  const command = [Deno.execPath(), "run", "--quiet", "--allow-net", script];
  const child = new Deno.Command("sh", {
    args: ["-c", raised, "sh", ...command, ...args],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const { value } = await child.stdout.values().next();
  if (!value) throw new Error(`Cannot hold connections: ${args.join(" ")}`);
  return {
    async [Symbol.asyncDispose]() {
      await child.stdin.close();
      await child.status;
    },
  };
}

const verifyEcho = ({ port }: ServerProcess) =>
  verifyAnswer(port, { path: "/echo/abc" }, {
    content: new TextEncoder().encode("abc"),
  });

/** Milliseconds until a server has had time to give back what it can. */
const REST = 12_000;

/** As many connections, after one request each, at once or after a rest. */
function idle(
  name: string,
  { count, rest = 0, ...extra }:
    & { count: number; rest?: number }
    & Pick<Workload, "isExtra" | "ratios">,
): Workload {
  const when = rest > 0 ? ` and ${rest / 1000} s of rest` : "";
  const connections = `${count.toLocaleString("en")} idle connections`;
  return {
    name,
    title: `${connections}, a request each${when}`,
    unit: "KiB a connection",
    needs: [],
    servers: [sluice, bareLoop(), denoServe("echo"), nodeHttp("echo"), nginx],
    ...extra,
    // What was once used is used again, and would not be seen.
    isFresh: true,
    verify: verifyEcho,
    // What a first request loads, at once or afterwards, is not of a connection.
    async warmUp(server) {
      await verifyEcho(server);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    },
    measure: (server) => measureIdle(server, count, rest),
  };
}

async function measureIdle(
  { pids, port }: ServerProcess,
  count: number,
  rest: number,
): Promise<Measurement> {
  const before = await memory(pids);
  await using _held = await hold(`${port}`, `${count}`, "/echo/abc");
  await new Promise((resolve) => setTimeout(resolve, rest));
  return { figure: (await memory(pids) - before) / count };
}

const slowReaders = [sluice, denoServe("site"), nodeHttp("site"), nginx];
const verifySmallFile = ({ port }: ServerProcess) =>
  verifyAnswer(port, { path: smallFile.path }, smallFile);

/** What 50 of them make a server hold, after as long as a load runs. */
const memoryOfSlowReaders: Workload = {
  name: "slow-readers",
  title: "50 slow readers of 256 MiB",
  unit: "KiB a connection",
  needs: [],
  servers: slowReaders,
  isFresh: true,
  verify: verifySmallFile,
  async measure({ pids, port }, { seconds }) {
    const before = await memory(pids);
    await using _held = await hold(`${port}`, "50", largeFile.path, "slow");
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    return { figure: (await memory(pids) - before) / 50 };
  },
};

/** What others get of a server meanwhile. */
const besideSlowReader: Workload = {
  name: "slow-reader",
  title: "a file of 4 KiB, beside a slow reader of 256 MiB",
  unit: "requests/s",
  needs: ["wrk"],
  servers: slowReaders,
  verify: verifySmallFile,
  async measure(server: ServerProcess, bench: Bench) {
    const { port } = server;
    await using _held = await hold(`${port}`, "1", largeFile.path, "slow");
    return await measureLoad(server, { path: smallFile.path }, bench);
  },
};

/** All of them. */
export const heldWorkloads: Workload[] = [
  idle("idle", { count: 5000, ratios: byFigure("Deno.serve", "bare loop") }),
  idle("idle-rest", { count: 5000, rest: REST, isExtra: true }),
  idle("idle-10k", { count: 10_000, isExtra: true }),
  memoryOfSlowReaders,
  besideSlowReader,
];
