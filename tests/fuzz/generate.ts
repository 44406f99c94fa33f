/**
 * What a client may send, good and bad: conversations of requests, some of them
 * changed until they are none. Octets are written as text, a character each.
 *
 * @module
 */
import {
  extensions,
  fieldLines,
  methods,
  oddChunkLines,
  oddFieldLines,
  oddMethods,
  oddOctets,
  oddTargets,
  oddVersions,
  targets,
  versions,
} from "./dictionary.ts";
import type { Random } from "./random.ts";

/** The octets of a connection, and how many messages were put into them. */
export interface Conversation {
  octets: string;
  messages: number;
}

/** Makes a pipeline of one to four messages. */
export function generateConversation(random: Random): Conversation {
  const parts = Array.from(
    { length: random.pick([1, 1, 2, 2, 3, 4]) },
    () => generateMessage(random),
  );
  const octets = parts.join(random.isOneIn(20) ? "\r\n" : "");
  return {
    octets: random.isOneIn(30) ? mutate(octets, random) : octets,
    messages: parts.length,
  };
}

/** Makes a request: half of them valid, the others changed up to four times. */
function generateMessage(random: Random): string {
  let message = generateRequest(random);
  if (random.isOneIn(2)) return message;
  for (let left = random.pick([1, 1, 1, 2, 4]); left > 0; left--) {
    message = mutate(message, random);
  }
  return message;
}

/** Makes a request, which is valid but for a few odd words. */
function generateRequest(random: Random): string {
  const word = (good: readonly string[], odd: readonly string[]) =>
    random.pick(random.isOneIn(25) ? odd : good);
  const lines = [
    `${word(methods, oddMethods)} ${word(targets, oddTargets)} ` +
    word(versions, oddVersions),
  ];
  if (!random.isOneIn(40)) lines.push("Host: h");
  for (let left = random.below(5); left > 0; left--) {
    lines.push(word(fieldLines, oddFieldLines));
  }
  const [framing, content] = generateContent(random);
  if (framing) lines.splice(1 + random.below(lines.length), 0, framing);
  return lines.join("\r\n") + "\r\n\r\n" + content;
}

/** @returns the field line that frames the content, and the content. */
function generateContent(random: Random): [string, string] {
  switch (random.below(4)) {
    case 0: {
      const content = generateOctets(random);
      return [`Content-Length: ${content.length}`, content];
    }
    case 1:
      return ["Transfer-Encoding: chunked", generateChunks(random)];
    default:
      return ["", ""];
  }
}

function generateChunks(random: Random): string {
  let chunks = "";
  for (let left = random.below(4); left > 0; left--) {
    const data = generateOctets(random) || "a";
    const size = data.length.toString(16);
    chunks += `${random.isOneIn(30) ? random.pick(oddChunkLines) : size}${
      random.isOneIn(8) ? random.pick(extensions) : ""
    }\r\n${data}\r\n`;
  }
  chunks += random.isOneIn(10) ? `000${random.pick(extensions)}\r\n` : "0\r\n";
  if (random.isOneIn(8)) chunks += `${random.pick(fieldLines)}\r\n`;
  return chunks + "\r\n";
}

function generateOctets(random: Random): string {
  switch (random.below(8)) {
    case 0:
      return "GET /inner HTTP/1.1\r\nHost: h\r\n\r\n";
    case 1:
      return "0\r\n\r\n";
    case 2:
      return String.fromCharCode(
        ...Array.from({ length: random.below(40) }, () => random.below(256)),
      );
    case 3:
      return "x".repeat(random.below(700));
    default:
      return "abcdefghijklmnop".slice(random.below(16));
  }
}

/** Makes one change. */
function mutate(octets: string, random: Random): string {
  const at = random.below(octets.length + 1);
  const end = Math.min(octets.length, at + random.pick([1, 1, 2, 8, 40]));
  const before = octets.slice(0, at);
  const after = octets.slice(at);
  const rest = octets.slice(end);
  switch (random.below(11)) {
    case 0:
      return before + rest;
    case 1:
      return octets.slice(0, end) + after;
    case 2: {
      const further = Math.min(octets.length, end + random.below(20));
      return before + octets.slice(end, further) + octets.slice(at, end) +
        octets.slice(further);
    }
    case 3:
      return before + random.pick(oddOctets) + after;
    case 4:
      return before + random.pick(oddOctets) + rest;
    case 5:
      return flipBit(octets, Math.min(at, octets.length - 1), random.below(8));
    case 6:
      return random.isOneIn(4) ? before : octets;
    case 7:
      return before + generateRequest(random).slice(random.below(40));
    case 8:
      return before + random.pick([..."aA0, ;\t\r\n\xe9/"]).repeat(
        random.pick([3, 10, 60, 300, 600]),
      ) + after;
    default:
      return changeLine(octets, random);
  }
}

function flipBit(octets: string, at: number, bit: number): string {
  if (at < 0) return octets;
  return octets.slice(0, at) +
    String.fromCharCode(octets.charCodeAt(at) ^ (1 << bit)) +
    octets.slice(at + 1);
}

/** Changes the lines of a message, and leaves them lines. */
function changeLine(octets: string, random: Random): string {
  const lines = octets.split("\r\n");
  const at = 1 + random.below(lines.length);
  const odd = random.isOneIn(6)
    ? random.pick(oddChunkLines)
    : random.pick(oddFieldLines);
  switch (random.below(5)) {
    case 0:
      lines.splice(at, 0, ...Array(random.pick([1, 1, 4, 15])).fill(odd));
      break;
    case 1:
      lines.splice(at, 1, odd);
      break;
    case 2:
      lines.splice(at, 1);
      break;
    case 3:
      lines.splice(at, 0, ...lines.slice(at, at + 1 + random.below(2)));
      break;
    default:
      lines.splice(1, 0, odd);
  }
  return lines.join(random.isOneIn(25) ? "\n" : "\r\n");
}
