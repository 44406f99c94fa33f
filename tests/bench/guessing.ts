/**
 * Guesses passwords at a fixed rate, and measures what a user notices of it who
 * has logged in; then whether time tells a path that one may not read from one
 * that is not there.
 *
 *     deno task bench:guessing [SECONDS]
 *
 * @module
 */

import { askAs, startGuarded } from "../cli/guarded_command.ts";

/** Wrong passwords a second. */
const RATE = 100;

/** Milliseconds between the requests of the honest client. */
const PAUSE = 20;

const TRIES = 500;
const WARM_UP = 100;

/** Names that are guessed at: some are users. */
const NAMES = 50;

type Target = { url: string };

/** The time of the n-th part of all, in ms. */
function quantile(times: number[], part: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

function pause(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}

/** Asks for a file again and again. @returns how long each answer took. */
async function honest(target: Target, seconds: number): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const start = performance.now();
    const { status } = await askAs(target, "/files/inbox/here.txt", {
      as: "alice",
    });
    if (status !== 200) throw new Error(`The honest client got ${status}`);
    times.push(performance.now() - start);
    await pause(PAUSE);
  }
  return times;
}

/** Sends wrong passwords until stopped; counts the answers by status. */
function flood({ url }: Target, addressOf: (count: number) => string) {
  const statuses = new Map<number, number>();
  const running = new Set<Promise<void>>();
  let count = 0;
  const guess = async (each: number) => {
    const login = `${each % NAMES ? `user${each % NAMES}` : "bob"}:no${each}`;
    const headers = {
      "authorization": `Basic ${btoa(login)}`,
      "x-forwarded-for": addressOf(each),
    };
    const response = await fetch(`${url}files/`, { headers });
    await response.body?.cancel();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
  };
  const start = performance.now();
  const timer = setInterval(() => {
    // A timer is late on a busy machine.
    const due = (performance.now() - start) / 1000 * RATE;
    while (count < due) {
      const one = guess(count++).finally(() => running.delete(one));
      running.add(one);
    }
  }, 1000 / RATE);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(running);
      return Object.fromEntries(statuses);
    },
  };
}

const sources: Record<string, (count: number) => string> = {
  "one client": () => "192.0.2.1",
  "a client for each": (count) => `10.0.${count >> 8 & 255}.${count & 255}`,
};

async function measureFlood(target: Target, seconds: number): Promise<void> {
  await honest(target, 2);
  const quiet = quantile(await honest(target, seconds), 0.99);
  console.log(`honest p99, quiet: ${quiet.toFixed(1)} ms`);
  for (const [name, addressOf] of Object.entries(sources)) {
    const flooding = flood(target, addressOf);
    const times = await honest(target, seconds);
    const statuses = await flooding.stop();
    const late = quantile(times, 0.99);
    console.log(
      `honest p99, ${RATE} wrong passwords a second of ${name}: ` +
        `${late.toFixed(1)} ms (may be ${(2 * quiet + 20).toFixed(1)}); ` +
        `answers to the guesses: ${JSON.stringify(statuses)}`,
    );
  }
}

/** Paths that must not be told from each other. */
const hidden = [
  "private/here.txt",
  "private/none.txt",
  "none/none.txt",
  "inbox/none.txt",
];

async function measureMedians(target: Target): Promise<void> {
  const times = new Map<string, number[]>(hidden.map((path) => [path, []]));
  for (let round = -WARM_UP; round < TRIES; round++) {
    // In another order each time: who comes first pays for what is left.
    for (const at of hidden.keys()) {
      const path = hidden[(at + round + WARM_UP) % hidden.length];
      const start = performance.now();
      const { status } = await askAs(target, `/files/${path}`, { as: "bob" });
      const time = performance.now() - start;
      if (status !== 404) throw new Error(`${path} got ${status}`);
      if (round >= 0) times.get(path)!.push(time);
    }
  }
  for (const [path, each] of times) {
    console.log(`${path}: median ${quantile(each, 0.5).toFixed(3)} ms`);
  }
}

const [seconds = "30"] = Deno.args;
await using running = await startGuarded([
  "--log=off",
  "--trust-proxy=127.0.0.1",
]);
const { command } = running;
await measureMedians(command);
await measureFlood(command, Number(seconds));
