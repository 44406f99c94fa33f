/**
 * PROXY headers of a real HAProxy, of both versions, with its health checks: the
 * log has the address and port of the client, and HAProxy finds that all is well.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { freePort } from "../bench/processes.ts";
import { askFrom } from "./addresses.ts";
import { becomesTrue } from "./holdings.ts";
import { hasTool, startHaproxy } from "./proxies.ts";
import { mayRun, Server } from "./server.ts";

const ignore = !mayRun || Deno.build.os !== "linux" ||
  !await hasTool("haproxy");

/** HAProxy speaks from the first, and is trusted; clients are at the second. */
const proxy = "127.0.0.1";
const client = "127.0.0.5";

/** What a client sends that would like to be somebody else. */
const request = "GET /echo/a HTTP/1.1\r\nHost: localhost\r\n" +
  "X-Forwarded-For: 203.0.113.6\r\nConnection: close\r\n\r\n";

/** A line of the log, as far as it matters. */
interface Line {
  address: string;
  port: number;
  requestTarget?: string;
  status: number | null;
  error?: string;
}

/** The command behind proxies at 127.0.0.1, and its log. */
async function startBehind(): Promise<
  { server: Server; directory: string }
> {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const server = await Server.start(
    directory,
    ...["--trust-proxy", proxy, "--proxy-protocol"],
    ...["--log", "json", "--log-file", `${directory}/log`],
  );
  return { server, directory };
}

async function linesOf(directory: string): Promise<Line[]> {
  const text = await Deno.readTextFile(`${directory}/log`);
  // The last one may be half written.
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

/** What HAProxy says of its only server: its state and its last check. */
async function stateOf(port: number): Promise<string> {
  const csv = await (await fetch(`http://127.0.0.1:${port}/;csv`)).text();
  const [head, ...rows] = csv.split("\n").map((row) => row.split(","));
  const row = rows.find(([, name]) => name === "one")!;
  // While a check runs, a star stands before the state of the last one.
  const last = row[head.indexOf("check_status")].replace("* ", "");
  return `${row[head.indexOf("status")]} ${last}`;
}

const checks = {
  "checks of the connection": { option: "", state: "UP L4OK", target: "" },
  "checks by HTTP": {
    option: "option httpchk GET /-/ready",
    state: "UP L7OK",
    target: "/-/ready",
  },
};

for (const mode of ["tcp", "http"]) {
  for (const version of ["send-proxy", "send-proxy-v2"]) {
    for (const [what, check] of Object.entries(checks)) {
      Deno.test(`HAProxy, mode ${mode}, ${version}, ${what}`, {
        ignore,
      }, async () => {
        const { server, directory } = await startBehind();
        await using _server = server;
        const [port, stats] = [freePort(), freePort()];
        await using _haproxy = await startHaproxy(
          port,
          `mode ${mode}
  ${check.option}
  timeout check 10s
  server one 127.0.0.1:${server.port} ${version} check check-send-proxy inter 100ms
listen stats
  bind 127.0.0.1:${stats}
  stats enable
  stats uri /`,
          `mode ${mode}`,
        );
        const isUp = () =>
          stateOf(stats).then((state) => state === check.state);
        assertEquals(await becomesTrue(isUp), true, await stateOf(stats));
        const asked = await askFrom(client, port, request);
        assertMatch(asked.text, /^HTTP\/1\.1 200 OK\r\n/);
        const found = await becomesTrue(async () => {
          const lines = await linesOf(directory);
          const ofChecks = lines.filter(({ address }) => address === proxy);
          return lines.some(({ requestTarget }) =>
            requestTarget === "/echo/a"
          ) && (check.target === "" || ofChecks.length >= 3);
        });
        assertEquals(found, true);
        const lines = await linesOf(directory);
        const [line] = lines.filter(({ requestTarget }) =>
          requestTarget === "/echo/a"
        );
        assertEquals([line.address, line.port, line.status], [
          client,
          asked.port,
          200,
        ]);
        // All else are checks, which are HAProxy's own; none was refused.
        const others = lines.filter((each) => each !== line);
        assertEquals(
          others.filter(({ address, requestTarget, status }) =>
            address !== proxy || requestTarget !== check.target ||
            status !== 200
          ),
          [],
        );
        assertEquals(await stateOf(stats), check.state);
        await server.kill("SIGTERM");
        await Deno.remove(directory, { recursive: true });
      });
    }
  }
}

Deno.test("HAProxy without send-proxy is not served, and others need none", {
  ignore,
}, async () => {
  const { server, directory } = await startBehind();
  await using _server = server;
  const port = freePort();
  await using _haproxy = await startHaproxy(
    port,
    `server one 127.0.0.1:${server.port}`,
  );
  const { text } = await askFrom(client, port, request);
  assertMatch(text, /^HTTP\/1\.[01] 502 /);
  const plain = await askFrom(client, server.port, request);
  assertMatch(plain.text, /^HTTP\/1\.1 200 OK\r\n/);
  const header = "PROXY TCP4 203.0.113.6 127.0.0.1 50000 80\r\n";
  const claimed = await askFrom(client, server.port, header + request);
  assertMatch(claimed.text, /^HTTP\/1\.1 400 /);
  await server.kill("SIGTERM");
  const lines = await linesOf(directory);
  assertEquals(lines.at(-2)?.address, client);
  assertEquals(lines.at(-1)?.address, client);
  const error = "ProtocolError: The PROXY header is missing";
  assertEquals(
    lines.filter((line) => line.error === error).every(({ address }) =>
      address === proxy
    ),
    true,
  );
  await Deno.remove(directory, { recursive: true });
});
