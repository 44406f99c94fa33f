/** What is learned of the system's descriptors from calls that fail. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  Descriptors,
  isOutOfDescriptors,
} from "../../lib/server/descriptor_limit.ts";

/** What Deno throws for want of descriptors. */
function exhaustion(code = "EMFILE"): Error {
  return Object.assign(new Error("Too many open files (os error 24)"), {
    code,
  });
}

/** Runs with the standard error caught; gives what was said. */
function sayings(run: () => void): string[] {
  const { error } = console;
  const said: string[] = [];
  console.error = (it: unknown) => said.push(String(it));
  try {
    run();
  } finally {
    console.error = error;
  }
  return said;
}

Deno.test("descriptors: an eighth of the connections makes room for files, 16 at least", () => {
  for (
    const [open, most] of [[8000, 7000], [231, 202], [100, 84], [20, 8], [0, 8]]
  ) {
    const descriptors = new Descriptors(() => 0);
    assertEquals(descriptors.most, Infinity);
    sayings(() => descriptors.ranOut(open, exhaustion()));
    assertEquals(descriptors.most, most, `${open} open`);
  }
});

Deno.test("descriptors: many failures at once are one, later ones count", () => {
  let now = 0;
  const descriptors = new Descriptors(() => now);
  const said = sayings(() => {
    for (let count = 0; count < 50; count++) {
      descriptors.ranOut(800 - count, exhaustion());
    }
    assertEquals(descriptors.most, 700);
    now = 1000;
    descriptors.ranOut(400, exhaustion());
    assertEquals(descriptors.most, 350);
  });
  assertEquals(said.length, 1);
  assertStringIncludes(said[0], "800 connections");
});

Deno.test("descriptors: what to change depends on whose limit it is", () => {
  for (
    const [code, word] of [["EMFILE", "ulimit -n"], ["ENFILE", "file-max"]]
  ) {
    const [said] = sayings(() =>
      new Descriptors(() => 0).ranOut(99, exhaustion(code))
    );
    assertStringIncludes(said, word);
  }
});

Deno.test("descriptors: more are tried again after a minute, then ever more seldom", () => {
  let now = 0;
  const descriptors = new Descriptors(() => now);
  const minute = 60_000;
  sayings(() => {
    for (const pause of [1, 2, 4, 8, 16, 32, 60, 60]) {
      descriptors.ranOut(800, exhaustion());
      now += pause * minute - 1;
      assertEquals(descriptors.most, 700, `after ${pause} minutes`);
      now++;
      assertEquals(descriptors.most, Infinity, `after ${pause} minutes`);
    }
    // It has gone well for a long time.
    now += 2 * 60 * minute;
    descriptors.ranOut(800, exhaustion());
    now += minute;
    assertEquals(descriptors.most, Infinity);
  });
});

Deno.test("descriptors: their want is found among the causes of an error", () => {
  assert(isOutOfDescriptors(exhaustion()));
  assert(isOutOfDescriptors(new Error("503", { cause: exhaustion("ENFILE") })));
  assert(!isOutOfDescriptors(exhaustion("ENOENT")));
  assert(!isOutOfDescriptors("EMFILE"));
  const circle = new Error("circle");
  circle.cause = circle;
  assert(!isOutOfDescriptors(circle));
});
