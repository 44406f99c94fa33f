/** What is counted of exchanges, and how it is told. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Exchange } from "../../lib/observer.ts";
import { Metrics } from "../../lib/operations/metrics.ts";
import { parsePrometheus, type Samples } from "./prometheus_text.ts";

const patterns = ["/", "/echo/*", "/files/*", "/files", "/page/:name"];
const state = { connections: { open: 7, idle: 4, active: 2 }, lag: 0.25 };

/** An exchange like most. */
function exchange(parts: Partial<Exchange> = {}): Exchange {
  return {
    remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 50_000 },
    method: "GET",
    requestTarget: "/",
    status: 200,
    received: 0,
    sent: 0,
    started: 0,
    duration: 1,
    ...parts,
  };
}

function counted(
  exchanges: Exchange[],
  options: { fallback?: string; patterns?: string[] } = {},
): { samples: Samples; text: string } {
  const metrics = new Metrics({ patterns, version: "1.2.3", ...options });
  for (const each of exchanges) metrics.record(each);
  const text = metrics.text(state);
  return { samples: parsePrometheus(text), text };
}

/** The samples of one name, without those that are 0. */
function only(samples: Samples, name: string): Record<string, number> {
  const found = [...samples].filter(([key, value]) =>
    value !== 0 && key.split("{")[0] === name
  );
  return Object.fromEntries(
    found.map(([key, value]) => [key.slice(name.length), value]),
  );
}

Deno.test("requests are counted by method, route and status", () => {
  const { samples } = counted([
    exchange(),
    exchange(),
    exchange({ status: 304 }),
    exchange({ method: "HEAD" }),
    exchange({ method: "PUT", requestTarget: "/files/a", status: 201 }),
    exchange({ method: "PUT", requestTarget: "/files/b", status: 201 }),
    exchange({ requestTarget: "/nothing", status: 404 }),
    exchange({ requestTarget: "/files/a", status: undefined }),
    exchange({ method: undefined, requestTarget: undefined, status: 400 }),
  ]);
  assertEquals(only(samples, "http_server_requests_total"), {
    '{method="GET",route="/",status="200"}': 2,
    '{method="GET",route="/",status="304"}': 1,
    '{method="HEAD",route="/",status="200"}': 1,
    '{method="PUT",route="/files/*",status="201"}': 2,
    '{method="GET",route="other",status="404"}': 1,
    '{method="GET",route="/files/*",status="none"}': 1,
    '{method="other",route="other",status="400"}': 1,
  });
});

for (
  const [target, route] of [
    ["/", "/"],
    ["/?a", "/"],
    ["/files", "/files"],
    ["/files?a=/files/", "/files"],
    ["/files/", "/files/*"],
    ["/files/a/b?c", "/files/*"],
    ["/filesystem", "other"],
    ["/echo/", "/echo/*"],
    ["/echo", "other"],
    ["/page/a.css", "/page/:name"],
    ["/x/files/a", "other"],
    ["//files/a", "other"],
    ["http://a.example/files/a", "/files/*"],
    ["http://a.example/", "/"],
    ["http://a.example", "other"],
    ["*", "other"],
    ["a.example:443", "other"],
    [undefined, "other"],
  ] as const
) {
  Deno.test(`the route of ${target} is ${route}`, () => {
    const { samples } = counted([exchange({ requestTarget: target })]);
    assertEquals(only(samples, "http_server_requests_total"), {
      [`{method="GET",route="${route}",status="200"}`]: 1,
    });
  });
}

Deno.test("all files of a site are one route", () => {
  const { samples } = counted([
    exchange({ requestTarget: "/about" }),
    exchange({ requestTarget: "/-/ready" }),
    exchange({ method: undefined, requestTarget: undefined, status: 400 }),
  ], { fallback: "site", patterns: ["/-/ready"] });
  assertEquals(only(samples, "http_server_requests_total"), {
    '{method="GET",route="site",status="200"}': 1,
    '{method="GET",route="/-/ready",status="200"}': 1,
    '{method="other",route="other",status="400"}': 1,
  });
});

Deno.test("durations are in seconds, a bound belongs to its bucket", () => {
  const durations = [1, 5, 6, 100, 10_000, 20_000];
  const { samples } = counted(
    durations.map((duration) =>
      exchange({ requestTarget: "/echo/a", duration })
    ),
  );
  const name = "http_server_request_duration_seconds";
  assertEquals(only(samples, `${name}_bucket`), {
    '{route="/echo/*",le="0.005"}': 2,
    '{route="/echo/*",le="0.01"}': 3,
    '{route="/echo/*",le="0.025"}': 3,
    '{route="/echo/*",le="0.05"}': 3,
    '{route="/echo/*",le="0.1"}': 4,
    '{route="/echo/*",le="0.25"}': 4,
    '{route="/echo/*",le="0.5"}': 4,
    '{route="/echo/*",le="1"}': 4,
    '{route="/echo/*",le="2.5"}': 4,
    '{route="/echo/*",le="5"}': 4,
    '{route="/echo/*",le="10"}': 5,
    '{route="/echo/*",le="+Inf"}': 6,
  });
  const sum = samples.get(`${name}_sum{route="/echo/*"}`)!;
  assert(Math.abs(sum - 30.112) < 1e-9, String(sum));
});

