/**
 * Where two opinions of the same octets part.
 *
 * @module
 */
import type { OurVerdict } from "./ours.ts";
import type { Message, Verdict } from "./verdict.ts";

/** The first message of which two parsers think differently. */
export interface Difference {
  /** From its first octet, or the last message's, to the connection's last. */
  octets: string;
  /** What each says of it: why it is refused, or what it is. */
  ours: string;
  theirs: string;
}

/** Compares message by message; undefined if they agree to the end. */
export function firstDifference(
  octets: string,
  ours: OurVerdict,
  theirs: Verdict,
): Difference | undefined {
  for (let index = 0;; index++) {
    const [us, them] = [opinion(ours, index), opinion(theirs, index)];
    const bothRefuse = isRefusal(us) && isRefusal(them);
    if (us !== them && !bothRefuse) {
      const start = ours.starts[index] ?? ours.starts.at(-1) ?? 0;
      return { octets: octets.slice(start), ours: us, theirs: them };
    }
    if (ours.messages[index] === undefined) return undefined;
  }
}

function isRefusal(opinion: string): boolean {
  return opinion.startsWith("refused: ");
}

/** What a parser says of the nth message. */
function opinion(verdict: Verdict, index: number): string {
  const message = verdict.messages[index];
  if (message) {
    const isLast = index === verdict.messages.length - 1;
    return describe(message, isLast && verdict.closes === true);
  }
  // Nobody reads on: what else they say of the rest does not matter.
  if (verdict.closes) return "nothing";
  return verdict.refusal === undefined
    ? "nothing"
    : `refused: ${verdict.refusal}`;
}

function describe(message: Message, closes: boolean): string {
  const { method, target, minorVersion, fields, content } = message;
  return JSON.stringify(
    { method, target, minorVersion, fields, content, closes },
  );
}
