/**
 * `sluice passwd NAME`: asks for a password, and prints the line of a users'
 * file. On a terminal the password is not shown; from a pipe it is one line.
 *
 * @module
 */

import { hashPassword } from "../access/password_hash.ts";
import { namePattern } from "../access/users.ts";
import { UsageError } from "./messages.ts";

/** Octets of a password; one that is longer would not fit a request. */
const MOST_OCTETS = 1024;

/** Prints the line for a name. Throws a UsageError that says what to type. */
export async function passwd(args: readonly string[]): Promise<void> {
  const [name, ...more] = args;
  if (name === undefined || more.length > 0 || name.startsWith("-")) {
    throw new UsageError("Cannot make a line: write sluice passwd NAME");
  }
  if (!namePattern.test(name)) {
    throw new UsageError(
      "Cannot use this name: write up to 100 characters without a colon",
    );
  }
  const password = Deno.stdin.isTerminal()
    ? await askTwice(name)
    : await readLine();
  refuseUseless(password);
  console.log(`${name}:${await hashPassword(password)}`);
}

function refuseUseless(password: string): void {
  if (password === "") {
    throw new UsageError("Cannot use this password: it is empty, type one");
  }
  if (new TextEncoder().encode(password).length > MOST_OCTETS) {
    throw new UsageError(
      `Cannot use this password: type at most ${MOST_OCTETS} octets`,
    );
  }
}

async function askTwice(name: string): Promise<string> {
  const password = await ask(`Password for ${name}: `);
  if (await ask("Again: ") === password) return password;
  throw new UsageError("Cannot use this password: type the same twice");
}

/** The terminal shows nothing, and keys come one by one. */
async function ask(question: string): Promise<string> {
  await Deno.stderr.write(new TextEncoder().encode(question));
  Deno.stdin.setRaw(true, { cbreak: true });
  try {
    return await readLine();
  } finally {
    Deno.stdin.setRaw(false);
    console.error();
  }
}

/** Keys that a terminal in raw mode passes on. */
const BACKSPACES = [0x08, 0x7f];
const ENDS = [0x04, 0x0a, 0x0d];

/** A line, read octet by octet, so that none of the next line is lost. */
async function readLine(): Promise<string> {
  const octets: number[] = [];
  const one = new Uint8Array(1);
  while (octets.length <= MOST_OCTETS) {
    const count = await Deno.stdin.read(one);
    if (count === null || ENDS.includes(one[0])) break;
    if (BACKSPACES.includes(one[0])) removeCharacter(octets);
    else octets.push(one[0]);
  }
  return new TextDecoder().decode(new Uint8Array(octets));
}

/** UTF-8: its later octets begin with the bits 10. */
function removeCharacter(octets: number[]): void {
  while (octets.length > 0 && (octets.pop()! & 0xc0) === 0x80);
}