Deno.test("octets of content, in both directions", () => {
  const { samples } = counted([
    exchange({ received: 3, sent: 5 }),
    exchange({ received: 4, sent: 2 ** 40 }),
  ]);
  assertEquals(samples.get("http_server_request_body_bytes_total"), 7);
  assertEquals(
    samples.get("http_server_response_body_bytes_total"),
    5 + 2 ** 40,
  );
});

Deno.test("refusals are told from the start, and counted over all routes", () => {
  const statuses = [408, 413, 414, 421, 429, 431, 503];
  const name = "http_server_refusals_total";
  const { samples } = counted([]);
  for (const status of statuses) {
    assertEquals(samples.get(`${name}{status="${status}"}`), 0);
  }
  const { samples: later } = counted([
    exchange({ method: "PUT", requestTarget: "/files/a", status: 413 }),
    exchange({ requestTarget: "/nothing", status: 413 }),
    exchange({ method: undefined, requestTarget: undefined, status: 408 }),
    exchange({ status: 404 }),
  ]);
  assertEquals(only(later, name), {
    '{status="413"}': 2,
    '{status="408"}': 1,
  });
});

Deno.test("the state of the server and its process", () => {
  const { samples } = counted([]);
  assertEquals(only(samples, "http_server_connections"), {
    '{state="open"}': 7,
    '{state="idle"}': 4,
    '{state="active"}': 2,
  });
  assertEquals(samples.get("event_loop_lag_seconds"), 0.25);
  assertEquals(samples.get('sluice_build_info{version="1.2.3"}'), 1);
  const memory = samples.get("process_resident_memory_bytes")!;
  assert(memory > 2 ** 20, String(memory));
  const age = Date.now() / 1000 - samples.get("process_start_time_seconds")!;
  assert(age >= 0 && age < 24 * 60 * 60, String(age));
});

Deno.test("no client makes a series of its own", () => {
  const odd = Array.from(
    { length: 100 },
    (_, index) =>
      exchange({ method: `M${index}`, requestTarget: `/p${index}/"\n\\` }),
  );
  const { samples, text } = counted(odd);
  assertEquals(only(samples, "http_server_requests_total"), {
    '{method="other",route="other",status="200"}': 100,
  });
  assertEquals(
    text.split("\n").length,
    counted([]).text.split("\n").length + 1,
  );
});

Deno.test("a label's value is escaped", () => {
  const { samples } = counted([], { fallback: 'a"b\\c\nd' });
  const route = String.raw`a\"b\\c\nd`;
  const name = "http_server_request_duration_seconds_count";
  assertEquals(samples.get(`${name}{route="${route}"}`), 0);
});

for (
  const text of [
    "a 1",
    "# HELP a A.\na 1\n",
    "# HELP a A.\n# TYPE a gauge\nb 1\n",
    "# HELP a A.\n# TYPE a gauge\na 1\na 2\n",
    "# HELP a A.\n# TYPE a gauge\na{b=c} 1\n",
    '# HELP a A.\n# TYPE a gauge\na{b="\\c"} 1\n',
    "# HELP a A.\n# TYPE a counter\na 1\n",
    "# HELP a A.\n# TYPE a gauge\na 1\n# HELP a A.\n# TYPE a gauge\n",
  ]
) {
  Deno.test(`the parser of these tests refuses ${JSON.stringify(text)}`, () => {
    assertThrows(() => parsePrometheus(text));
  });
}

Deno.test({
  name: "promtool finds nothing to say",
  ignore: !await hasPromtool(),
}, async () => {
  const { text } = counted([
    exchange({ status: 413 }),
    exchange({ requestTarget: "/files/a", duration: 70, received: 2 ** 40 }),
  ]);
  const promtool = new Deno.Command("promtool", {
    args: ["check", "metrics"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdin = promtool.stdin.getWriter();
  await stdin.write(new TextEncoder().encode(text));
  await stdin.close();
  const { code, stdout, stderr } = await promtool.output();
  const decoder = new TextDecoder();
  assertEquals(decoder.decode(stdout) + decoder.decode(stderr), "");
  assertEquals(code, 0);
});

async function hasPromtool(): Promise<boolean> {
  const may = await Deno.permissions.query({
    name: "run",
    command: "promtool",
  });
  if (may.state !== "granted") return false;
  try {
    const args = ["--version"];
    return (await new Deno.Command("promtool", { args }).output()).success;
  } catch {
    return false;
  }
}
