/** `--listen`: Unix sockets, sockets that are open already; and both families of IP. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  mayRunCommand,
  runCommand,
  RunningCommand,
  Site,
  startCommand,
} from "./command.ts";
import {
  inheritingArgs,
  mayInherit,
  startInheriting,
} from "./inherited_socket.ts";

const ignore = !mayRunCommand || Deno.build.os === "windows";

/** One request on a connection of its own; the whole answer. */
async function ask(
  where: Deno.ConnectOptions | Deno.UnixConnectOptions,
  head: string,
): Promise<string> {
  using conn =
    await ("path" in where ? Deno.connect(where) : Deno.connect(where));
  const text = `${head}\r\nConnection: close\r\n\r\n`;
  await conn.write(new TextEncoder().encode(text));
  const buffer = new Uint8Array(64 * 1024);
  const decoder = new TextDecoder();
  let answer = "";
  for (let count; (count = await conn.read(buffer)) !== null;) {
    answer += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return answer;
}

/** The permissions that it takes, and no other. */
function unixFlags(path: string): string[] {
  return [
    `--allow-read=./public,${path}`,
    `--allow-write=./public,${path}`,
    `--allow-net=unix:${path}`,
  ];
}

async function stop(command: RunningCommand): Promise<void> {
  command.kill("SIGTERM");
  assertEquals((await command.status).code, 0);
}

Deno.test("--listen unix: it serves there, with that mode, until it stops", {
  ignore,
}, async () => {
  await using site = await Site.make();
  const path = `${site.path}/socket`;
  await using command = await startCommand(
    ["--listen", `unix:${path},mode=660`],
    { cwd: site.path, flags: unixFlags(path) },
  );
  await command.stderr.until(new RegExp(`^Listening on unix:${path}$`));
  assertEquals((await Deno.lstat(path)).mode! & 0o777, 0o660);
  const where = { transport: "unix", path } as const;
  // The proxy in front decides on hosts: no page makes a browser ask here.
  const head = "GET /echo/a HTTP/1.1\r\nHost: files.example.org";
  assertMatch(await ask(where, head), /^HTTP\/1\.1 200 [^]*\r\n\r\na$/);
  const put = "PUT /files/b HTTP/1.1\r\nHost: h\r\nContent-Length: 0";
  assertMatch(await ask(where, put), /^HTTP\/1\.1 201 /);
  await command.stdout.until(/^\S+ - "GET \/echo\/a HTTP\/1\.1" 200/);
  await stop(command);
  const names = [...Deno.readDirSync(site.path)].map(({ name }) => name);
  assertEquals(names, ["public"]);
});

Deno.test("--listen unix: --allow-host and --trust-proxy hold there, too", {
  ignore,
}, async () => {
  await using site = await Site.make();
  const path = `${site.path}/socket`;
  await using command = await startCommand(
    [
      ...["--listen", `unix:${path}`, "--allow-host", "a.example"],
      ...["--trust-proxy", "unix:"],
    ],
    { cwd: site.path, flags: unixFlags(path) },
  );
  const where = { transport: "unix", path } as const;
  for (const [host, status] of [["a.example", 200], ["b.example", 421]]) {
    const answer = await ask(where, `GET /echo/a HTTP/1.1\r\nHost: ${host}`);
    assert(answer.startsWith(`HTTP/1.1 ${status} `), answer);
  }
  const head = "GET /echo/b HTTP/1.1\r\nHost: a.example\r\n" +
    "X-Forwarded-For: 192.0.2.1";
  assertMatch(await ask(where, head), /\r\n\r\nb$/);
  await command.stdout.until(/^\S+ 192\.0\.2\.1 "GET \/echo\/b/);
});

Deno.test(
  "--listen unix: the socket of a server that was killed is replaced, that of a live one not",
  {
    ignore,
  },
  async () => {
    await using site = await Site.make();
    const path = `${site.path}/socket`;
    const args = ["--listen", `unix:${path}`];
    const options = { cwd: site.path, flags: unixFlags(path) };
    const killed = await startCommand(args, options);
    await killed[Symbol.asyncDispose]();
    assert((await Deno.lstat(path)).isSocket, "It leaves its socket");

    await using live = await startCommand(args, options);
    const { code, stderr } = await runCommand(args, options);
    assertEquals([code, stderr], [
      1,
      `Cannot listen on "unix:${path}": another server listens there, ` +
      "stop it or choose another path\n",
    ]);
    const where = { transport: "unix", path } as const;
    const answer = await ask(where, "GET /echo/a HTTP/1.1\r\nHost: h");
    assert(answer.startsWith("HTTP/1.1 200 "), answer);
    await stop(live);
  },
);

Deno.test("--listen: what cannot be opened gives exit code 1", {
  ignore,
}, async () => {
  await using site = await Site.make();
  const path = `${site.path}/public/file`;
  await Deno.writeTextFile(path, "");
  const flags = ["--allow-net", "--allow-read", "--allow-write"];
  const files = ["--allow-read=./public", "--allow-write=./public"];
  const no = "Cannot listen on";
  const cases: [where: string, flags: string[], sentence: string][] = [
    [
      `unix:${path}`,
      flags,
      `${no} "unix:${path}": there is a file of that name, choose another path`,
    ],
    [
      `unix:${site.path}/a/b`,
      flags,
      `${no} "unix:${site.path}/a/b": there is no such directory, ` +
      "make it or choose another path",
    ],
    [
      "unix:/s",
      files,
      `${no} "unix:/s": not allowed, add --allow-read=/s, ` +
      "add --allow-write=/s, add --allow-net=unix:/s",
    ],
    [
      "fd:9",
      files,
      `${no} fd:9: it is no socket that listens, start the command by a ` +
      ".socket unit of systemd or with systemd-socket-activate",
    ],
  ];
  for (const [where, flags, sentence] of cases) {
    const result = await runCommand(["--listen", where], {
      cwd: site.path,
      flags,
    });
    assertEquals([result.code, result.stderr], [1, `${sentence}\n`]);
  }
});

Deno.test(
  "--listen fd: a socket of another program, without permission for the network",
  {
    ignore: !mayInherit,
  },
  async () => {
    await using site = await Site.make();
    await using inheriting = await startInheriting(site.path, {
      address: "127.0.0.1",
    });
    const { command, port } = inheriting;
    await command.stderr.until(/^Listening on fd:3$/);
    const url = `http://127.0.0.1:${port}`;
    const octets = crypto.getRandomValues(new Uint8Array(60_000));
    const body = new Blob(Array(50).fill(octets));
    const put = await fetch(`${url}/files/a`, { method: "PUT", body });
    await put.body?.cancel();
    assertEquals(put.status, 201);
    const got = await (await fetch(`${url}/files/a`)).bytes();
    assertEquals(got, await body.bytes());
    await command.stdout.until(
      /^\S+ 127\.0\.0\.1 "GET \/files\/a HTTP\/1\.1" 200/,
    );
    // Its address is one of this machine: pages of others are refused.
    const foreign = await ask(
      { hostname: "127.0.0.1", port },
      "GET /echo/a HTTP/1.1\r\nHost: files.example.org",
    );
    assert(foreign.startsWith("HTTP/1.1 421 "), foreign);
    await stop(command);
  },
);

Deno.test(
  "--listen fd: who half-closes is answered, and who reads nothing is not waited for",
  {
    ignore: !mayInherit,
  },
  async () => {
    await using site = await Site.make();
    await Deno.writeFile(`${site.path}/public/large`, new Uint8Array(64 << 20));
    await using inheriting = await startInheriting(
      site.path,
      { address: "127.0.0.1" },
      ...["--write-timeout", "500ms", "--head-timeout", "500ms"],
    );
    const { command, port } = inheriting;
    const connect = () => Deno.connect({ hostname: "127.0.0.1", port });
    const octets = (text: string) => new TextEncoder().encode(text);

    using halfClosed = await connect();
    await halfClosed.write(
      octets("GET /echo/a HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    );
    await halfClosed.closeWrite();
    const answer = await new Response(halfClosed.readable).text();
    assert(answer.endsWith("\r\n\r\na"), answer);

    using stalled = await connect();
    await stalled.write(
      octets("GET /files/large HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    );
    // Both are over before it reads a thing.
    await command.stdout.until(
      /"GET \/files\/large HTTP\/1\.1" 200 sent=\d{1,7} /,
    );

    using slow = await connect();
    await slow.write(octets("GET /echo/a HTTP/1.1\r\nHo"));
    const late = await new Response(slow.readable).text();
    assert(late.startsWith("HTTP/1.1 408 "), late);
    await stop(command);
  },
);

Deno.test(
  "--listen fd: when descriptors have run out, others are served all the same",
  {
    ignore: !mayInherit,
  },
  async () => {
    await using site = await Site.make();
    await Deno.writeTextFile(`${site.path}/public/a`, "A");
    await using inheriting = await startInheriting(
      site.path,
      { address: "127.0.0.1", descriptors: 100 },
    );
    const { command, port } = inheriting;
    const idle = await Promise.all(
      Array.from(
        { length: 200 },
        () => Deno.connect({ hostname: "127.0.0.1", port }),
      ),
    );
    const answer = await ask(
      { hostname: "127.0.0.1", port },
      "GET /files/a HTTP/1.1\r\nHost: localhost",
    );
    assert(answer.endsWith("\r\n\r\nA"), answer);
    await command.stderr.until(/^Out of file descriptors with \d+ connections/);
    for (const conn of idle) conn.close();
    await stop(command);
  },
);

/** Holds a socket, as systemd does: each line of its input starts the command. */
const holder = `
import os, socket, subprocess, sys
listening = socket.create_server(("127.0.0.1", 0))
os.dup2(listening.fileno(), 3)
print("Port", listening.getsockname()[1], file=sys.stderr, flush=True)
for line in sys.stdin:
    child = subprocess.Popen(sys.argv[1:], pass_fds=[3], stdin=subprocess.DEVNULL)
    print("Started", child.pid, file=sys.stderr, flush=True)
    print("Ended", child.wait(), file=sys.stderr, flush=True)
`;

Deno.test(
  "--listen fd: a client that comes during a restart waits for its end",
  {
    ignore: !mayInherit,
  },
  async () => {
    await using site = await Site.make();
    const process = new Deno.Command("python3", {
      args: ["-c", holder, Deno.execPath(), ...inheritingArgs],
      cwd: site.path,
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    await using command = new RunningCommand(process);
    const input = process.stdin.getWriter();
    const start = () => input.write(new TextEncoder().encode("\n"));
    const told = async (pattern: RegExp) =>
      Number(pattern.exec(await command.stderr.until(pattern))![1]);

    const port = await told(/^Port (\d+)$/);
    await start();
    await command.stderr.until(/^Serving /);
    Deno.kill(await told(/^Started (\d+)$/), "SIGTERM");
    assertEquals(await told(/^Ended (-?\d+)$/), 0);

    const answer = ask(
      { hostname: "127.0.0.1", port },
      "GET /echo/a HTTP/1.1\r\nHost: localhost",
    );
    await start();
    const text = await answer;
    assert(text.endsWith("\r\n\r\na"), text);
    await input.close();
    const started = command.stderr.all.findLast((line) =>
      /^Started/.test(line)
    )!;
    Deno.kill(Number(started.slice("Started ".length)), "SIGTERM");
    assertEquals((await command.status).code, 0);
  },
);

Deno.test("--listen fd: a Unix socket of another program, which stays", {
  ignore: !mayInherit,
}, async () => {
  await using site = await Site.make();
  const path = `${site.path}/socket`;
  await using inheriting = await startInheriting(site.path, { address: path });
  const where = { transport: "unix", path } as const;
  const answer = await ask(where, "GET /echo/a HTTP/1.1\r\nHost: h");
  assert(answer.startsWith("HTTP/1.1 200 "), answer);
  await inheriting.command.stdout.until(/^\S+ - "GET \/echo\/a/);
  await stop(inheriting.command);
  assert((await Deno.lstat(path)).isSocket, "Whoever opened it removes it");
});

function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

Deno.test("--host :: is reached by IPv4 and IPv6", {
  ignore: ignore || !hasIpv6(),
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(
    ["--host", "::", "--port", "0", "--trust-proxy", "127.0.0.1"],
    { cwd: site.path },
  );
  const { port } = new URL(command.url);
  for (const host of ["127.0.0.1", "[::1]"]) {
    const response = await fetch(`http://${host}:${port}/echo/a`, {
      headers: { "x-forwarded-for": "192.0.2.1" },
    });
    assertEquals([response.status, await response.text()], [200, "a"], host);
  }
  // An address of IPv4 is one, however it comes: it is trusted.
  await command.stdout.until(/^\S+ 192\.0\.2\.1 "GET/);
  await command.stdout.until(/^\S+ ::1 "GET/);
});
