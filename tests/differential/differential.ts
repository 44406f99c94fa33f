/**
 * Asks two parsers about generated conversations, and sorts what they differ in.
 *
 * @module
 */
import { generateConversation } from "../fuzz/generate.ts";
import { Random } from "../fuzz/random.ts";
import { type Difference, firstDifference } from "./compare.ts";
import { kindOf } from "./disagreements.ts";
import { askOurs } from "./ours.ts";
import type { Verdict } from "./verdict.ts";

/** Another parser: what it says of octets that come whole, before a FIN. */
export type Peer = (octets: string) => Verdict | Promise<Verdict>;

/** Questions to a peer at the same time. */
const AT_ONCE = 32;

/** What came of it. */
export interface Comparison {
  conversations: number;
  messages: number;
  /** Messages that both accepted, as one and the same. */
  agreed: number;
  /** How often each entry of the table was met. */
  listed: Map<string, number>;
  unlisted: Difference[];
}

/** The first point in which we and a peer differ. */
export async function differenceFrom(
  peer: Peer,
  octets: string,
): Promise<Difference | undefined> {
  return firstDifference(octets, await askOurs(octets), await peer(octets));
}

/** Asks about conversations until so many messages have been in them. */
export async function compare(
  peer: Peer,
  seed: number,
  count: number,
): Promise<Comparison> {
  const comparison: Comparison = {
    conversations: 0,
    messages: 0,
    agreed: 0,
    listed: new Map(),
    unlisted: [],
  };
  const ask = async () => {
    while (comparison.messages < count) {
      const random = new Random(seed, comparison.conversations++);
      const { octets, messages } = generateConversation(random);
      comparison.messages += messages;
      const ours = await askOurs(octets);
      const difference = firstDifference(octets, ours, await peer(octets));
      if (difference) enter(difference, comparison);
      else comparison.agreed += ours.messages.length;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return comparison;
}

function enter(difference: Difference, comparison: Comparison): void {
  const kind = kindOf(difference)?.about;
  if (kind === undefined) comparison.unlisted.push(difference);
  else comparison.listed.set(kind, (comparison.listed.get(kind) ?? 0) + 1);
}
