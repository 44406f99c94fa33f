/** What the fuzzer ever found stays mended: each octet sequence, cut anywhere. */

import { assertEquals } from "@std/assert";
import { type Finding, formatFinding, readFindings } from "./findings.ts";
import { levels } from "./fuzz.ts";
import { findFault } from "./invariant.ts";
import { readMessages } from "./wire_level.ts";

const { state } = await Deno.permissions.query({
  name: "read",
  path: new URL("../messages/found/", import.meta.url),
});
const ignore = state !== "granted";
const findings = ignore ? new Map<string, Finding>() : await readFindings();

function* everyCut(octets: string): Generator<string[]> {
  yield [...octets];
  for (let at = 1; at < octets.length; at++) {
    yield [octets.slice(0, at), octets.slice(at)];
  }
}

for (const [name, { octets }] of findings) {
  Deno.test(`fuzz: ${name} is found no more`, async () => {
    for (const read of Object.values(levels)) {
      assertEquals(
        await findFault(octets, read, everyCut(octets)),
        undefined,
      );
    }
  });
}

Deno.test({
  name: "fuzz: what was found is read",
  ignore,
  async fn() {
    const sample = findings.get("sample-1-126.json");
    const told = await readMessages([sample?.octets ?? ""]);
    assertEquals(told.map((line) => line.slice(0, 6)), [
      '[["DEL',
      "refuse",
    ]);
  },
});

Deno.test("fuzz: a finding keeps every octet", () => {
  const octets = Array.from(
    { length: 256 },
    (_, octet) => String.fromCharCode(octet),
  ).join("");
  const finding = {
    level: "wire",
    seed: 1,
    number: 2,
    fault: "\u2028",
    octets,
  };
  const text = formatFinding(finding);
  assertEquals(JSON.parse(text), finding);
  assertEquals(/^[\n -~]*$/.test(text), true);
});
