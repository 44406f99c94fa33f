/**
 * What a workload is: servers to compare, and a way to measure one of them.
 *
 * @module
 */
import type { ServerProcess } from "./processes.ts";
import type { Server } from "./servers.ts";
import type { ToolName } from "./tools.ts";

/** What a figure counts. */
export type Unit =
  | "requests/s"
  | "MiB/s"
  | "KiB a connection"
  | "ms";

/** What was measured once. */
export interface Measurement {
  figure: number;
  /** Microseconds of CPU for each request, or each MiB of a large file. */
  cpu?: number;
  /** Latencies in milliseconds. */
  p50?: number;
  p99?: number;
}

/** What a run makes available to its workloads. */
export interface Bench {
  /** A folder with a folder `files` in it. */
  site: string;
  /** For how long each load runs. */
  seconds: number;
}

/** What the table of ratios shows of a workload. */
export interface Ratio {
  /** The name of the server that ours is beside. */
  server: string;
  by: "cpu" | "figure";
}

/** Ratios by CPU, beside servers of these names. */
export function byCpu(...servers: string[]): Ratio[] {
  return servers.map((server) => ({ server, by: "cpu" }));
}

/** Ratios by what the workload counts. */
export function byFigure(...servers: string[]): Ratio[] {
  return servers.map((server) => ({ server, by: "figure" }));
}

/** Something to compare servers by. */
export interface Workload {
  /** For `--only`. */
  name: string;
  /** For people. */
  title: string;
  unit: Unit;
  /** What it cannot do without. */
  needs: ToolName[];
  /** The first is ours. */
  servers: Server[];
  /** What is watched. Default: nothing. */
  ratios?: Ratio[];
  /** Left out of a quick run. */
  isExtra?: boolean;
  /** Whether each measurement needs a server that was just started. */
  isFresh?: boolean;
  /** Throws unless the server answers as it should. */
  verify(server: ServerProcess, bench: Bench): Promise<void>;
  /** What happens before the first measurement of a server. Default: nothing. */
  warmUp?(server: ServerProcess, bench: Bench): Promise<unknown>;
  measure(server: ServerProcess, bench: Bench): Promise<Measurement>;
}
