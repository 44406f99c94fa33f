/**
 * A workload goes in, what was measured comes out: each server in turn, and
 * again, so that whatever disturbs the machine disturbs all of them.
 *
 * @module
 */
import { peakMemory } from "./accounting.ts";
import { freePort, ServerProcess } from "./processes.ts";
import type { Server } from "./servers.ts";
import { formatFigure } from "./table.ts";
import type { Tools } from "./tools.ts";
import type { Bench, Measurement, Workload } from "./workload.ts";

/** What a server has done, a measurement for each round. */
export interface Outcome {
  server: string;
  measurements: Measurement[];
  /** KiB of memory that it held at most. */
  peak: number;
}

/** How to run a workload. */
export interface RunOptions extends Bench {
  tools: Tools;
  rounds: number;
}

/** Runs a workload on these servers; ours comes first. */
export async function runRounds(
  workload: Workload,
  servers: Server[],
  options: RunOptions,
): Promise<Outcome[]> {
  const run = workload.isFresh ? runFresh : runSteady;
  return await run(workload, servers, options);
}

/** Servers that run all the while. */
async function runSteady(
  workload: Workload,
  servers: Server[],
  options: RunOptions,
): Promise<Outcome[]> {
  await using running = new AsyncDisposableStack();
  const subjects: (Outcome & { process: ServerProcess })[] = [];
  for (const server of servers) {
    const process = await start(server, options);
    if (!process) continue;
    running.use(process);
    subjects.push({ server: server.name, measurements: [], peak: 0, process });
    await named(server.name, workload.verify(process, options));
    await named(server.name, workload.warmUp?.(process, options));
  }
  for (let round = 1; round <= options.rounds; round++) {
    for (const { server, process, measurements } of subjects) {
      const measuring = workload.measure(process, options);
      measurements.push(await named(server, measuring));
    }
    report(workload, round, subjects);
  }
  for (const subject of subjects) {
    subject.peak = await peakMemory(subject.process.pid);
  }
  return subjects;
}

/** A server that was just started for each measurement. */
async function runFresh(
  workload: Workload,
  servers: Server[],
  options: RunOptions,
): Promise<Outcome[]> {
  const outcomes = servers.map(({ name }): Outcome => (
    { server: name, measurements: [], peak: 0 }
  ));
  for (let round = 1; round <= options.rounds; round++) {
    for (const [at, server] of servers.entries()) {
      await using process = await start(server, options);
      if (!process) continue;
      const outcome = outcomes[at];
      const measuring = measureFresh(workload, process, options);
      outcome.measurements.push(await named(server.name, measuring));
      outcome.peak = Math.max(outcome.peak, await peakMemory(process.pid));
    }
    report(workload, round, outcomes);
  }
  return outcomes.filter(({ measurements }) => measurements.length > 0);
}

async function measureFresh(
  workload: Workload,
  process: ServerProcess,
  bench: Bench,
): Promise<Measurement> {
  await workload.warmUp?.(process, bench);
  const measurement = await workload.measure(process, bench);
  await workload.verify(process, bench);
  return measurement;
}

/** Undefined where something that it needs is missing. */
async function start(
  server: Server,
  { site, tools }: RunOptions,
): Promise<ServerProcess | undefined> {
  const port = freePort();
  const program = await server.program({ port, site }, tools);
  return program &&
    await named(server.name, ServerProcess.start(program, port));
}

/** Says of which server a failure is. */
async function named<Value>(
  name: string,
  work: Promise<Value> | undefined,
): Promise<Value> {
  try {
    return await work as Value;
  } catch (cause) {
    throw new Error(`Cannot measure ${name}`, { cause });
  }
}

function report(workload: Workload, round: number, outcomes: Outcome[]): void {
  const figures = outcomes
    .filter(({ measurements }) => measurements.length > 0)
    .map(({ server, measurements }) =>
      `${server} ${formatFigure(measurements.at(-1)!.figure)}`
    );
  console.error(`${workload.name} ${round}: ${figures.join(", ")}`);
}
