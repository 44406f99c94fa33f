/**
 * Differences that are wanted: what a later tree does better on purpose.
 *
 * @module
 */
import type { Difference } from "./difference.ts";

/** A kind of difference that is wanted. */
export interface Wanted {
  /** Why the later tree is right. */
  reason: string;
  /** Whether a difference is of this kind. */
  matches(difference: Difference): boolean;
}

/** What a head, or a trailer section, that cannot be parsed is answered with. */
const refusal = /^HTTP\/1\.1 (?:400 Bad Request|431 [ \w]+)\r\n$/;

const isRefusal = ({ answers }: Difference) =>
  answers.every((line) => refusal.test(line));

/** Lines of a refusal that depend on its sentence, and on its form. */
const toldLine = new RegExp(
  `${refusal.source}|^(?:content-length: \\d+|date: \\*|vary: Accept|content-type: [^\\r]+)\\r\\n$`,
);

/** What an answer says that ends a connection. */
const lastOfAll = "connection: close\r\n";

/** Those of the comparison with the commit before the rebuild. */
export const wanted: readonly Wanted[] = [
  {
    reason:
      "The first line that is wrong decides what a head is refused for, " +
      "however its octets are cut; and the answer has the form that its Accept " +
      "prefers, also where Host is wrong",
    matches: (difference) =>
      difference.aspect === "octets" && isRefusal(difference) &&
      toldLine.test(difference.before) && toldLine.test(difference.after),
  },
  {
    reason: "A line that is wrong is refused at its end, and not when all of " +
      "the section has come",
    matches({ aspect, before, after, ...difference }) {
      const [one, other] = [before, after].map((line) => Number.parseInt(line));
      return aspect === "moments" && other > one &&
        isRefusal({ aspect, before, after, ...difference });
    },
  },
  {
    reason: "A head is taken as a whole, and not its first line before the " +
      "rest; its refusal is as long as its sentence",
    matches({ aspect, before, after, answers }) {
      const [was, received, sent] = positionOf(before);
      const [is, receivedNow, sentNow] = positionOf(after);
      return aspect === "positions" && was === is && receivedNow <= received &&
        (sent === sentNow || answers.every((line) => refusal.test(line))) &&
        ["responding", "lingering", "closed"].includes(was);
    },
  },
  {
    reason:
      "An answer that is all here is gathered before the state moves on, " +
      "also where the handler is asynchronous",
    matches({ aspect, before, after }) {
      const [was, received, sent] = positionOf(before);
      const [is, receivedNow, sentNow] = positionOf(after);
      return aspect === "positions" && was === "responding" && was === is &&
        received === receivedNow && sent < sentNow;
    },
  },
  {
    reason: "A trailer section that is wrong is seen before the head of the " +
      "answer goes out, which then says that it is the last",
    matches: ({ aspect, before, after, sent }) =>
      /^transfer-encoding:\s*chunked/im.test(sent) && (
        aspect === "octets" && before === "\r\n" &&
          after === lastOfAll ||
        aspect === "positions" && hasSentMore(before, after, lastOfAll) ||
        aspect === "ends" && before === "" && after === "read no more"
      ),
  },
  {
    reason: "Lines of Cookie are joined by semicolons",
    matches: ({ aspect, before, after }) =>
      aspect === "octets" && withOneCookie(before) === after,
  },
  {
    reason:
      "The record of a head that is refused tells the first thing that is " +
      "wrong, and the fields that could be read",
    matches: ({ aspect, before, after }) =>
      aspect === "records" && before !== "" && after !== "" &&
      isSameRefusal(JSON.parse(before), JSON.parse(after)),
  },
];

/** Whether two ends of a connection differ in one more line that was sent. */
function hasSentMore(before: string, after: string, line: string): boolean {
  const [was, received, sent] = positionOf(before);
  const [is, receivedNow, sentNow] = positionOf(after);
  return was === "closed" && is === was && received === receivedNow &&
    sentNow === sent + line.length;
}

const withOneCookie = (line: string) =>
  line.replace(
    /(?<=\["cookie",")[^"]*/g,
    (value) => value.replaceAll(", ", "; "),
  );

/** A state, and how many octets had been taken and made ready at the move to it. */
function positionOf(line: string): [string, number, number] {
  const [, state = "", received, sent] =
    /^([a-z ]+) at (\d+), (\d+)$/.exec(line) ?? [];
  return [state, Number(received), Number(sent)];
}

/** Whether two records tell of one request that was refused, in other words. */
function isSameRefusal(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): boolean {
  const both = [before, after];
  const areRefusals =
    both.every(({ status }) => status === 400 || status === 431) ||
    before.status === after.status; // Refused when the answer was on its way.
  const areErrors = both.every(({ error }) =>
    String(error).startsWith("ProtocolError: ")
  );
  const told = ["error", "status", "sent", "host", "userAgent", "referer"];
  const [one, other] = both.map((record) =>
    JSON.stringify(
      record,
      (key, value) => told.includes(key) ? undefined : value,
    )
  );
  return areRefusals && areErrors && one === other;
}
