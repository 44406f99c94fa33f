/**
 * A crowd of slow clients comes to a server and leaves again: what the server
 * holds before, at most and afterwards, and how long an honest client waits.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { freePort } from "../bench/processes.ts";

/** What slow clients do; `slow_clients.ts` tells more. */
export type Kind = "readers" | "writers" | "heads";

/** Which server they come to: the command, or `Deno.serve` with the same files. */
export type ServerName = "Sluice" | "Deno.serve";

/** How many, and for how long. */
export interface Crowd {
  kind: Kind;
  count: number;
  /** Seconds from the last one's arrival to their leave. */
  stay: number;
  /** Seconds from their leave to the last look. */
  rest: number;
}

/** What was seen: MiB, and milliseconds. */
export interface Seen {
  before: number;
  peak: number;
  after: number;
  quiet: number;
  crowded: number;
}

const pathOf = (name: string) => fromFileUrl(new URL(name, import.meta.url));

/** The core of the server: what its clients do must not take its time. */
const SERVER_CORE = 0;
/** The core of all clients; the same one where there is no other. */
export const CLIENT_CORE: number = navigator.hardwareConcurrency > 1 ? 1 : 0;

const raised = 'ulimit -n "$(ulimit -Hn)"; exec taskset -c "$0" "$@"';

/** Keeps this process to a core. */
export async function pin(core: number): Promise<void> {
  const args = ["--all-tasks", "-cp", `${core}`, `${Deno.pid}`];
  await new Deno.Command("taskset", { args, stdout: "null" }).output();
}

function run(core: number, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command("sh", {
    args: ["-c", raised, `${core}`, Deno.execPath(), "run", "--quiet", ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

function start(name: ServerName, port: number, site: string) {
  const flags = ["--allow-net", "--allow-read", "--allow-write"];
  if (name === "Deno.serve") {
    const script = pathOf("../bench/peers/deno_serve.ts");
    return run(SERVER_CORE, ...flags, script, String(port), "site", site);
  }
  return run(
    SERVER_CORE,
    ...[...flags, pathOf("../../main.ts"), "--log", "off"],
    ...["--port", String(port), "--directory", `${site}/files`],
    ...["--max-connections", "5000"],
  );
}

const wait = (milliseconds: number) =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function memory(pid: number, field: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const [, kibibytes] = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)!;
  return Number(kibibytes) / 1024;
}

/** Ordinary requests, so that what every server needs is there before. */
async function warmUp(base: string): Promise<void> {
  for (let at = 0; at < 400; at++) {
    await (await fetch(`${base}/echo/abc`)).bytes();
    if (at % 10 > 0) continue;
    await (await fetch(`${base}/files/large.bin`)).bytes();
    const body = new Uint8Array(100_000);
    const url = `${base}/files/up.bin`;
    await (await fetch(url, { method: "POST", body })).bytes();
  }
}

/** The 99th percentile, in ms, of requests that are due every 20 ms. */
async function honest(port: number, seconds: number): Promise<number> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = new TextEncoder().encode(
    "GET /echo/abc HTTP/1.1\r\nHost: localhost\r\n\r\n",
  );
  const buffer = new Uint8Array(4096);
  const waits: number[] = [];
  const from = performance.now();
  for (let due = from; due < from + seconds * 1000; due += 20) {
    await wait(Math.max(0, due - performance.now()));
    await conn.write(request);
    let answer = "";
    while (!/\r\n\r\nabc$|\r\n0\r\n\r\n$/.test(answer)) {
      const count = await conn.read(buffer);
      if (count === null) throw new Error("The server closed the connection");
      answer += new TextDecoder().decode(buffer.subarray(0, count));
    }
    waits.push(performance.now() - due);
  }
  waits.sort((a, b) => a - b);
  return waits[Math.floor(waits.length * 0.99)];
}

async function end(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await Promise.all([child.stdin.close(), child.stdout.cancel(), child.status]);
}

/** Starts a server, sends it a crowd, and looks. */
export async function attend(name: ServerName, crowd: Crowd): Promise<Seen> {
  const site = await Deno.realPath(await Deno.makeTempDir());
  await Deno.mkdir(`${site}/files`);
  await Deno.writeFile(`${site}/files/large.bin`, new Uint8Array(5e6));
  const port = freePort();
  const server = start(name, port, site);
  try {
    await listens(port);
    await warmUp(`http://127.0.0.1:${port}`);
    return await watch(server.pid, port, crowd);
  } finally {
    await end(server);
    await Deno.remove(site, { recursive: true });
  }
}

async function watch(pid: number, port: number, crowd: Crowd): Promise<Seen> {
  const { kind, count, stay, rest } = crowd;
  const before = await memory(pid, "VmRSS");
  const quiet = await honest(port, 3);
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5"); // the peak
  const clients = run(
    CLIENT_CORE,
    ...["--allow-net", pathOf("slow_clients.ts"), kind],
    ...[String(port), String(count)],
  );
  let leave: Promise<void> | undefined;
  try {
    const reader = clients.stdout.getReader();
    await reader.read();
    reader.releaseLock();
    const crowded = await honest(port, stay);
    const peak = await memory(pid, "VmHWM");
    leave = end(clients);
    await leave;
    await wait(rest * 1000);
    const after = await memory(pid, "VmRSS");
    return { before, quiet, crowded, peak, after };
  } finally {
    await (leave ?? end(clients));
  }
}

async function listens(port: number): Promise<void> {
  for (let at = 0; at < 500; at++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await wait(20);
    }
  }
  throw new Error("The server does not listen");
}
