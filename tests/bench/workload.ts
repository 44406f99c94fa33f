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
