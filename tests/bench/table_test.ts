/** Figures go in, ratios come out. */
import { assertEquals } from "@std/assert";
import type { Outcome } from "./rounds.ts";
import { comparisonRows } from "./table.ts";
import type { Measurement, Workload } from "./workload.ts";

const workload: Workload = {
  name: "keep-alive",
  title: "some requests",
  unit: "requests/s",
  needs: [],
  servers: [],
  verify: () => Promise.resolve(),
  measure: () => Promise.resolve({ figure: 1 }),
};

const outcome = (server: string, ...measurements: Measurement[]): Outcome => ({
  server,
  measurements,
  peak: 1024,
});

/** Three rounds, of which the machine was slow in the second. */
const ours = outcome(
  "Sluice",
  { figure: 200, cpu: 8 },
  { figure: 50, cpu: 30 },
  { figure: 210, cpu: 9 },
);
const then = outcome(
  "Sluice at HEAD~1",
  { figure: 100, cpu: 10 },
  { figure: 40, cpu: 30 },
  { figure: 100, cpu: 10 },
);

Deno.test("bench table: the present state beside a commit", () => {
  assertEquals(comparisonRows(workload, [ours, then], "Sluice at HEAD~1"), [
    "| keep-alive: some requests | 0.90 | 0.80 to 1.00 " +
    "| 2.00 (requests/s) | 1.25 to 2.10 |",
  ]);
});

Deno.test("bench table: a workload without CPU has no ratio of it", () => {
  const start = { ...workload, unit: "ms" as const };
  const outcomes = [
    outcome("Sluice", { figure: 90 }),
    outcome("Sluice at HEAD~1", { figure: 120 }),
  ];
  assertEquals(comparisonRows(start, outcomes, "Sluice at HEAD~1"), [
    "| keep-alive: some requests |  |  | 0.75 (ms) | 0.75 to 0.75 |",
  ]);
});

Deno.test("bench table: a commit that was not measured has no row", () => {
  assertEquals(comparisonRows(workload, [ours], "Sluice at HEAD~1"), []);
});
