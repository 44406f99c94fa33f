/** What a client sends that waits for answers: none is waited for twice. */

import { assertEquals } from "@std/assert";
import { Pauses } from "../../lib/cli/pauses.ts";

/** Lets the octets through, and answers as soon as some have come. */
async function pass(
  pieces: string[],
  places: number[],
  isAnswered = true,
): Promise<string[]> {
  const pauses = new Pauses(places);
  const octets = ReadableStream.from(pieces)
    .pipeThrough(new TextEncoderStream());
  const passed: string[] = [];
  for await (const piece of pauses.hold(octets)) {
    passed.push(new TextDecoder().decode(piece));
    if (isAnswered) pauses.hear();
  }
  return passed;
}

Deno.test("octets are cut where an answer is waited for", async () => {
  assertEquals(await pass(["headcontent"], [4]), ["head", "content"]);
  assertEquals(await pass(["he", "adcon", "tent"], [4]), [
    "he",
    "ad",
    "con",
    "tent",
  ]);
  assertEquals(await pass(["abc"], [1, 2]), ["a", "b", "c"]);
  assertEquals(await pass(["abc"], [3]), ["abc"]);
  assertEquals(await pass(["abc"], []), ["abc"]);
});

Deno.test("octets wait until there is an answer", async () => {
  const pauses = new Pauses([1]);
  const octets = ReadableStream.from(["ab"])
    .pipeThrough(new TextEncoderStream());
  const held = pauses.hold(octets);
  await held.next();
  let hasCome = false;
  const rest = held.next().then(() => hasCome = true);
  await new Promise<void>((resolve) => queueMicrotask(resolve));
  assertEquals(hasCome, false);
  pauses.hear();
  await rest;
  await held.return(undefined);
});

Deno.test("without an answer the rest is sent in the end", async () => {
  assertEquals(await pass(["ab"], [1], false), ["a", "b"]);
});
