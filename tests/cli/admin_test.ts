/** `--admin`: metrics and health on an address of their own. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async/delay";
import { parsePrometheus } from "../operations/prometheus_text.ts";
import {
  mayRunCommand,
  readmeFlags,
  runCommand,
  type RunningCommand,
  Site,
  startCommand,
} from "./command.ts";

const ignore = !mayRunCommand;
const ignoreOnWindows = ignore || Deno.build.os === "windows";

/** Starts it with metrics; also gives the root of the second server. */
async function startWithAdmin(site: Site, args: string[] = []) {
  const command = await startCommand(
    ["--port=0", "--admin=127.0.0.1:0", ...args],
    { cwd: site.path },
  );
  const line = await command.stderr.until(/^Metrics: /);
  assertMatch(line, /^Metrics: http:\/\/127\.0\.0\.1:\d+\/-\/metrics$/);
  return {
    command,
    admin: line.slice("Metrics: ".length, -"-/metrics".length),
  };
}

async function statusOf(url: string, init?: RequestInit): Promise<number> {
  const response = await fetch(url, init);
  await response.body?.cancel();
  return response.status;
}

async function ask(url: string, head: string): Promise<string> {
  const { hostname, port } = new URL(url);
  using conn = await Deno.connect({ hostname, port: Number(port) });
  await conn.write(new TextEncoder().encode(`${head}\r\n\r\n`));
  return await new Response(conn.readable).text();
}

/** The requests counted, as `GET /files/* 200`, and what else was told. */
async function scrape(admin: string) {
  const response = await fetch(`${admin}-/metrics`);
  assertEquals(
    response.headers.get("content-type"),
    "text/plain; version=0.0.4",
  );
  const samples = parsePrometheus(await response.text());
  const requests: Record<string, number> = {};
  for (const [key, value] of samples) {
    const match =
      /^http_server_requests_total\{method="(.*)",route="(.*)",status="(.*)"\}$/
        .exec(key);
    if (match) requests[match.slice(1).join(" ")] = value;
  }
  return { samples, requests };
}

/** The log has a line of each exchange once it is counted. */
async function awaitLines(command: RunningCommand, count: number) {
  while (command.stdout.all.length < count) await delay(10);
}

Deno.test({ name: "what was asked is what is counted", ignore }, async () => {
  await using site = await Site.make();
  const { command, admin } = await startWithAdmin(site);
  await using _command = command;
  const { url } = command;
  const identity = { headers: { "accept-encoding": "identity" } };
  const put = { method: "PUT", body: "hello" };
  assertEquals(await statusOf(`${url}files/a.txt`, put), 201);
  for (let count = 0; count < 5; count++) {
    const response = await fetch(`${url}echo/abc`, identity);
    assertEquals(await response.text(), "abc");
  }
  const file = await fetch(`${url}files/a.txt`, identity);
  assertEquals(await file.text(), "hello");
  assertEquals(await statusOf(`${url}-/ready`), 200);
  // The main port has no metrics.
  assertEquals(await statusOf(`${url}-/metrics`, { method: "HEAD" }), 404);
  await ask(
    url,
    "GET /echo/abc HTTP/1.1\r\nHost: evil.example\r\n" +
      "User-Agent: x\r\nConnection: close",
  );
  await ask(url, "nonsense");
  await awaitLines(command, 11);
  const { samples, requests } = await scrape(admin);
  assertEquals(requests, {
    "PUT /files/* 201": 1,
    "GET /echo/* 200": 5,
    "GET /files/* 200": 1,
    "GET /-/ready 200": 1,
    "HEAD other 404": 1,
    "GET /echo/* 421": 1,
    "other other 400": 1,
  });
  const duration = "http_server_request_duration_seconds";
  assertEquals(samples.get(`${duration}_count{route="/echo/*"}`), 6);
  assertEquals(samples.get('http_server_refusals_total{status="421"}'), 1);
  assertEquals(samples.get("http_server_request_body_bytes_total"), 5);
  const lines = command.stdout.all.map((line) => / sent=(\d+) /.exec(line)!);
  assertEquals(
    samples.get("http_server_response_body_bytes_total"),
    lines.reduce((sum, [, sent]) => sum + Number(sent), 0),
  );
  // Its own requests change no count.
  assertEquals((await scrape(admin)).requests, requests);
});

