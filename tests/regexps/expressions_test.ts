/**
 * No regular expression of lib/ takes more than linear time, whatever a client
 * sends: recheck looks for an input that makes it, in the automaton of each.
 */

import { assert, assertEquals } from "@std/assert";
import recheck from "recheck";
import { expressions } from "./expressions.ts";

const ignore =
  (await Deno.permissions.query({ name: "read", path: "../../lib" })).state !==
    "granted";

Deno.test({
  name: "regular expressions take linear time",
  ignore,
  async fn() {
    const all = await expressions();
    assert(all.length > 80, `${all.length} were found`);
    const faults: string[] = [];
    for (const { path, source, flags } of all) {
      const verdict = judge(source, flags);
      if (verdict.status === "safe") continue;
      // What no automaton can judge, as it looks ahead, is tried out by recheck
      // with steps of its own; only the engine that runs it tells the truth.
      if (
        verdict.status === "vulnerable" && verdict.checker === "fuzz" &&
        !grows(source, flags, verdict.attack)
      ) continue;
      const attack = verdict.status === "vulnerable"
        ? `, such as ${verdict.attack.pattern}`
        : "";
      faults.push(`${path}: /${source}/${flags} is ${verdict.status}${attack}`);
    }
    assertEquals(faults, []);
  },
});

/** What it finds. A sticky expression begins at one place, as with `^`. */
function judge(source: string, flags: string) {
  const options = { timeout: 120_000 };
  return flags.includes("y")
    ? recheck.checkSync(`^(?:${source})`, flags.replace("y", ""), options)
    : recheck.checkSync(source, flags, options);
}

interface Attack {
  pumps: { prefix: string; pump: string }[];
  suffix: string;
}

/** Whether ten times an attack takes more than thirty times as long. */
function grows(source: string, flags: string, attack: Attack): boolean {
  const expression = new RegExp(source, flags);
  const least = (times: number) => {
    const text = attack.pumps
      .map(({ prefix, pump }) => prefix + pump.repeat(times))
      .join("") + attack.suffix;
    let least = Infinity;
    for (let trial = 0; trial < 10; trial++) {
      const from = performance.now();
      expression.lastIndex = 0;
      expression.exec(text);
      least = Math.min(least, performance.now() - from);
    }
    return least;
  };
  const tenfold = least(10_000);
  return tenfold > 1 && tenfold > 30 * least(1000);
}

Deno.test("an expression that takes the square of the time is found", () => {
  assertEquals(judge("^[ \\t]+|[ \\t]+$", "g").status, "vulnerable");
});
