/**
 * Workloads of many short requests.
 *
 * @module
 */
import { cpuTime } from "./accounting.ts";
import { type Answer, verifyAnswer } from "./answers.ts";
import { coreCount } from "./cores.ts";
import { textOfSize } from "./peers/texts.mjs";
import type { ServerProcess } from "./processes.ts";
import {
  bareLoop,
  bunServe,
  denoServe,
  honoOnNode,
  nginx,
  nodeHttp,
  nodeHttpOnDeno,
  type Server,
  sharedBy,
  sirv,
  sluice,
  sluiceWith,
  sluiceWithLazy,
  sluiceWithLog,
  sluiceWithoutLog,
  sluiceWithoutXray,
  sluiceWithXray,
  withHono,
} from "./servers.ts";
import { smallFile } from "./site.ts";
import {
  type Bench,
  byCpu,
  byFigure,
  type Measurement,
  type Ratio,
  type Workload,
} from "./workload.ts";
import { type Load, runWrk } from "./wrk.ts";

/** Seconds of load before the first measurement: compilers need some. */
const warmUpSeconds = 2;

/** Load of one kind, by wrk. */
function requests(
  name: string,
  title: string,
  servers: Server[],
  load: Load,
  answer: Answer,
  ratios?: Ratio[],
): Workload {
  return {
    name,
    title,
    unit: "requests/s",
    needs: ["wrk"],
    servers,
    ratios,
    verify: ({ port }) => verifyAnswer(port, load, answer),
    warmUp: ({ port }, { seconds }) =>
      runWrk(port, load, Math.min(seconds, warmUpSeconds)),
    measure: (server, bench) => measureLoad(server, load, bench),
  };
}

/** Counts requests, and what they cost the server. */
export async function measureLoad(
  { pids, port }: ServerProcess,
  load: Load,
  { seconds }: Bench,
): Promise<Measurement> {
  const before = await cpuTime(pids);
  const result = await runWrk(port, load, seconds);
  const cpu = await cpuTime(pids) - before;
  return {
    figure: result.requests / result.seconds,
    cpu: cpu / result.requests,
    // Of a pipeline wrk takes the times of the last answers alone.
    ...(load.depth === undefined && { p50: result.p50, p99: result.p99 }),
  };
}

const encode = (text: string) => new TextEncoder().encode(text);

/** What most of them ask, and the answer. */
const echo = { path: "/echo/abc" };
const abc = { content: encode("abc") };

/** Twelve fields, with the `Host` that wrk adds. */
const browserFields = {
  "Connection": "keep-alive",
  "Cache-Control": "max-age=0",
  "Upgrade-Insecure-Requests": "1",
  "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 " +
    "(KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9," +
    "image/avif,image/webp,image/apng,*/*;q=0.8",
  "Sec-Fetch-Site": "none",
  "Sec-Fetch-Mode": "navigate",
  "Sec-Fetch-User": "?1",
  "Sec-Fetch-Dest": "document",
  // With gzip or br, the command would compress three octets, and the others not:
  // that is another workload.
  "Accept-Encoding": "compress, zstd",
  "Accept-Language": "en-GB,en;q=0.9",
};

/** Servers with a handler of somebody's own. */
const handled = (handler: string) => [
  sluiceWith(handler),
  denoServe(handler),
  nodeHttp(handler),
  nodeHttpOnDeno(handler),
  bunServe(handler),
];

/** Servers that have a route for echo. */
const echoing = (...bareLoopArgs: string[]) => [
  sluice,
  bareLoop(...bareLoopArgs),
  denoServe("echo"),
  nodeHttp("echo"),
  nodeHttpOnDeno("echo"),
  bunServe("echo"),
  nginx,
];

const gzip = (name: string, size: number, connections: number): Workload =>
  requests(
    name,
    `gzip of ${size / 1024} KiB of text, ${connections} connections`,
    [sluiceWith(name), denoServe(name), nodeHttp(name), bunServe(name)],
    { path: "/", connections, headers: { "Accept-Encoding": "gzip" } },
    { content: encode(textOfSize(size)), coding: "gzip" },
  );

/** All of them. */
export const requestWorkloads: Workload[] = [
  requests(
    "keep-alive",
    "`GET /echo/abc`, 64 connections",
    echoing(),
    echo,
    abc,
    byCpu("Deno.serve"),
  ),
  requests(
    "pipelined",
    "the same, 16 requests at once",
    echoing(),
    { ...echo, depth: 16 },
    abc,
    byFigure("Deno.serve", "nginx"),
  ),
  requests(
    "browser",
    "the same, 12 fields of a browser",
    echoing(),
    { ...echo, headers: browserFields },
    abc,
    byCpu("Deno.serve"),
  ),
  requests(
    "connections",
    "the same, a new connection for each",
    // Bun closes without saying so, which wrk takes for a failure.
    echoing("close").filter(({ name }) => name !== "Bun.serve"),
    { ...echo, headers: { "Connection": "close" } },
    abc,
    byCpu("Deno.serve", "bare loop"),
  ),
  requests(
    "workers",
    "`GET /echo/abc`, two processes on a core each; the load shares " +
      `all ${coreCount} cores`,
    [sharedBy(2), sharedBy(1)],
    { ...echo, isOnAllCores: true },
    abc,
  ),
  requests(
    "logged",
    "`GET /echo/abc`, with the log in a file",
    [sluiceWithLog, sluiceWithoutLog],
    echo,
    abc,
    byCpu("Sluice, log off"),
  ),
  requests(
    "xray",
    "`GET /echo/abc`, with `--xray` and without",
    [sluiceWithoutXray, sluiceWithXray],
    echo,
    abc,
  ),
  requests(
    "handler",
    "a handler: `new Response`, two fields",
    handled("hello"),
    { path: "/" },
    { content: encode("Hello, world!\n") },
    byCpu("Deno.serve"),
  ),
  requests(
    "handler-lazy",
    "the same with the lazy Response",
    [sluiceWithLazy("hello"), sluiceWith("hello"), denoServe("hello")],
    { path: "/" },
    { content: encode("Hello, world!\n") },
    byCpu("Deno.serve"),
  ),
  requests(
    "hono",
    "an application on Hono",
    [
      withHono(sluiceWith),
      withHono(denoServe),
      honoOnNode,
      withHono(bunServe),
    ],
    echo,
    abc,
    byCpu("Deno.serve"),
  ),
  requests(
    "hono-lazy",
    "the same with the lazy Response",
    [withHono(sluiceWithLazy), withHono(sluiceWith), withHono(denoServe)],
    echo,
    abc,
    byCpu("Deno.serve"),
  ),
  requests(
    "post",
    "`POST` of 1 KiB, read by a handler",
    handled("measure"),
    { path: "/", content: 1024 },
    { content: encode("1024\n") },
  ),
  requests(
    "post-json",
    "`POST` of 1 KiB, `json()`",
    handled("parse"),
    { path: "/", content: 1024 },
    { content: encode("1022\n") },
    byCpu("Deno.serve"),
  ),
  gzip("gzip-1k", 2 ** 10, 16),
  gzip("gzip-1m", 2 ** 20, 2),
  requests(
    "small-file",
    "a file of 4 KiB",
    [sluice, denoServe("site"), sirv, bunServe("site"), nginx],
    { path: smallFile.path },
    smallFile,
    byFigure("Deno.serve", "nginx"),
  ),
];
