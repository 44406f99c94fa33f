/**
 * Measures what a shared directory costs beside the local disk: the table of
 * docs/scaling.md. One machine asks one instance, without a balancer.
 *
 *     deno task bench:storage
 *
 * @module
 */
import { layOut } from "../faults/fault.ts";
import { noise, Server } from "../faults/server.ts";
import { mayShare, shareBrick, type Shared, shareReplicas } from "./gluster.ts";

const clients = 8;
const large = noise(64 * 2 ** 20, 64);

/** A directory of this machine. */
async function local(): Promise<Shared> {
  const path = await Deno.realPath(await Deno.makeTempDir());
  return {
    mounts: [path, path],
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function ask(
  method: "PUT" | "GET",
  url: string,
  content: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const body = method === "PUT" ? content : undefined;
  const response = await fetch(url, { method, body });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${method}: ${response.status}`);
}

/** Small requests a second, with a file for each client. */
async function rateOf(
  method: "PUT" | "GET",
  url: string,
  requests: number,
): Promise<number> {
  const start = performance.now();
  let next = 0;
  await Promise.all(Array.from({ length: clients }, async (_, client) => {
    while (next++ < requests) {
      await ask(method, `${url}${client}.bin`, noise(1000, next));
    }
  }));
  return requests / (performance.now() - start) * 1000;
}

/** Octets a second of one large file. */
async function speedOf(method: "PUT" | "GET", url: string): Promise<number> {
  const start = performance.now();
  await ask(method, `${url}large.bin`, large);
  return large.length / (performance.now() - start) * 1000;
}

async function best(times: number, measure: () => Promise<number>) {
  let most = 0;
  for (let at = 0; at < times; at++) most = Math.max(most, await measure());
  return most;
}

async function rowOf(
  name: string,
  share: () => Promise<Shared>,
): Promise<string[]> {
  await using shared = await share();
  await using server = await Server.start(shared.mounts[0]);
  const url = server.url("/files/");
  await rateOf("PUT", url, 40);
  const puts = await best(3, () => rateOf("PUT", url, 400));
  const gets = await best(3, () => rateOf("GET", url, 1000));
  const put = await best(3, () => speedOf("PUT", url));
  const get = await best(3, () => speedOf("GET", url));
  return [
    name,
    puts.toFixed(),
    gets.toFixed(),
    (put / 2 ** 20).toFixed(),
    (get / 2 ** 20).toFixed(),
  ];
}

if (!mayShare) throw new Error("Cannot mount GlusterFS: run this as root");

const head = ["", "PUT of 1 kB, a second", "GET of 1 kB, a second"];
const rows = [[...head, "PUT of 64 MiB, MiB/s", "GET of 64 MiB, MiB/s"]];
const places = {
  "the local disk": local,
  "one brick": shareBrick,
  "three replicas": shareReplicas,
};
for (const [name, share] of Object.entries(places)) {
  rows.push(await rowOf(name, () => share()));
}
console.log(layOut(rows, 1));
