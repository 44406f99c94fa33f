/**
 * What connections cost that are open and do nothing.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { memory } from "./accounting.ts";
import { verifyAnswer } from "./answers.ts";
import type { ServerProcess } from "./processes.ts";
import { denoServe, nginx, nodeHttp, sluice } from "./servers.ts";
import type { Measurement, Workload } from "./workload.ts";

const script = fromFileUrl(new URL("idle_connections.ts", import.meta.url));

/** As many connections, after one request each. */
function idle(name: string, count: number): Workload {
  return {
    name,
    title: `${count.toLocaleString("en")} idle connections, a request each`,
    unit: "KiB a connection",
    needs: [],
    servers: [sluice, denoServe("echo"), nodeHttp("echo"), nginx],
    isExtra: count > 5000,
    // What was once used is used again, and would not be seen.
    isFresh: true,
    verify: ({ port }) =>
      verifyAnswer(port, { path: "/echo/abc" }, {
        content: new TextEncoder().encode("abc"),
      }),
    measure: (server) => measureIdle(server, count),
  };
}

async function measureIdle(
  { pid, port }: ServerProcess,
  count: number,
): Promise<Measurement> {
  const before = await memory(pid);
  const raised = 'ulimit -n "$(ulimit -Hn)"; exec "$@"';
  const command = [Deno.execPath(), "run", "--quiet", "--allow-net", script];
  await using clients = new Deno.Command("sh", {
    args: ["-c", raised, "sh", ...command, `${port}`, `${count}`],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const { value } = await clients.stdout.values().next();
  if (!value) throw new Error(`Cannot open ${count} connections`);
  const after = await memory(pid);
  await clients.stdin.close();
  return { figure: (after - before) / count };
}

/** All of them. */
export const idleWorkloads: Workload[] = [
  idle("idle", 5000),
  idle("idle-10k", 10_000),
];
