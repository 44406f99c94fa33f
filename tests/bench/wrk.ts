/**
 * Load by wrk: many connections, one request after the other on each, for some
 * seconds.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { allCores, onCores } from "./cores.ts";

/** What to ask. */
export interface Load {
  path: string;
  /** Connections at once. Default 64. */
  connections?: number;
  /** Requests sent at once on a connection. Default 1. */
  depth?: number;
  /**
   * Octets of content, which is a string in JSON; with any, the method is POST.
   * Default 0.
   */
  content?: number;
  headers?: Record<string, string>;
  /** Whether it may run on any core. Default: on the core of the load. */
  isOnAllCores?: boolean;
}

/** What came of it; latencies in milliseconds. */
export interface LoadResult {
  requests: number;
  seconds: number;
  p50: number;
  p99: number;
  /** Answers other than 2xx. */
  refused: number;
  /** Connections that failed. */
  broken: number;
}

const script = fromFileUrl(new URL("wrk.lua", import.meta.url));

/** Runs it against a port of this machine. Throws if an answer is not 2xx. */
export async function runWrk(
  port: number,
  load: Load,
  seconds: number,
): Promise<LoadResult> {
  const { path, connections = 64, depth = 1, content = 0, headers } = load;
  const { isOnAllCores = false } = load;
  const fields = Object.entries(headers ?? {})
    .flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const wrk = [
    ...["wrk", "-t", "1", "-c", `${connections}`, "-d", `${seconds}s`],
    ...[...fields, "-s", script, `http://127.0.0.1:${port}${path}`],
    ...["--", `${depth}`, `${content}`],
  ];
  const [command, ...args] = isOnAllCores ? await onCores(allCores, wrk) : wrk;
  const { success, stdout, stderr } = await new Deno.Command(command, { args })
    .output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`wrk failed: ${decoder.decode(stderr)}`);
  const [line] = decoder.decode(stdout).match(/^\{.*\}$/m) ?? [];
  if (!line) throw new Error("wrk failed: it reports nothing");
  return refuseFailures(JSON.parse(line));
}

function refuseFailures(result: LoadResult): LoadResult {
  if (result.requests === 0 || result.refused > 0 || result.broken > 0) {
    throw new Error(`Cannot measure failures: got ${JSON.stringify(result)}`);
  }
  return result;
}
