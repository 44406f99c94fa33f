/**
 * What is sent: every conformance case, every message of `tests/messages/`, what
 * the fuzzer has found, each behavior of the handler asked in each of some ways,
 * and generated messages. Each is sent whole and cut.
 *
 * @module
 */
import { generateConversation } from "../fuzz/generate.ts";
import { readFindings } from "../fuzz/findings.ts";
import { Random } from "../fuzz/random.ts";
import { readMessages } from "../messages/read_messages.ts";
import { type Arrival, RESET } from "./client.ts";
import { behaviorNames } from "./handler.ts";
import type { Conversation } from "./stage.ts";

const NEXT = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n";

/** Longer ones are cut at this many places, not at each. */
const SHORT = 1500;
const PLACES = 10;

/** All that does not depend on a seed. */
export async function* collected(): AsyncGenerator<Conversation> {
  for await (const send of conformanceCases()) {
    yield* bothWays([...send, null], octetsOf(send));
    yield* everyCut(octetsOf(send), false);
  }
  for await (const octets of messages()) {
    yield* everyCut(octets, false);
    yield* everyCut(octets + NEXT, false);
  }
  for (const { octets } of (await readFindings()).values()) {
    yield* everyCut(octets, true);
  }
  for (const octets of askedBehaviors()) {
    yield* everyCut(octets, false, new Random(octets.length));
  }
}

/** The conversation of a number and a seed: whole, and cut once. */
export function* generated(
  seed: number,
  number: number,
): Generator<Conversation, number> {
  const random = new Random(seed, number);
  const made = generateConversation(random);
  // Half of the requests say what the handler shall do.
  const octets = made.octets.replaceAll(
    / \/(?=[^ \r\n]* HTTP\/1\.[01]\r\n)/g,
    (slash) => random.isOneIn(2) ? slash : ` /${random.pick(names)}/`,
  );
  if (octets === "") return made.messages;
  const isWatched = number % 2 === 0;
  for (const arrivals of [[octets], cut(octets, random)]) {
    const isNarrow = true;
    yield { octets, arrivals: [...arrivals, null], isNarrow, isWatched };
  }
  return made.messages;
}

const names = behaviorNames();

function cut(octets: string, random: Random): string[] {
  if (octets.length < 200 && random.isOneIn(16)) return [...octets];
  if (random.isOneIn(3)) return octets.split(/(?<=\r)(?=\n)/);
  const places = Array.from(
    { length: random.pick([1, 1, 2, 5]) },
    () => random.below(octets.length + 1),
  );
  return pieces(octets, places.sort((a, b) => a - b));
}

function pieces(octets: string, places: number[]): string[] {
  return [0, ...places].map((place, index) =>
    octets.slice(place, places[index])
  ).filter((piece) => piece !== "");
}

/** Whole, octet by octet, and cut in two: at each place, or at some. */
function* everyCut(
  octets: string,
  isNarrow: boolean,
  random?: Random,
): Generator<Conversation> {
  yield* bothWays([octets, null], octets, isNarrow);
  const isShort = octets.length <= SHORT;
  if (isShort) yield* bothWays([...octets, null], octets, isNarrow);
  const some = random ?? (isShort ? undefined : new Random(octets.length));
  const count = some ? PLACES : octets.length - 1;
  for (let nth = 1; nth <= count; nth++) {
    const at = some ? some.below(octets.length) : nth;
    const isWatched = at % 2 === 0;
    const arrivals = [...pieces(octets, [at]), null];
    yield { octets, arrivals, isNarrow, isWatched };
  }
}

function* bothWays(
  arrivals: Arrival[],
  octets: string,
  isNarrow = false,
): Generator<Conversation> {
  for (const isWatched of [false, true]) {
    yield { octets, arrivals, isNarrow, isWatched };
  }
}

/** Every message, valid and invalid. */
async function* messages(): AsyncGenerator<string> {
  for (const folder of ["valid", "invalid"]) {
    const url = new URL(`../messages/${folder}/`, import.meta.url);
    for await (const { name } of Deno.readDir(url)) {
      const text = await Deno.readTextFile(new URL(name, url));
      for (const { octets } of readMessages(text)) yield octets;
    }
  }
}

/** An item of what a conformance case sends; others are pauses. */
type Item = string | {
  repeat?: string;
  numbered?: string;
  times?: number;
  hex?: string;
  dribble?: string;
  reset?: boolean;
};

