/**
 * A large file, to the client and from it, by curl.
 *
 * @module
 */
import { cpuTime } from "./accounting.ts";
import type { ServerProcess } from "./processes.ts";
import {
  bareUpload,
  denoServe,
  nginx,
  nodeHttp,
  type Server,
  sluice,
} from "./servers.ts";
import { largeFile } from "./site.ts";
import type { Bench, Measurement, Workload } from "./workload.ts";

const mebibytes = largeFile.size / 2 ** 20;

function largeFileWorkload(
  name: string,
  title: string,
  servers: Server[],
  args: (url: string, bench: Bench) => string[],
): Workload {
  const run = async ({ port }: ServerProcess, bench: Bench) =>
    await curl(args(`http://127.0.0.1:${port}`, bench));
  return {
    name,
    title,
    unit: "MiB/s",
    needs: ["curl"],
    servers,
    async verify(server, bench) {
      await run(server, bench);
    },
    async measure(server, bench): Promise<Measurement> {
      const before = await cpuTime(server.pids);
      const seconds = await run(server, bench);
      const cpu = await cpuTime(server.pids) - before;
      return { figure: mebibytes / seconds, cpu: cpu / mebibytes };
    },
  };
}

/** Seconds of one transfer of the whole file. Throws if it was not that. */
async function curl(args: string[]): Promise<number> {
  const format = "%{http_code} %{size_download} %{size_upload} %{time_total}";
  const { stdout } = await new Deno.Command("curl", {
    args: ["--silent", "--output", "/dev/null", "--write-out", format, ...args],
    stderr: "null",
  }).output();
  const [status, down, up, seconds] = new TextDecoder().decode(stdout)
    .split(" ").map(Number);
  if (status > 201 || Math.max(down, up) !== largeFile.size) {
    throw new Error(`Cannot measure a transfer: got ${status}, ${down}, ${up}`);
  }
  return seconds;
}

/** All of them. */
export const largeFileWorkloads: Workload[] = [
  largeFileWorkload(
    "download",
    "a file of 256 MiB",
    [sluice, denoServe("site"), nodeHttp("site"), nginx],
    (url) => [url + largeFile.path],
  ),
  largeFileWorkload(
    "upload",
    "`POST` of 256 MiB, on the disk before the answer",
    [sluice, bareUpload, denoServe("site")],
    (url, { site }) => [
      ...["--request", "POST", "--header", "Expect:"],
      ...["--upload-file", site + largeFile.path, `${url}/files/up.bin`],
    ],
  ),
];
