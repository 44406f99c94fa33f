/**
 * A workload goes in, what was measured comes out: each server in turn, and
 * again, there and back, so that whatever disturbs the machine disturbs all.
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
  /** Ends the run between two measurements, which then throws the reason. */
  signal: AbortSignal;
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
    const process = await tryOut(server, workload, options);
    if (!process) continue;
    running.use(process);
    subjects.push({ server: server.name, measurements: [], peak: 0, process });
    await named(server.name, workload.warmUp?.(process, options));
  }
  for (let round = 1; round <= options.rounds; round++) {
    for (const { server, process, measurements } of inTurn(subjects, round)) {
      options.signal.throwIfAborted();
      const measuring = workload.measure(process, options);
      measurements.push(await named(server, measuring));
    }
    report(workload, round, subjects);
  }
  for (const subject of subjects) {
    subject.peak = await peakMemory(subject.process.pids);
  }
  return subjects;
}

/** A server that was just started for each measurement. */
async function runFresh(
  workload: Workload,
  servers: Server[],
  options: RunOptions,
): Promise<Outcome[]> {
  const subjects: (Outcome & { program: Server })[] = [];
  for (const program of servers) {
    // Deno compiles what it starts for the first time, and keeps it.
    await using process = await tryOut(program, workload, options);
    if (!process) continue;
    subjects.push({ server: program.name, measurements: [], peak: 0, program });
  }
  for (let round = 1; round <= options.rounds; round++) {
    for (const subject of inTurn(subjects, round)) {
      options.signal.throwIfAborted();
      const { server, program, measurements } = subject;
      await using process = await start(program, options);
      if (!process) throw new Error(`Cannot start ${server} again`);
      const measuring = measureFresh(workload, process, options);
      measurements.push(await named(server, measuring));
      subject.peak = Math.max(subject.peak, await peakMemory(process.pids));
    }
    report(workload, round, subjects);
  }
  return subjects;
}

/** There and back, so that none is always the first, or after the same one. */
function inTurn<Subject>(subjects: Subject[], round: number): Subject[] {
  return round % 2 === 1 ? subjects : subjects.toReversed();
}

/** A server that answers; undefined where it is left out. */
async function tryOut(
  server: Server,
  workload: Workload,
  options: RunOptions,
): Promise<ServerProcess | undefined> {
  let process: ServerProcess | undefined;
  try {
    process = await start(server, options);
    if (process) await named(server.name, workload.verify(process, options));
    return process;
  } catch (error) {
    await process?.[Symbol.asyncDispose]();
    if (!server.mayFail) throw error;
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    console.error(`${workload.name} goes without ${server.name}: ${reason}`);
    Deno.exitCode = 1;
    return undefined;
  }
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
