/**
 * Clients that ask for archives, searches and moves of a large tree and leave,
 * twenty of each at once and again and again: an honest client beside them does
 * not wait for them.
 */

import { fromFileUrl } from "@std/path";
import { ask } from "./client.ts";
import { fault, type Tally } from "./fault.ts";
import { form, times } from "./form.ts";
import { mayRun, Server } from "./server.ts";

const FOLDERS = 50;
const FILES = 100;
/** Of each kind, at once. */
const CLIENTS = 20;

const seconds = times(3, 20);
/** Milliseconds from one request of the honest client to the next. */
const PERIOD = 20;

async function makeTree(): Promise<string> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  for (let folder = 0; folder < FOLDERS; folder++) {
    Deno.mkdirSync(`${root}/tree/${folder}`, { recursive: true });
    for (let at = 0; at < FILES; at++) {
      Deno.writeTextFileSync(`${root}/tree/${folder}/name ${at}`, "text");
    }
  }
  for (let at = 0; at < CLIENTS; at++) {
    Deno.mkdirSync(`${root}/${at}`);
    Deno.writeTextFileSync(`${root}/${at}/a`, "a");
  }
  await Deno.mkdir(`${root}/to`);
  return root;
}

/** Asks again and again. @returns how long each answer took, in ms, sorted. */
async function askFor(
  port: number,
  isOver: () => boolean,
  tally: Tally,
): Promise<number[]> {
  const taken: number[] = [];
  while (!isOver()) {
    const start = performance.now();
    const { status, isWhole } = await ask(port, "GET /echo/honest HTTP/1.1");
    taken.push(performance.now() - start);
    tally.expect(status === 200 && isWhole, () => `an answer was ${status}`);
    await new Promise((resolve) => setTimeout(resolve, PERIOD));
  }
  return taken.sort((one, other) => one - other);
}

function p99(sorted: number[]): number {
  return sorted[Math.floor(0.99 * (sorted.length - 1))];
}

const script = fromFileUrl(new URL("abandoning_client.ts", import.meta.url));

/** Clients in a process of their own. @returns how many there were. */
async function abandon(port: number): Promise<number> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net", script, `${port}`, `${CLIENTS}`, `${seconds}`],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("The clients have failed");
  return Number(new TextDecoder().decode(stdout));
}

fault({
  fault: "twenty archives, searches and moves are asked for and left, again " +
    "and again",
  promise: "an honest client gets each answer in good time, and what they " +
    "have left is free",
  ignore: !mayRun || Deno.build.os !== "linux",
}, async (tally) => {
  const root = await makeTree();
  try {
    await using server = await Server.start(root, "--delete");
    const { port } = server;
    const end = performance.now() + seconds * 1000;
    const quiet = p99(await askFor(port, () => performance.now() > end, tally));
    let isOver = false;
    const asking = askFor(port, () => isOver, tally);
    tally.inject(await abandon(port));
    isOver = true;
    const beside = p99(await asking);
    console.log(
      `An honest client beside them: p99 ${beside.toFixed(1)} ms, ` +
        `${quiet.toFixed(1)} ms before`,
    );
    // How busy this machine is besides says more about so short a time.
    tally.expect(
      form === "short" || beside <= 2 * quiet + 20,
      () => `p99 ${beside}, ${quiet} before`,
    );
    // Nothing goes on for those that have left: all places are free.
    for (const query of ["tree/?zip", "?search=none"]) {
      const sent = await Promise.all(
        Array.from({ length: 4 }, () => whole(server.url(`/files/${query}`))),
      );
      tally.expect(sent.every((status) => status === 200), () => `${sent}`);
    }
    await server.kill("SIGTERM");
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

/** Asks until there is a place, for as long as one may take to be free. */
async function whole(url: string): Promise<number> {
  for (let tries = 1;; tries++) {
    const response = await fetch(url);
    await response.bytes();
    if (response.status !== 503 || tries === 50) return response.status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
