/** What Prometheus scrapes, and its alerts: its own tool accepts and tries them. */

import { assertEquals } from "@std/assert";
import { Metrics } from "../../lib/operations/metrics.ts";
import { folder, hasProgram, run } from "./installed.ts";

const ignore = !await hasProgram("promtool");

Deno.test("prometheus.yml is accepted", { ignore }, async () => {
  const { code, text } = await run(
    "promtool",
    "check",
    "config",
    "prometheus.yml",
  );
  assertEquals(code, 0, text);
});

Deno.test("each alert fires when it should, and not before", {
  ignore,
}, async () => {
  const { code, text } = await run(
    "promtool",
    ...["test", "rules", "../tests/deploy/alerts_test.yml"],
  );
  assertEquals(code, 0, text);
});

Deno.test("the alerts ask for metrics that there are", {
  ignore: (await Deno.permissions.query({ name: "read" })).state !== "granted",
}, async () => {
  const told = new Metrics({ patterns: [], version: "0" }).text({
    connections: { open: 0, idle: 0, active: 0 },
    lag: 0,
  });
  const rules = await Deno.readTextFile(`${folder}alerts.yml`);
  const asked = rules.matchAll(/([a-z_]+)\{job="sluice"/g);
  const missing = [...asked].map(([, name]) => name)
    .filter((name) => name !== "up" && !told.includes(`# TYPE ${name} `));
  assertEquals(missing, []);
});
