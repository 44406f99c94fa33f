/** Figures go in, ratios come out. */
import { assertEquals } from "@std/assert";
import type { Outcome } from "./rounds.ts";
import { comparisonRows, ratioRows } from "./table.ts";
import {
  byCpu,
  byFigure,
  type Measurement,
  type Workload,
} from "./workload.ts";
import { workloads } from "./workloads.ts";

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

Deno.test("bench table: what is watched, and how it is divided", () => {
  const watched = {
    ...workload,
    ratios: [...byCpu("Deno.serve"), ...byFigure("Deno.serve")],
  };
  const deno = { ...then, server: "Deno.serve" };
  assertEquals(ratioRows(watched, [ours, then, deno]), [
    "| keep-alive: some requests | CPU, its ÷ ours | 9.00 µs | Deno.serve " +
    "| 10.0 µs | 1.11 | 1.00 to 1.25 |",
    "| keep-alive: some requests | requests/s, ours ÷ its | 200 requests/s " +
    "| Deno.serve | 100 requests/s | 2.00 | 1.25 to 2.10 |",
  ]);
  assertEquals(ratioRows(watched, [ours]), []);
  assertEquals(ratioRows(workload, [ours, deno]), []);
});

Deno.test("bench table: memory is ours by theirs, less being better", () => {
  const idle = {
    ...workload,
    unit: "KiB a connection" as const,
    ratios: byFigure("bare loop"),
  };
  const outcomes = [
    outcome("Sluice", { figure: 18 }),
    outcome("bare loop", { figure: 15 }),
  ];
  assertEquals(ratioRows(idle, outcomes), [
    "| keep-alive: some requests | KiB a connection, ours ÷ its " +
    "| 18 KiB a connection | bare loop | 15 KiB a connection | 1.20 " +
    "| 1.20 to 1.20 |",
  ]);
});

Deno.test("bench workloads: each has a name, and watches servers of its own", () => {
  const names = workloads.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  const watched = workloads.flatMap(({ name, servers, ratios = [] }) => {
    const others = servers.slice(1).map((server) => server.name);
    return ratios.map(({ server, by }) =>
      `${name} ${by} ${others.includes(server) ? server : "nobody"}`
    );
  });
  assertEquals(watched, [
    "keep-alive cpu Deno.serve",
    "pipelined figure Deno.serve",
    "pipelined figure nginx",
    "browser cpu Deno.serve",
    "connections cpu Deno.serve",
    "connections cpu bare loop",
    "logged cpu Sluice, log off",
    "handler cpu Deno.serve",
    "handler-lazy cpu Deno.serve",
    "hono cpu Deno.serve",
    "hono-lazy cpu Deno.serve",
    "post-json cpu Deno.serve",
    "small-file figure Deno.serve",
    "small-file figure nginx",
    "download figure nginx",
    "download-free figure nginx",
    "idle figure Deno.serve",
    "idle figure bare loop",
    "start figure Deno.serve",
  ]);
});
