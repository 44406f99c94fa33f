/**
 * `--workers 2` beside one process, under the same load and round by round; what
 * becomes of the load when a worker is killed; and what workers cost.
 *
 *     deno task bench:workers [ROUNDS [SECONDS]]
 *
 * The work is the page about the server, made and compressed for each request: much more
 * than 200 µs of CPU, so that the load takes little of it. All processes may run on any core. It needs Linux
 * and wrk.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { fromFileUrl } from "@std/path";
import {
  childrenOf,
  clientPortsOf,
  isListening,
  listenersOf,
} from "../cli/worker_processes.ts";
import { cpuTime, memory } from "./accounting.ts";
import { allCores, coreCount, onCores } from "./cores.ts";
import { freePort, ServerProcess } from "./processes.ts";
import { makeSite } from "./site.ts";
import { type LoadResult, runWrk } from "./wrk.ts";

const [rounds = 5, seconds = 4] = Deno.args.map(Number);

const main = fromFileUrl(new URL("../../main.ts", import.meta.url));

/** Connections at once: enough for each worker to have its half. */
const CONNECTIONS = 64;

const load = {
  path: "/about",
  connections: CONNECTIONS,
  headers: { "Accept": "text/html", "Accept-Encoding": "gzip" },
  isOnAllCores: true,
};

/** One round of one server. */
interface Round extends LoadResult {
  /** Microseconds of CPU for each request. */
  cpu: number;
  /** The part of all CPU time used here that the load took. */
  loadShare: number;
  /** The part of the machine that was used by others. */
  others: number;
}

/** The part of the machine that others may use in a round that counts. */
const QUIET = 0.1;

/** Milliseconds that a round waits for others to be quiet, and looks for it. */
const PATIENCE = 15_000;
const LOOK = 300;

/** Starts it; fulfilled when all workers listen. */
async function start(site: string, workers: number): Promise<ServerProcess> {
  const port = freePort();
  const folder = `${site}/files`;
  const server = await ServerProcess.start({
    command: Deno.execPath(),
    // One process has no more permissions than a worker: they cost time, too.
    args: [
      ...["run", "--quiet", "--allow-net", `--allow-run=${Deno.execPath()}`],
      ...[`--allow-read=${folder}`, `--allow-write=${folder}`, main],
      ...["--port", `${port}`, "--directory", folder, "--log", "off"],
      ...["--workers", `${workers}`],
    ],
    cpuLists: [allCores],
  }, port);
  while (await listenersOf(port) !== workers) await delay(1);
  return server;
}

/** Its processes that serve: itself, if it has started none. */
async function workersOf({ pid }: ServerProcess): Promise<number[]> {
  const children = await childrenOf(pid);
  return children.length > 0 ? children : [pid];
}

async function processesOf(server: ServerProcess): Promise<number[]> {
  return [...new Set([server.pid, ...await workersOf(server)])];
}

