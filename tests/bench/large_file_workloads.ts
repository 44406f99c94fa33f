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
  onAllCores,
  type Server,
  sluice,
} from "./servers.ts";
import { largeFile } from "./site.ts";
import {
  type Bench,
  byFigure,
  type Measurement,
  type Ratio,
  type Workload,
} from "./workload.ts";

const mebibytes = largeFile.size / 2 ** 20;

function largeFileWorkload(
  name: string,
  title: string,
  servers: Server[],
  args: (url: string, bench: Bench) => string[],
  ratios?: Ratio[],
): Workload {
  const run = async ({ port }: ServerProcess, bench: Bench) =>
    await curl(args(`http://127.0.0.1:${port}`, bench));
  return {
    name,
    title,
    unit: "MiB/s",
    needs: ["curl"],
    servers,
    ratios,
    async verify(server, bench) {
      await run(server, bench);
    },
    async measure(server, bench): Promise<Measurement> {
      const before = await cpuTime(server.pids);
      let [count, seconds] = [0, 0];
      while (seconds < bench.seconds) {
        seconds += await run(server, bench);
        count++;
      }
      const cpu = await cpuTime(server.pids) - before;
      const total = count * mebibytes;
      return { figure: total / seconds, cpu: cpu / total };
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

const downloaders = [sluice, denoServe("site"), nodeHttp("site"), nginx];

const download = (url: string) => [url + largeFile.path];

/** All of them. */
export const largeFileWorkloads: Workload[] = [
  largeFileWorkload(
    "download",
    "a file of 256 MiB, all threads on one core",
    downloaders,
    download,
    byFigure("nginx"),
  ),
  largeFileWorkload(
    "download-free",
    "the same, threads on any core",
    downloaders.map(onAllCores),
    download,
    byFigure("nginx"),
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
