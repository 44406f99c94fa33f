/**
 * A part of the conversations, held with both trees in a thread of its own.
 *
 * @module
 */
import {
  type Difference,
  differences,
  firstDifference,
  isSame,
} from "./difference.ts";
import { collected, generated } from "./material.ts";
import { type Conversation, Stage } from "./stage.ts";
import { loadLibrary } from "./tree.ts";

/** What a worker is told. */
export interface Order {
  /** The roots of both trees. */
  before: string;
  after: string;
  seed: number;
  /** How many messages to generate. */
  count: number;
  /** Of so many collected conversations one is held. */
  oneIn: number;
  /** It takes every nth of `of` conversations. */
  nth: number;
  of: number;
}

/** What it tells: of each batch, and of the end. */
export type Told =
  | { differences: Difference[]; conversations: number; at: string }
  | { messages: number };

/** Conversations that are held at once. */
const BATCH = 100;

/** From so many arrivals on it is held with others like it. */
const MANY = 12;

// To take a stack down for each refusal costs more than the refusal.
Error.stackTraceLimit = 0;

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Order>) => void;
  postMessage(message: Told): void;
};

/** What the servers have reported since it was last asked. */
let reports: string[] = [];
console.error = (...told: unknown[]) => {
  reports.push(told.map((it) => it instanceof Error ? it.name : it).join(" "));
};

// No clock has a say: nobody is too slow, no turn is too long.
performance.now = () => 1000;

scope.onmessage = async ({ data: order }) => {
  const stages = [
    new Stage(await loadLibrary(order.before)),
    new Stage(await loadLibrary(order.after)),
  ] as const;
  const comparison = new Comparison(stages);
  let number = 0;
  for await (const conversation of collected()) {
    if (number++ % (order.of * order.oneIn) !== order.nth) continue;
    await comparison.add(conversation, "collected");
  }
  let messages = 0;
  for (
    let nth = order.nth;
    messages * order.of < order.count;
    nth += order.of
  ) {
    const made = generated(order.seed, nth);
    let next;
    while (!(next = made.next()).done) {
      await comparison.add(next.value, `conversation ${nth}`);
    }
    messages += next.value;
  }
  await comparison.finish();
  await Promise.all(stages.map((stage) => stage.end()));
  scope.postMessage({ messages });
};

/** Gathers batches of conversations with about as many arrivals. */
class Comparison {
  #stages: readonly [Stage, Stage];
  #batches: [Conversation[], Conversation[]] = [[], []];

  constructor(stages: readonly [Stage, Stage]) {
    this.#stages = stages;
  }

  async add(conversation: Conversation, at: string): Promise<void> {
    const batch = this.#batches[conversation.arrivals.length < MANY ? 0 : 1];
    batch.push(conversation);
    if (batch.length === BATCH) await this.#hold(batch, at);
  }

  async finish(): Promise<void> {
    for (const batch of this.#batches) await this.#hold(batch, "the end");
  }

  async #hold(batch: Conversation[], at: string): Promise<void> {
    const [before, after] = this.#stages;
    const transcripts = [await before.hold(batch)];
    const reportsBefore = reports.toSorted();
    reports = [];
    transcripts.push(await after.hold(batch));
    const reportsAfter = reports.toSorted();
    reports = [];
    const found: Difference[] = [];
    batch.forEach((conversation, index) => {
      const [one, other] = transcripts.map((of) => of[index]);
      if (isSame(one, other)) return;
      found.push(...differences(one, other, conversation));
    });
    const reported = firstDifference(reportsBefore, reportsAfter);
    if (reported) {
      const { before, after } = reported;
      const answers: Difference["answers"] = ["", ""];
      const where = { answers, sent: at, cuts: [] };
      found.push({ aspect: "reports", before, after, ...where });
    }
    const conversations = batch.splice(0).length;
    scope.postMessage({ differences: found, conversations, at });
  }
}