/** Microseconds of CPU that programs have taken which this one has started. */
async function ownChildrenTime(): Promise<number> {
  const stat = await Deno.readTextFile("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10_000;
}

/** Microseconds in which all cores were busy, or kept from being so. */
async function machineTime(): Promise<number> {
  const [line] = (await Deno.readTextFile("/proc/stat")).split("\n");
  const [user, nice, system, _idle, _wait, ...rest] = line.trim().split(/\s+/)
    .slice(1, 9).map(Number);
  return (user + nice + system + rest.reduce((sum, each) => sum + each)) *
    10_000;
}

/** Waits for others to be quiet, but not for ever. */
async function awaitQuiet(): Promise<void> {
  for (let waited = 0; waited < PATIENCE; waited += LOOK) {
    const before = await machineTime();
    await delay(LOOK);
    const busy = (await machineTime() - before) / (LOOK * 1000 * coreCount);
    if (busy <= QUIET) return;
  }
}

async function measure(server: ServerProcess): Promise<Round> {
  const pids = await processesOf(server);
  const busyBefore = await machineTime();
  const [cpuBefore, loadBefore] = [
    await cpuTime(pids),
    await ownChildrenTime(),
  ];
  const result = await runWrk(server.port, load, seconds);
  const cpu = await cpuTime(pids) - cpuBefore;
  const loadTime = await ownChildrenTime() - loadBefore;
  const busy = await machineTime() - busyBefore;
  return {
    ...result,
    cpu: cpu / result.requests,
    loadShare: loadTime / (cpu + loadTime),
    others: (busy - cpu - loadTime) / (result.seconds * coreCount * 1e6),
  };
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[half]
    : (sorted[half - 1] + sorted[half]) / 2;
}

function rate({ requests, seconds }: LoadResult): number {
  return requests / seconds;
}

async function compare(one: ServerProcess, two: ServerProcess): Promise<void> {
  const pairs: { one: Round; two: Round }[] = [];
  for (const server of [one, two]) await runWrk(server.port, load, 2);
  console.log(
    "| round | one: req/s | two: req/s | ratio | one: p99 ms | two: p99 ms | one: CPU µs | two: CPU µs | load | others |\n" +
      "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
  );
  for (let round = 1; round <= rounds; round++) {
    // There and back, so that neither is always the first.
    const isEven = round % 2 === 0;
    await awaitQuiet();
    const first = await measure(isEven ? two : one);
    const second = await measure(isEven ? one : two);
    const pair = isEven
      ? { one: second, two: first }
      : { one: first, two: second };
    pairs.push(pair);
    printRow(`${round}`, [pair]);
  }
  printRow("median", pairs);
  const quiet = pairs.filter(({ one, two }) =>
    Math.max(one.others, two.others) <= QUIET
  );
  if (quiet.length > 0) printRow(`of ${quiet.length} quiet`, quiet);
}

/** A row of medians. */
function printRow(name: string, pairs: { one: Round; two: Round }[]): void {
  const of = (figure: (pair: { one: Round; two: Round }) => number) =>
    median(pairs.map(figure));
  const cells = [
    of(({ one }) => rate(one)).toFixed(),
    of(({ two }) => rate(two)).toFixed(),
    of(({ one, two }) => rate(two) / rate(one)).toFixed(2),
    of(({ one }) => one.p99).toFixed(1),
    of(({ two }) => two.p99).toFixed(1),
    of(({ one }) => one.cpu).toFixed(),
    of(({ two }) => two.cpu).toFixed(),
    `${(100 * of(({ two }) => two.loadShare)).toFixed(1)} %`,
    `${
      (100 * of(({ one, two }) => Math.max(one.others, two.others))).toFixed()
    } %`,
  ];
  console.log(`| ${name} | ${cells.join(" | ")} |`);
}

/** Kills a worker in the midst of the load. */
async function killOne(server: ServerProcess): Promise<void> {
  const [killed, spared] = await workersOf(server);
  const running = runBroken(server.port);
  await delay(1000);
  const lost = await clientPortsOf(killed);
  const others = await clientPortsOf(spared);
  const start = performance.now();
  Deno.kill(killed, "SIGKILL");
  while ((await childrenOf(server.pid)).includes(killed)) await delay(1);
  const kept = others.intersection(await clientPortsOf(spared));
  while (!await areListening(server, killed)) await delay(1);
  const back = performance.now() - start;
  const { broken, requests } = await running;
  // Some clients reach it once more while it dies.
  console.log(
    `kill -9: back after ${back.toFixed()} ms; it had ${lost.size} connections, ` +
      `${broken} were broken; ${kept.size} of ${others.size} of the other one ` +
      `are there; ${requests} answers`,
  );
}

/** Whether all listen again, and none of them is the one that was killed. */
async function areListening(
  server: ServerProcess,
  killed: number,
): Promise<boolean> {
  const workers = await workersOf(server);
  return workers.length === 2 && !workers.includes(killed) &&
    (await Promise.all(workers.map(isListening))).every((each) => each);
}

/** The same load, which may have failures. */
async function runBroken(port: number): Promise<LoadResult> {
  const url = `http://127.0.0.1:${port}${load.path}`;
  const script = new URL("wrk.lua", import.meta.url).pathname;
  const [command, ...args] = await onCores(allCores, [
    ...["wrk", "-t", "1", "-c", `${CONNECTIONS}`, "-d", "6s"],
    ...Object.entries(load.headers).flatMap(([name, value]) => [
      "-H",
      `${name}: ${value}`,
    ]),
    ...["-s", script, url],
  ]);
  const { stdout } = await new Deno.Command(command, { args }).output();
  return JSON.parse(/^\{.*\}$/m.exec(new TextDecoder().decode(stdout))![0]);
}

async function printMemory(server: ServerProcess): Promise<void> {
  const workers = await workersOf(server);
  const each = await Promise.all(workers.map((pid) => memory([pid])));
  const parent = workers.includes(server.pid) ? 0 : await memory([server.pid]);
  const inMiB = (kib: number) => (kib / 1024).toFixed();
  console.log(
    `memory, MiB: ${each.map(inMiB).join(" + ")}` +
      (parent > 0 ? `, and ${inMiB(parent)} of the one that attends` : ""),
  );
}

/** Milliseconds until all workers listen. */
async function timeToStart(site: string, workers: number): Promise<number> {
  await using server = await start(site, workers);
  return performance.now() - server.startTime;
}

await using site = await makeSite();
console.log(`${coreCount} cores; load beside: ${Deno.loadavg().join(" ")}`);
for (const workers of [1, 2]) {
  const times = [];
  for (let count = 0; count < 5; count++) {
    times.push(await timeToStart(site.path, workers));
  }
  console.log(`start of ${workers}, ms: ${median(times).toFixed()}`);
}
await using one = await start(site.path, 1);
await using two = await start(site.path, 2);
for (const server of [one, two]) await printMemory(server);
await compare(one, two);
for (const server of [one, two]) await printMemory(server);
for (let count = 0; count < 3; count++) await killOne(two);
console.log(`load beside: ${Deno.loadavg().join(" ")}`);
