/**
 * Two transcripts of the same conversation go in; where they differ comes out,
 * by kind.
 *
 * @module
 */
import type { Transcript } from "./client.ts";
import type { Conversation } from "./stage.ts";

/** What can differ. */
export type Aspect =
  | "octets"
  | "moments"
  | "records"
  | "states"
  | "positions"
  | "notes"
  | "ends"
  | "reports";

/** One difference: the first lines that are not the same. */
export interface Difference {
  aspect: Aspect;
  before: string;
  after: string;
  /** The status lines of the answers that they are in, or of the last ones. */
  answers: [before: string, after: string];
  /** What was sent. */
  sent: string;
  /** The lengths of the pieces. */
  cuts: number[];
}

/** Two transcripts, to be compared line by line. */
export function differences(
  before: Transcript,
  after: Transcript,
  { octets: sent, arrivals }: Conversation,
): Difference[] {
  const found: Difference[] = [];
  const cuts = arrivals.map((arrival) => arrival?.length ?? 0);
  const compare = (aspect: Aspect, lines: (of: Transcript) => string[]) => {
    const first = firstDifference(lines(before), lines(after));
    if (!first) return false;
    const { index, ...both } = first;
    const end = aspect === "octets" ? index + 1 : undefined;
    const answers: Difference["answers"] = [
      lastStatusLine(before, end),
      lastStatusLine(after, end),
    ];
    found.push({ aspect, ...both, answers, sent, cuts });
    return true;
  };
  // The same octets at other moments, and the same states at other positions,
  // are differences of their own.
  if (!compare("octets", answerLines)) compare("moments", momentLines);
  if (!compare("states", ({ states }) => states)) {
    compare("positions", ({ positions }) => positions);
  }
  compare("records", ({ records }) => records);
  compare("notes", ({ notes }) => notes);
  compare("ends", ({ ends }) => ends.toSorted());
  return found;
}

/** Whether nothing differs, told as fast as can be. */
export function isSame(before: Transcript, after: Transcript): boolean {
  return sameLines(before.octets, after.octets) &&
    sameLines(before.positions, after.positions) &&
    sameLines(before.records, after.records) &&
    sameLines(before.notes, after.notes) &&
    sameLines(before.ends, after.ends);
}

/** The first lines that differ; a line that is missing is empty. */
export function firstDifference(
  before: string[],
  after: string[],
): { index: number; before: string; after: string } | undefined {
  const length = Math.max(before.length, after.length);
  for (let index = 0; index < length; index++) {
    const [one = "", other = ""] = [before[index], after[index]];
    if (one !== other) return { index, before: one, after: other };
  }
  return undefined;
}

/** The time that it was is no difference. */
export function withoutDate(octets: string): string {
  return octets.replaceAll(
    /(?<=\r\ndate: )\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT(?=\r\n)/gi,
    "*",
  );
}

function sameLines(before: string[], after: string[]): boolean {
  if (before.length !== after.length) return false;
  return before.every((line, index) => line === after[index]);
}

/** An answer begins a line of its own, also behind content without a line end. */
function answerLines({ octets }: Transcript): string[] {
  return octets.join("").split(/(?<=\n)|(?=HTTP\/1\.1 \d{3} )/);
}

/** Of the answers in the first lines, or in all. */
function lastStatusLine(transcript: Transcript, end?: number): string {
  return answerLines(transcript).slice(0, end)
    .findLast((line) => line.startsWith("HTTP/1.1 ")) ?? "";
}

function momentLines({ octets }: Transcript): string[] {
  return octets.map((some, index) => `${some.length} after arrival ${index}`);
}
