/** Metrics of several processes, as if of one. */

import { assert, assertEquals } from "@std/assert";
import type { Exchange } from "../../lib/observer.ts";
import { Metrics } from "../../lib/operations/metrics.ts";
import { SummedMetrics } from "../../lib/operations/summed_metrics.ts";
import { parsePrometheus } from "./prometheus_text.ts";

/** The text of a process that has answered requests for these targets. */
function textOf(targets: string[], lag: number): string {
  const metrics = new Metrics({ patterns: ["/echo/*"], version: '1 "a" b' });
  for (const requestTarget of targets) {
    const exchange: Exchange = {
      remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 50_000 },
      method: "GET",
      requestTarget,
      status: 200,
      received: 1,
      sent: 10,
      started: 0,
      duration: 7,
    };
    metrics.record(exchange);
  }
  const connections = { open: 3, idle: 2, active: 1 };
  return metrics.text({ connections, lag });
}

const echoes =
  'http_server_requests_total{method="GET",route="/echo/*",status="200"}';
const others =
  'http_server_requests_total{method="GET",route="other",status="200"}';

Deno.test("counters, histograms and gauges are added up", () => {
  const text = new SummedMetrics().text([
    textOf(["/echo/a"], 0.5),
    textOf(["/echo/a", "/echo/b", "/c"], 0.25),
  ]);
  const samples = parsePrometheus(text);
  assertEquals(samples.get(echoes), 3);
  assertEquals(samples.get(others), 1);
  const duration = "http_server_request_duration_seconds";
  assertEquals(samples.get(`${duration}_count{route="/echo/*"}`), 3);
  assertEquals(samples.get(`${duration}_bucket{route="/echo/*",le="0.01"}`), 3);
  assertEquals(samples.get("http_server_response_body_bytes_total"), 40);
  assertEquals(samples.get('http_server_connections{state="open"}'), 6);
});

Deno.test("what has no sum is the largest or the oldest", () => {
  const texts = [textOf([], 0.25), textOf([], 0.5)];
  const samples = parsePrometheus(new SummedMetrics().text(texts));
  assertEquals(samples.get("event_loop_lag_seconds"), 0.5);
  assertEquals(samples.get('sluice_build_info{version="1 \\"a\\" b"}'), 1);
  assertEquals(
    samples.get("process_start_time_seconds"),
    performance.timeOrigin / 1000,
  );
});

Deno.test("what a process had counted stays when it has ended", () => {
  const sums = new SummedMetrics();
  sums.retire(textOf(["/echo/a", "/c"], 9));
  sums.retire(textOf(["/echo/a"], 9));
  const samples = parsePrometheus(sums.text([textOf(["/echo/a"], 0.25)]));
  assertEquals(samples.get(echoes), 3);
  assertEquals(samples.get(others), 1);
  // It has no connections any more.
  assertEquals(samples.get('http_server_connections{state="open"}'), 3);
  assertEquals(samples.get("event_loop_lag_seconds"), 0.25);
});

Deno.test("the text of one process is left as it is", () => {
  const text = textOf(["/echo/a"], 0.25);
  assertEquals(new SummedMetrics().text([text]), text);
  assert(text.length > 0);
});
