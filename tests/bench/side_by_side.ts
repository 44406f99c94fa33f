/**
 * This server and others, each under the same load, one after the other, round
 * by round; prints tables in Markdown.
 *
 *     deno task bench --help
 *
 * Each server is a process of its own on loopback, on one core; the load is on
 * another. It needs Linux, which keeps the accounts of each process.
 *
 * @module
 */
import { NoSuchCommit } from "../equivalence/tree.ts";
import { describeMachine } from "./machine.ts";
import {
  type BenchOptions,
  parseOptions,
  usage,
  UsageError,
} from "./options.ts";
import { layOutOther, type OtherCommit } from "./other_commit.ts";
import { runRounds } from "./rounds.ts";
import type { Server } from "./servers.ts";
import { makeSite } from "./site.ts";
import {
  comparisonHead,
  comparisonRows,
  ratioHead,
  ratioRows,
  tableHead,
  tableRows,
} from "./table.ts";
import { findTools, type Tools } from "./tools.ts";
import type { Workload } from "./workload.ts";
import { workloads } from "./workloads.ts";

/** What is made is removed, and what is started is ended, whatever happens. */
async function run(options: BenchOptions): Promise<void> {
  const signal = signalOfEnd();
  await using other = options.compare === undefined
    ? undefined
    : await layOut(options.compare);
  const tools = await findTools();
  await using site = await makeSite();
  const rows: string[] = [];
  const ratios: string[] = [];
  const comparison: string[] = [];
  for (const workload of workloads) {
    if (!isWanted(workload, options) || !canRun(workload, tools)) continue;
    const servers = wantedServers(workload, options);
    const then = other?.serverLike(servers[0]);
    if (then) servers.splice(1, 0, then);
    try {
      const { rounds, seconds } = options;
      const bench = { tools, site: site.path, rounds, seconds, signal };
      const outcomes = await runRounds(workload, servers, bench);
      rows.push(...tableRows(workload, outcomes));
      ratios.push(...ratioRows(workload, outcomes));
      if (!then) continue;
      comparison.push(...comparisonRows(workload, outcomes, then.name));
    } catch (error) {
      if (signal.aborted) break;
      console.error(`${workload.name} is left out:`, error);
      Deno.exitCode = 1;
    }
  }
  console.log(await describeMachine(tools));
  console.log(["", ...tableHead, ...rows].join("\n"));
  if (other) console.log(["", ...comparisonHead, ...comparison].join("\n"));
  if (options.ratios) console.log(["", ...ratioHead, ...ratios].join("\n"));
}

/** Aborted when somebody wants this to end; who asks twice does not wait. */
function signalOfEnd(): AbortSignal {
  const stop = new AbortController();
  for (const [name, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    Deno.addSignalListener(name, () => {
      if (stop.signal.aborted) Deno.exit(code);
      console.error("Ends with what is measured now.");
      Deno.exitCode = code;
      stop.abort();
    });
  }
  return stop.signal;
}

async function layOut(ref: string): Promise<OtherCommit> {
  try {
    return await layOutOther(ref);
  } catch (error) {
    if (!(error instanceof NoSuchCommit)) throw error;
    throw new UsageError(
      `Cannot compare: there is no commit "${ref}"; type --compare HEAD~1, or ` +
        "a hash that git log shows (git fetch --unshallow brings older ones)",
    );
  }
}

function isWanted(
  { name, isExtra }: Workload,
  { only, quick }: BenchOptions,
): boolean {
  return only ? only.includes(name) : !(quick && isExtra);
}

/** Ours stays: the others are compared with it. */
function wantedServers(
  { servers }: Workload,
  { servers: parts, quick }: BenchOptions,
): Server[] {
  return servers.filter(({ name, isExtra }, at) =>
    at === 0 ||
    (parts
      ? parts.some((part) => name.toLowerCase().includes(part))
      : !(quick && isExtra))
  );
}

function canRun({ name, needs }: Workload, { versions }: Tools): boolean {
  const missing = needs.filter((tool) => !versions.has(tool));
  if (missing.length > 0) {
    console.error(`${name} is left out: no ${missing.join(", no ")}.`);
  }
  return missing.length === 0;
}

function printHelp(): void {
  console.log(usage);
  for (const { name, title } of workloads) {
    console.log(`  ${name.padEnd(16)}${title}`);
  }
}

try {
  const options = parseOptions(Deno.args, {
    workloads: workloads.map(({ name }) => name),
    servers: workloads.flatMap(({ servers }) =>
      servers.map(({ name }) => name)
    ),
  });
  if (options.help) printHelp();
  else await run(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  Deno.exitCode = 2;
}