/** What each conformance case sends, in the pieces that it comes in. */
async function* conformanceCases(): AsyncGenerator<Arrival[]> {
  const folder = new URL("../conformance/cases/", import.meta.url);
  for await (const { name } of Deno.readDir(folder)) {
    const cases = JSON.parse(await Deno.readTextFile(new URL(name, folder)));
    for (const one of cases) {
      for (const { send, splitAll } of [one, ...one.then ?? []]) {
        yield arrivalsOf(send ?? [splitAll]);
      }
    }
  }
}

function arrivalsOf(items: Item[]): Arrival[] {
  const arrivals: Arrival[] = [];
  let pending = "";
  const flush = () => {
    if (pending !== "") arrivals.push(pending);
    pending = "";
  };
  for (const item of items) {
    const octets = writtenOut(item);
    if (octets === undefined) flush();
    else pending += octets;
    if (typeof item === "object" && item.reset) arrivals.push(RESET);
  }
  flush();
  return arrivals;
}

function writtenOut(item: Item): string | undefined {
  if (typeof item === "string") return filledIn(item);
  const { repeat, numbered, times = 0, hex, dribble } = item;
  if (repeat !== undefined) return filledIn(repeat).repeat(times);
  if (numbered !== undefined) {
    return Array.from(
      { length: times },
      (_, index) => filledIn(numbered).replaceAll("{i}", String(index)),
    ).join("");
  }
  if (hex !== undefined) {
    return String.fromCharCode(
      ...Uint8Array.fromHex(hex.replaceAll(/\s/g, "")),
    );
  }
  return dribble === undefined ? undefined : filledIn(dribble);
}

const variables: Record<string, string> = {
  H: "Host: h:4221\r\n",
  hp: "h:4221",
  port: "4221",
  rand: "name",
  post: "/files/name",
};

function filledIn(text: string): string {
  return text.replaceAll(/\{(\w+)\}/g, (all, name) => variables[name] ?? all);
}

function octetsOf(arrivals: Arrival[]): string {
  return arrivals.filter((it) => it !== null && it !== RESET).join("");
}

/** Each behavior, asked with and without content, and by odd clients. */
function* askedBehaviors(): Generator<string> {
  const form = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" +
    '--b\r\nContent-Disposition: form-data; name=f; filename="f"\r\n\r\n2\r\n' +
    "--b--\r\n";
  const ways: [line: string, fields: string[], content: string][] = [
    ["GET %", [], ""],
    ["HEAD %", [], ""],
    ["GET % 1.0", [], ""],
    ["HEAD % 1.0", ["Connection: keep-alive"], ""],
    ["GET %", ["Connection: close", "User-Agent: caf\xe9/1"], ""],
    ["GET %", ["TE: trailers", "Accept: text/html"], ""],
    ["GET %", ["Accept: application/json"], ""],
    ["GET %", ["Connection: upgrade", "Upgrade: echo"], ""],
    ["POST %", ["Content-Type: application/json"], '{"a": [1, "\xc3\xa9"]}'],
    ["POST %", ["Content-Type: text/plain"], "\xef\xbb\xbftext \xff"],
    ["POST %", ["Content-Type: application/x-www-form-urlencoded"], "a=b+c&d"],
    ["POST %", ["Content-Type: multipart/form-data; boundary=b"], form],
    ["POST %", ["Expect: 100-continue", "TE: trailers"], '"expected"'],
    ["PUT % 1.0", ["Connection: keep-alive"], "1"],
    ["PUT %", ["Connection: close"], "x".repeat(3000)],
  ];
  for (const name of names) {
    for (const [line, fields, content] of ways) {
      const [method, , version = "1.1"] = line.split(" ");
      const start = [
        `${method} /${name}/a%20b?c HTTP/${version}`,
        "Host: h",
        ...fields,
        "",
      ].join("\r\n");
      if (content === "") {
        yield `${start}\r\n${NEXT}`;
        continue;
      }
      yield `${start}Content-Length: ${content.length}\r\n\r\n${content}${NEXT}`;
      if (version === "1.0") continue;
      yield `${start}Transfer-Encoding: chunked\r\n\r\n` +
        `${content.length.toString(16)}\r\n${content}\r\n` +
        `0\r\nX-Trailer: sent\r\n\r\n${NEXT}`;
    }
  }
  yield `CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\ntunnelled`;
  yield `CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n${NEXT}`;
}