Deno.test(
  { name: "it counts connections of the main port", ignore },
  async () => {
    await using site = await Site.make();
    const { command, admin } = await startWithAdmin(site, ["--log=off"]);
    await using _command = command;
    const { hostname, port } = new URL(command.url);
    using silent = await Deno.connect({ hostname, port: Number(port) });
    await silent.write(new TextEncoder().encode(
      "GET /echo/a HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ));
    await silent.read(new Uint8Array(1024));
    const { samples, requests } = await scrape(admin);
    assertEquals(samples.get('http_server_connections{state="open"}'), 1);
    assertEquals(samples.get('http_server_connections{state="idle"}'), 1);
    assertEquals(samples.get('http_server_connections{state="active"}'), 0);
    assertEquals(requests, { "GET /echo/* 200": 1 });
  },
);

Deno.test({ name: "the files of a site are one route", ignore }, async () => {
  await using site = await Site.make();
  await Deno.writeTextFile(`${site.path}/public/index.html`, "Hello");
  const { command, admin } = await startWithAdmin(site, ["--site"]);
  await using _command = command;
  assertEquals(await statusOf(command.url), 200);
  assertEquals(await statusOf(`${command.url}about`), 404);
  await awaitLines(command, 2);
  assertEquals((await scrape(admin)).requests, {
    "GET site 200": 1,
    "GET site 404": 1,
  });
});

Deno.test(
  { name: "it answers three paths, and no others", ignore },
  async () => {
    await using site = await Site.make();
    const { command, admin } = await startWithAdmin(site);
    await using _command = command;
    for (
      const [path, method, status] of [
        ["-/metrics", "GET", 200],
        ["-/metrics", "HEAD", 200],
        ["-/metrics", "POST", 405],
        ["-/health", "GET", 200],
        ["-/ready", "GET", 200],
        ["", "GET", 404],
        ["files/", "GET", 404],
        ["-/metrics/", "GET", 404],
      ] as const
    ) {
      assertEquals(await statusOf(admin + path, { method }), status, path);
    }
  },
);

Deno.test(
  { name: "on loopback it answers for loopback hosts alone", ignore },
  async () => {
    await using site = await Site.make();
    const args = ["--allow-host=*"];
    const { command, admin } = await startWithAdmin(site, args);
    await using _command = command;
    for (const path of ["/-/metrics", "/-/health"]) {
      const head = (host: string) =>
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close`;
      assertMatch(await ask(admin, head("localhost:1")), /^HTTP\/1\.1 200 /);
      const refusal = await ask(admin, head("evil.example"));
      assertMatch(
        refusal,
        /^HTTP\/1\.1 421 .*\bask for its address instead\n$/s,
      );
    }
  },
);

Deno.test({
  name: "it tells that the server is about to stop, and ends with it",
  ignore: ignoreOnWindows,
}, async () => {
  await using site = await Site.make();
  const args = ["--drain-delay=500ms"];
  const { command, admin } = await startWithAdmin(site, args);
  await using _command = command;
  assertEquals(await statusOf(`${admin}-/ready`), 200);
  command.kill("SIGTERM");
  await command.stderr.until(/^Stopping /);
  assertEquals(await statusOf(`${admin}-/ready`), 503);
  assertEquals(await statusOf(`${admin}-/health`), 200);
  assert((await scrape(admin)).samples.size > 0);
  assertEquals((await command.status).code, 0);
});

Deno.test({ name: "an address for all is told as such", ignore }, async () => {
  await using site = await Site.make();
  await using command = await startCommand(
    ["--port=0", "--admin=0.0.0.0:0"],
    { cwd: site.path },
  );
  const line = "Reachable from the network: metrics on 0.0.0.0";
  await command.stderr.until(new RegExp(`^${line}$`));
});

/** Runs it, with an address that it cannot use, to its end. */
async function runWithAdmin(address: string, flags = readmeFlags) {
  await using site = await Site.make();
  const args = ["--port=0", `--admin=${address}`];
  return await runCommand(args, { cwd: site.path, flags });
}

Deno.test(
  { name: "no permission to listen: exit code 1", ignore },
  async () => {
    const [, ...files] = readmeFlags;
    const flags = ["--allow-net=127.0.0.1:0", ...files];
    assertEquals(await runWithAdmin("127.0.0.1:9090", flags), {
      code: 1,
      stdout: "",
      stderr: "Cannot listen on 127.0.0.1:9090: not allowed, " +
        "add --allow-net=127.0.0.1:9090\n",
    });
  },
);

Deno.test({ name: "a port in use: exit code 1", ignore }, async () => {
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = other.addr;
  assertEquals(await runWithAdmin(`127.0.0.1:${port}`), {
    code: 1,
    stdout: "",
    stderr: `Cannot listen on 127.0.0.1:${port}: the port is in use, ` +
      "choose one with --admin, such as --admin 127.0.0.1:0\n",
  });
});

Deno.test(
  { name: "another machine's address: exit code 1", ignore },
  async () => {
    assertEquals(await runWithAdmin("192.0.2.1:0"), {
      code: 1,
      stdout: "",
      stderr:
        "Cannot listen on 192.0.2.1:0: this machine has no such address, " +
        "choose one with --admin\n",
    });
  },
);
