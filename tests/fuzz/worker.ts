/**
 * The long run's work, in a thread of its own: the other one watches whether
 * it still moves.
 *
 * @module
 */
import { checkConversation } from "./fuzz.ts";

/** Of so many conversations one is held with a whole connection. */
const CONNECTION_EVERY = 10;

/** What it is told. */
export interface Order {
  seed: number;
  count: number;
  /** Where it writes the number of the conversation it is at. */
  position: Int32Array;
}

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Order>) => void;
  postMessage(message: unknown): void;
};

scope.onmessage = async ({ data: { seed, count, position } }) => {
  let messages = 0;
  let served = 0;
  let number = 0;
  for (; messages < count; number++) {
    Atomics.store(position, 0, number);
    const verdict = await checkConversation("wire", seed, number);
    messages += verdict.messages;
    if (verdict.finding) scope.postMessage(verdict.finding);
    if (number % CONNECTION_EVERY > 0) continue;
    const whole = await checkConversation("connection", seed, number);
    served += whole.messages;
    if (whole.finding) scope.postMessage(whole.finding);
  }
  scope.postMessage({ messages, served, conversations: number });
};
