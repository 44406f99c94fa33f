/**
 * Checks generated conversations, one after the other. Each is determined by
 * the seed and its number, and so can be had again.
 *
 * @module
 */
import { cut } from "./arrivals.ts";
import { serveMessages } from "./connection_level.ts";
import type { Finding } from "./findings.ts";
import { generateConversation } from "./generate.ts";
import { findFault, type Read } from "./invariant.ts";
import { Random } from "./random.ts";
import { readMessages } from "./wire_level.ts";

/** What conversations can be checked on. */
export const levels: Record<string, Read> = {
  wire: readMessages,
  connection: serveMessages,
};

/** How one conversation went. */
export interface Verdict {
  messages: number;
  finding: Finding | undefined;
}

/** Checks conversation `number`, fed whole and cut once. */
export async function checkConversation(
  level: string,
  seed: number,
  number: number,
): Promise<Verdict> {
  const random = new Random(seed, number);
  const { octets, messages } = generateConversation(random);
  const fault = await findFault(octets, levels[level], [cut(octets, random)]);
  const finding = fault === undefined
    ? undefined
    : { level, seed, number, fault, octets };
  return { messages, finding };
}

/** Checks conversations until so many messages have been in them. */
export async function fuzz(
  level: string,
  seed: number,
  count: number,
): Promise<Finding[]> {
  const findings = [];
  for (let number = 0, messages = 0; messages < count; number++) {
    const verdict = await checkConversation(level, seed, number);
    messages += verdict.messages;
    if (verdict.finding) findings.push(verdict.finding);
  }
  return findings;
}
