/**
 * Reads the text format of Prometheus, version 0.0.4, strictly: HELP, TYPE, then
 * the samples of each metric, once and together. Throws at anything else.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";

/** The value of each sample, by its name and labels as in the text. */
export type Samples = Map<string, number>;

const sampleLine =
  /^([a-z_]+)(?:\{([a-z_]+="(?:[^"\\]|\\[\\"n])*"(?:,[a-z_]+="(?:[^"\\]|\\[\\"n])*")*)\})? (\d+(?:\.\d+)?(?:e[+-]\d+)?)$/;

/** The samples of a text in the format. */
export function parsePrometheus(text: string): Samples {
  assert(text.endsWith("\n"), "the last line has an end");
  const samples: Samples = new Map();
  const seen = new Set<string>();
  let name = "";
  let type = "";
  const lines = text.slice(0, -1).split("\n");
  for (let at = 0; at < lines.length; at++) {
    if (lines[at].startsWith("# HELP ")) {
      [, , name] = lines[at].split(" ");
      assert(!seen.has(name), `${name} is told once`);
      seen.add(name);
      assertMatch(lines[at], /^# HELP [a-z_]+ \S[^\\]*$/);
      at++;
      const match = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/
        .exec(lines[at]);
      assertEquals(match?.[1], name, "TYPE follows HELP");
      type = match![2];
      if (type === "counter") assertMatch(name, /_total$/);
      continue;
    }
    const match = sampleLine.exec(lines[at]);
    assert(match, lines[at]);
    const [, full, labels = "", value] = match;
    const suffix = type === "histogram" ? "_(bucket|sum|count)" : "";
    assertMatch(full, new RegExp(`^${name}${suffix}$`));
    const key = labels ? `${full}{${labels}}` : full;
    assert(!samples.has(key), `${key} is told once`);
    samples.set(key, Number(value));
  }
  checkHistograms(samples);
  return samples;
}

/** Buckets never fall, and the last one is the count. */
function checkHistograms(samples: Samples): void {
  let before = 0;
  for (const [key, value] of samples) {
    const bucket = /^(\w+)_bucket\{(.*),le="([^"]+)"\}$/.exec(key);
    if (!bucket) continue;
    assert(value >= before, key);
    const [, name, labels, bound] = bucket;
    before = bound === "+Inf" ? 0 : value;
    if (bound !== "+Inf") continue;
    assertEquals(samples.get(`${name}_count{${labels}}`), value, key);
  }
}
