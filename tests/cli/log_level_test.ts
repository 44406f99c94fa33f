/** Which messages stand on the standard error at each --log-level. */

import { assertEquals, assertMatch } from "@std/assert";
import { mayRunCommand, runCommand, Site, startCommand } from "./command.ts";

/** Signals are as POSIX has them. */
const ignore = !mayRunCommand || Deno.build.os === "windows";

const everyNetwork = ["--port=0", "--host=0.0.0.0", "--log=off"];

/** Runs until it is ready and was sent a wrong request, and is stopped. */
async function messagesAt(level: string, ready: RegExp): Promise<string[]> {
  await using site = await Site.make();
  await using command = await startCommand(
    [...everyNetwork, `--log-level=${level}`],
    { cwd: site.path, ready },
  );
  const url = command.stderr.all.find((line) => line.startsWith("Listening"));
  if (url) {
    const port = Number(/\d+(?=\/$)/.exec(url)![0]);
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
    await new Response(conn.readable).text();
  }
  command.kill("SIGTERM");
  await command.stderr.end;
  return command.stderr.all.map((line) =>
    line.replace(/^(\S+(?: from)?) .*/, "$1")
  );
}

const stopping = ["Stopping:"];
const start = ["Listening", "Reachable from", "Add", "Serving", "Anyone"];

Deno.test("--log-level=warn: only what may be wrong", { ignore }, async () => {
  const messages = await messagesAt("warn", /^Anyone/);
  assertEquals(messages, ["Reachable from", "Anyone"]);
});

Deno.test("--log-level=info: what it does, too", { ignore }, async () => {
  const messages = await messagesAt("info", /^Anyone/);
  assertEquals(messages, [...start, ...stopping]);
});

Deno.test("--log-level=debug: why clients were refused, too", {
  ignore,
}, async () => {
  const messages = await messagesAt("debug", /^Anyone/);
  assertEquals(messages, [...start, "Client", ...stopping]);
});

Deno.test("--log-level=debug: who, the status, and why", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(
    ["--port=0", "--log=off", "--log-level=debug"],
    { cwd: site.path },
  );
  const { hostname, port } = new URL(command.url);
  using conn = await Deno.connect({ hostname, port: Number(port) });
  const secret = "GET /?token=S1 HTTP/1.1\r\nCookie: S2\r\n" +
    "Authorization: Bearer S3\r\n\r\n";
  await conn.write(new TextEncoder().encode(secret));
  await new Response(conn.readable).text();
  const line = await command.stderr.until(/^Client/);
  const pattern = /^Client 127\.0\.0\.1 port \d+: 400, "ProtocolError: [^"]+"$/;
  assertMatch(line, pattern);
  command.kill("SIGTERM");
  await command.stderr.end;
  assertEquals(/S\d/.test(command.stderr.all.join()), false);
});

Deno.test("--log-level=error: why it cannot start", { ignore }, async () => {
  await using site = await Site.make();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const { code, stderr } = await runCommand(
    [`--port=${port}`, "--log-level=error"],
    { cwd: site.path },
  );
  assertEquals(code, 1);
  assertMatch(stderr, /^Cannot listen on /);
});
