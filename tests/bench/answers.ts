/**
 * Whether a server answers as it should: a benchmark of wrong answers lies.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Load } from "./wrk.ts";

/** What the answer must be. */
export interface Answer {
  content: Uint8Array;
  /** The content coding, if it must have one. */
  coding?: string;
}

/** Asks once what the load will ask. Throws if the answer is another one. */
export async function verifyAnswer(
  port: number,
  load: Load,
  answer: Answer,
): Promise<void> {
  const { path, content = 0, headers = {} } = load;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: content > 0 ? "POST" : "GET",
    // Where that is missing `fetch` asks for codings of its own.
    headers: { "Accept-Encoding": "identity", ...headers },
    body: content > 0 ? `"${"a".repeat(content - 2)}"` : null,
  });
  const got = await response.bytes();
  const coding = response.headers.get("content-encoding") ?? undefined;
  assertEquals(response.status, 200);
  assertEquals(coding, answer.coding);
  // Not by assertEquals, which would print a mebibyte.
  if (!isEqual(got, answer.content)) {
    throw new Error(`Cannot measure a wrong answer: got ${got.length} octets`);
  }
}

function isEqual(some: Uint8Array, other: Uint8Array): boolean {
  return some.length === other.length &&
    some.every((octet, at) => octet === other[at]);
}
