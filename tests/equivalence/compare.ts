/**
 * Compares two trees on all there is to send, in several threads; gathers the
 * differences by kind.
 *
 * @module
 */
import type { Difference } from "./difference.ts";
import type { Wanted } from "./wanted.ts";
import type { Order, Told } from "./worker.ts";

/** Differences whose first lines are the same but for their numbers. */
export interface Kind {
  count: number;
  /** The shortest conversation that shows it. */
  example: Difference;
  /** The entry of the list, if it is wanted. */
  wanted?: Wanted;
}

/** What came of a comparison. */
export interface Outcome {
  conversations: number;
  messages: number;
  kinds: Kind[];
}

/** How to compare. */
export interface CompareOptions {
  /** How many messages to generate, and from what seed. */
  count: number;
  seed?: number;
  /** Of so many collected conversations one is held. Default 1: all. */
  oneIn?: number;
  wanted?: readonly Wanted[];
  threads?: number;
}

/** A batch takes less than a second: a thread so long silent (ms) is stuck. */
const STUCK = 120_000;

/** Compares the trees at two roots. Throws where a thread fails or is stuck. */
export async function compareTrees(
  before: string,
  after: string,
  { count, seed = 1, oneIn = 1, wanted = [], threads = 2 }: CompareOptions,
): Promise<Outcome> {
  const kinds = new Map<string, Kind>();
  const outcome = { conversations: 0, messages: 0 };
  const parts = Array.from({ length: threads }, (_, nth) => {
    const order = { before, after, seed, count, oneIn, nth, of: threads };
    return runPart(order, (told) => {
      if ("messages" in told) {
        outcome.messages += told.messages;
        return;
      }
      outcome.conversations += told.conversations;
      for (const difference of told.differences) {
        enter(kinds, difference, wanted);
      }
    });
  });
  await Promise.all(parts);
  const sorted = [...kinds.values()].sort((a, b) => b.count - a.count);
  return { ...outcome, kinds: sorted };
}

function enter(
  kinds: Map<string, Kind>,
  difference: Difference,
  list: readonly Wanted[],
): void {
  const wanted = list.find((entry) => entry.matches(difference));
  const { aspect, before, after, sent } = difference;
  const name = wanted
    ? wanted.reason
    : [aspect, before, after].join("\n").replaceAll(/\d+/g, "0");
  const kind = kinds.get(name) ?? { count: 0, example: difference, wanted };
  kind.count++;
  if (sent.length < kind.example.sent.length) kind.example = difference;
  kinds.set(name, kind);
}

/** Runs a thread to its end. */
async function runPart(
  order: Order,
  onTold: (told: Told) => void,
): Promise<void> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    type: "module",
  });
  let at = "the start";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stuck = () => reject(new Error(`A thread is stuck after ${at}`));
  let watch = setTimeout(stuck, STUCK);
  worker.onmessage = ({ data }: MessageEvent<Told>) => {
    clearTimeout(watch);
    watch = setTimeout(stuck, STUCK);
    onTold(data);
    if ("messages" in data) resolve();
    else at = data.at;
  };
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`A thread failed after ${at}: ${event.message}`));
  };
  worker.postMessage(order);
  try {
    await promise;
  } finally {
    clearTimeout(watch);
    worker.terminate();
  }
}
