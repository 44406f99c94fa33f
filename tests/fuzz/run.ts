/**
 * The long run: `deno task fuzz [SEED [COUNT]]` checks COUNT messages, and
 * leaves a file in `tests/messages/found/` for each finding.
 *
 * @module
 */
import { type Finding, saveFinding } from "./findings.ts";
import { generateConversation } from "./generate.ts";
import { Random } from "./random.ts";
import type { Order } from "./worker.ts";

/** A conversation takes microseconds: one that takes so long (ms) is stuck. */
const STUCK = 30_000;

interface Total {
  messages: number;
  served: number;
  conversations: number;
}

const [seed = 1, count = 1_000_000] = Deno.args.map(Number);
if (!Number.isSafeInteger(seed) || !(count > 0)) {
  console.error("Cannot run: say deno task fuzz SEED COUNT, both numbers");
  Deno.exit(2);
}

const position = new Int32Array(new SharedArrayBuffer(4));
const worker = new Worker(new URL("./worker.ts", import.meta.url), {
  type: "module",
});
const start = performance.now();
const saved: Promise<void>[] = [];

async function save(finding: Finding): Promise<void> {
  console.log(`${await saveFinding(finding)}\n${finding.fault}\n`);
}

worker.onmessage = async ({ data }: MessageEvent<Finding | Total>) => {
  if ("fault" in data) {
    saved.push(save(data));
    return;
  }
  worker.terminate();
  clearInterval(watch);
  await Promise.all(saved);
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `seed ${seed}: ${data.messages} messages in ${data.conversations} ` +
      `conversations, ${data.served} of them also served, in ` +
      `${seconds.toFixed(1)} s (${Math.round(data.messages / seconds)}/s); ` +
      `${saved.length} findings`,
  );
  Deno.exit(saved.length > 0 ? 1 : 0);
};

let last = -1;
const watch = setInterval(async () => {
  const number = Atomics.load(position, 0);
  if (number > last) {
    last = number;
    return;
  }
  worker.terminate();
  clearInterval(watch);
  const { octets } = generateConversation(new Random(seed, number));
  const fault = "It never comes back";
  await save({ level: "stuck", seed, number, fault, octets });
  Deno.exit(1);
}, STUCK);

worker.postMessage({ seed, count, position } satisfies Order);
