/**
 * This server and others, each under the same load, one after the other, round
 * by round; prints a table in Markdown.
 *
 *     deno task bench [--quick] [--only NAME,…] [--servers NAME,…]
 *                     [--rounds N] [--seconds N] [--ratios]
 *
 * Each server is a process of its own on loopback, on one core; the load is on
 * another. It needs Linux, which keeps the accounts of each process.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { heldWorkloads } from "./held_workloads.ts";
import { largeFileWorkloads } from "./large_file_workloads.ts";
import { describeMachine } from "./machine.ts";
import { requestWorkloads } from "./request_workloads.ts";
import { runRounds } from "./rounds.ts";
import { makeSite } from "./site.ts";
import { startWorkload } from "./start_workload.ts";
import { ratioHead, ratioRows, tableHead, tableRows } from "./table.ts";
import { findTools, type Tools } from "./tools.ts";
import type { Workload } from "./workload.ts";

const workloads = [
  ...requestWorkloads,
  ...largeFileWorkloads,
  ...heldWorkloads,
  startWorkload,
];

const options = parseArgs(Deno.args, {
  boolean: ["quick", "help", "ratios"],
  string: ["only", "servers", "rounds", "seconds"],
  alias: { help: "h" },
});
const { quick, help, only, servers, rounds, seconds } = options;
const names = only?.split(",");
const serverNames = servers?.toLowerCase().split(",");

if (help) {
  console.log(
    "deno task bench [--quick] [--only NAME,…] [--servers NAME,…] " +
      "[--rounds N] [--seconds N] [--ratios]\n",
  );
  for (const { name, title } of workloads) {
    console.log(`${name.padEnd(16)}${title}`);
  }
  Deno.exit();
}

function isWanted({ name, isExtra }: Workload): boolean {
  return names ? names.includes(name) : !(quick && isExtra);
}

/** Ours stays: the others are compared with it. */
function wantedServers({ servers }: Workload) {
  return servers.filter(({ name, isExtra }, at) =>
    at === 0 ||
    (serverNames
      ? serverNames.some((part) => name.toLowerCase().includes(part))
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

for (const name of names ?? []) {
  if (workloads.some((workload) => workload.name === name)) continue;
  console.error(`There is no workload "${name}": --help names them`);
  Deno.exit(2);
}
const tools = await findTools();
await using site = await makeSite();
const rows: string[] = [];
const ratios: string[] = [];
for (const workload of workloads.filter(isWanted)) {
  if (!canRun(workload, tools)) continue;
  try {
    const outcomes = await runRounds(workload, wantedServers(workload), {
      tools,
      site: site.path,
      rounds: Number(rounds ?? (quick ? 1 : 5)),
      seconds: Number(seconds ?? 1),
    });
    rows.push(...tableRows(workload, outcomes));
    ratios.push(...ratioRows(workload, outcomes));
  } catch (error) {
    console.error(`${workload.name} is left out:`, error);
    Deno.exitCode = 1;
  }
}
console.log(await describeMachine(tools));
console.log(["", ...tableHead, ...rows].join("\n"));
if (options.ratios) console.log(["", ...ratioHead, ...ratios].join("\n"));
