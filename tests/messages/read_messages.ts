/**
 * Messages as data: text in, octets and their expected outcome out. It does not
 * know where the text comes from, nor what is done with the octets.
 *
 * A file holds blocks with an empty line between them; one that begins with `#`
 * is for people. The first line of any other says why, with the section:
 *
 *     RFC 9112 §5.1: no whitespace before the colon
 *     > GET / HTTP/1.1\r\n
 *     > Host : h\r\n
 *     > \r\n
 *     < 400
 *
 * After `> ` come the octets. A line end counts only where it is written out:
 * `\r`, `\n`; also `\t`, `\\` and, for any octet, `\x1f`. After `< ` comes each
 * answer: a status alone, or what the handler was given. `< close` at the end
 * says that the connection is closed then.
 *
 * @module
 */

/** A message, or several on one connection, and what comes of it. */
export interface Message {
  /** Begins with the section: `RFC 9112 §5.1: …`. */
  reason: string;
  /** A character for each octet. */
  octets: string;
  /** A line for each answer. */
  answers: string[];
  closes: boolean;
}

/** Reads all blocks; throws at what it does not understand. */
export function readMessages(text: string): Message[] {
  return text.trimEnd().split(/\n{2,}/)
    .filter((block) => !block.startsWith("#"))
    .map(readBlock);
}

function readBlock(block: string): Message {
  const match =
    /^(RFC \d{4} §\d[\d.]*: .*)\n((?:> .+(?:\n|$))+)((?:< .+(?:\n|$))*)$/
      .exec(block);
  if (!match) throw new Error(`Cannot read the message:\n${block}`);
  const [, reason, sent, received] = match;
  const answers = linesOf(received);
  const closes = answers.at(-1) === "close";
  if (closes) answers.pop();
  return { reason, octets: linesOf(sent).join(""), answers, closes };
}

function linesOf(marked: string): string[] {
  return marked.split("\n").filter((line) => line !== "")
    .map((line) => unescape(line.slice(2)));
}

const escapes: Record<string, string> = {
  r: "\r",
  n: "\n",
  t: "\t",
  "\\": "\\",
};

function unescape(line: string): string {
  if (!/^(?:[ -[\]-~]|\\(?:[rnt\\]|x[0-9a-f]{2}))*$/.test(line)) {
    throw new Error(`Cannot read the octets: got ${line}`);
  }
  return line.replace(
    /\\(?:x(..)|(.))/g,
    (_, hex, letter) =>
      hex ? String.fromCharCode(parseInt(hex, 16)) : escapes[letter],
  );
}
