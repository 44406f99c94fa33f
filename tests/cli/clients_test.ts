/** Who a client is and what it may take: the command's options for both. */

import { assertEquals, assertMatch } from "@std/assert";
import { mayRunCommand, runCommand, Site, startCommand } from "./command.ts";

/** Signals are as POSIX has them. */
const ignore = !mayRunCommand || Deno.build.os === "windows";

Deno.test("--proxy-protocol without --trust-proxy: exit code 2", {
  ignore,
}, async () => {
  await using site = await Site.make();
  const args = ["--port=0", "--proxy-protocol"];
  assertEquals(await runCommand(args, { cwd: site.path }), {
    code: 2,
    stdout: "",
    stderr: "Cannot use --proxy-protocol: say which proxies send the header, " +
      "add --trust-proxy CIDR\n",
  });
});

Deno.test("--limit-rate and --limit-connections refuse with 429", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(
    ["--port=0", "--limit-rate=2", "--limit-connections=1", "--log=json"],
    { cwd: site.path },
  );
  const { hostname, port } = new URL(command.url);
  const connect = () => Deno.connect({ hostname, port: Number(port) });
  using conn = await connect();
  const decoder = new TextDecoder();
  const read = async (from: Deno.Conn) => {
    const buffer = new Uint8Array(4096);
    return decoder.decode(buffer.subarray(0, await from.read(buffer) ?? 0));
  };
  const ask = async (target: string) => {
    const head = `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    await conn.write(new TextEncoder().encode(head));
    return (await read(conn)).split("\r\n")[0];
  };
  const refused = "HTTP/1.1 429 Too Many Requests";
  assertEquals(await ask("/echo/a"), "HTTP/1.1 200 OK");
  {
    using second = await connect();
    const answer = await read(second);
    assertEquals(answer.split("\r\n")[0], refused);
    assertMatch(answer, /\r\nretry-after: 1\r\n/);
    assertMatch(answer, /\r\nconnection: close\r\n/);
    assertEquals(await read(second), "");
  }
  // The slower this machine is, the more of them are answered.
  const statuses: string[] = [];
  while (!statuses.includes(refused)) statuses.push(await ask("/echo/b"));
  conn.close();
  command.kill("SIGTERM");
  await command.stdout.end;
  const told = command.stdout.all.map((line) => JSON.parse(line));
  const tooMany = told.filter(({ status }) => status === 429);
  assertEquals(
    tooMany.map(({ address, requestTarget }) => [address, requestTarget]),
    [["127.0.0.1", undefined], ["127.0.0.1", "/echo/b"]],
  );
});

Deno.test("--proxy-protocol: the log has the client of the header", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(
    [
      "--port=0",
      "--trust-proxy=127.0.0.1",
      "--proxy-protocol",
      // Connections of proxies are not limited.
      "--limit-connections=1",
      "--log=json",
    ],
    { cwd: site.path },
  );
  const { hostname, port } = new URL(command.url);
  const ask = async (header: string) => {
    using conn = await Deno.connect({ hostname, port: Number(port) });
    await conn.write(new TextEncoder().encode(
      `${header}GET /echo/a HTTP/1.1\r\nHost: localhost\r\n` +
        "X-Forwarded-For: 203.0.113.6\r\nConnection: close\r\n\r\n",
    ));
    return (await new Response(conn.readable).text()).split("\r\n")[0];
  };
  using _idle = await Deno.connect({ hostname, port: Number(port) });
  const ok = "HTTP/1.1 200 OK";
  const header = "PROXY TCP4 192.0.2.1 127.0.0.1 50000 80\r\n";
  assertEquals(await ask(header), ok);
  assertEquals(await ask("").catch(() => ""), "");
  command.kill("SIGTERM");
  await command.stdout.end;
  const told = command.stdout.all.map((line) => JSON.parse(line));
  assertEquals(
    told.map(({ address, port, status, error }) =>
      status ? [address, port, status] : [address, error]
    ),
    [
      ["192.0.2.1", 50_000, 200],
      ["127.0.0.1", "ProtocolError: The PROXY header is missing"],
    ],
  );
});

Deno.test("--trust-proxy unix: a proxy on the Unix socket names its clients", {
  ignore,
}, async () => {
  await using site = await Site.make();
  const path = `${site.path}/socket`;
  const args = [`--listen=unix:${path}`, "--trust-proxy=unix:", "--log=json"];
  const told = [];
  for (
    const [more, header] of [
      [[], ""],
      [["--proxy-protocol"], "PROXY TCP4 203.0.113.6 127.0.0.1 5 80\r\n"],
    ] as const
  ) {
    await using command = await startCommand([...args, ...more], {
      cwd: site.path,
      flags: ["--allow-all"],
    });
    using conn = await Deno.connect({ transport: "unix", path });
    await conn.write(new TextEncoder().encode(
      `${header}GET /echo/a HTTP/1.1\r\nHost: localhost\r\n` +
        "X-Forwarded-For: 192.0.2.1\r\nConnection: close\r\n\r\n",
    ));
    await new Response(conn.readable).text();
    command.kill("SIGTERM");
    await command.stdout.end;
    told.push(...command.stdout.all.map((line) => JSON.parse(line).address));
  }
  assertEquals(told, ["192.0.2.1", "203.0.113.6"]);
});
