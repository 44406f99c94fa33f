import { assert, assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async/delay";
import project from "../../deno.json" with { type: "json" };
import { helpText } from "../../lib/cli/options.ts";
import {
  type CommandOptions,
  mayRunCommand,
  readmeFlags,
  runCommand,
  Site,
  startCommand,
} from "./command.ts";
import { areStandInsUsed } from "../lazy/lazy.ts";

const ignore = !mayRunCommand;
const [net, read, write] = readmeFlags;
/** Signals, links and paths are as POSIX has them. */
const ignoreOnWindows = ignore || Deno.build.os === "windows";

/** Runs to its end in a site of its own. */
async function runInSite(
  args: string[],
  options: Partial<CommandOptions> = {},
) {
  await using site = await Site.make();
  return await runCommand(args, { cwd: site.path, ...options });
}

// ---- What ends at once

Deno.test({ name: "--help goes to stdout, exit code 0", ignore }, async () => {
  assertEquals(await runInSite(["--help"], { flags: [] }), {
    code: 0,
    stdout: helpText(project.version) + "\n",
    stderr: "",
  });
});

Deno.test({ name: "--version is that of deno.json", ignore }, async () => {
  assertEquals(await runInSite(["--version"], { flags: [] }), {
    code: 0,
    stdout: `sluice ${project.version}\n`,
    stderr: "",
  });
});

Deno.test({ name: "a wrong option gives exit code 2", ignore }, async () => {
  assertEquals(await runInSite(["--prot", "1"]), {
    code: 2,
    stdout: "",
    stderr:
      'Cannot use "--prot": there is no such option, did you mean --port?\n',
  });
});

const cannotStart: [
  what: string,
  args: string[],
  flags: string[],
  sentence: string,
][] = [
  [
    "a missing directory",
    ["--directory", "nowhere"],
    ["--allow-net", "--allow-read"],
    'Cannot serve "nowhere": there is no such directory, ' +
    "make it or choose one with --directory",
  ],
  [
    "a file as directory",
    ["--directory", "file"],
    ["--allow-net", "--allow-read"],
    'Cannot serve "file": a part of the path is a file, ' +
    "choose a directory with --directory",
  ],
  [
    "no permission to read a directory with a comma",
    ["--directory", "a,b"],
    [net, write],
    'Cannot serve "a,b": not allowed, choose a path without a comma',
  ],
  [
    "no permission to read",
    ["--directory", "./public"],
    [net, write],
    'Cannot serve "./public": not allowed, add --allow-read=./public',
  ],
  [
    "no permission to read a directory with a space",
    ["--directory", "my files"],
    [net, write],
    `Cannot serve "my files": not allowed, add '--allow-read=my files'`,
  ],
  [
    "reading denied",
    [],
    [net, write, "--deny-read"],
    'Cannot serve "./public": not allowed, remove --deny-read',
  ],
  [
    "no permission to listen",
    [],
    [read, write],
    "Cannot listen on 127.0.0.1:4221: not allowed, " +
    "add --allow-net=127.0.0.1:4221",
  ],
  [
    "permission to listen on another address",
    ["--host", "::1", "--port", "0"],
    [read, write, "--allow-net=127.0.0.1"],
    "Cannot listen on [::1]:0: not allowed, add --allow-net=[::1]:0",
  ],
  [
    "an address of another machine",
    ["--host", "192.0.2.1", "--port", "0"],
    readmeFlags,
    "Cannot listen on 192.0.2.1:0: this machine has no such address, " +
    "choose one with --host",
  ],
];
for (const [what, args, flags, sentence] of cannotStart) {
  Deno.test({ name: `${what} gives exit code 1`, ignore }, async () => {
    await using site = await Site.make();
    await Deno.writeTextFile(`${site.path}/file`, "");
    assertEquals(await runCommand(args, { cwd: site.path, flags }), {
      code: 1,
      stdout: "",
      stderr: `${sentence}\n`,
    });
  });
}

Deno.test({ name: "a port in use gives exit code 1", ignore }, async () => {
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = other.addr;
  assertEquals(await runInSite(["--port", `${port}`]), {
    code: 1,
    stdout: "",
    stderr: `Cannot listen on 127.0.0.1:${port}: the port is in use, ` +
      "choose one with --port, such as --port 0\n",
  });
});

Deno.test({
  name: "a link to a place without permission gives exit code 1",
  ignore: ignoreOnWindows,
}, async () => {
  await using site = await Site.make();
  await Deno.symlink("public", `${site.path}/link`);
  const flags = [net, "--allow-read=./link"];
  const { code, stderr } = await runCommand(["--directory", "./link"], {
    cwd: site.path,
    flags,
  });
  assertEquals([code, stderr], [
    1,
    'Cannot serve "./link": it is a link, ' +
    `add --allow-read=${await Deno.realPath(`${site.path}/public`)}\n`,
  ]);
});

// ---- What it tells at the start

Deno.test(
  { name: "it has the lazy Response when it listens", ignore },
  async () => {
    await using site = await Site.make();
    const watch = new URL("watched_response.ts", import.meta.url).href;
    const flags = [...readmeFlags, "--preload", watch];
    await using command = await startCommand(["--port", "0"], {
      cwd: site.path,
      flags,
    });
    const kind = areStandInsUsed ? "lazy" : "native";
    assertEquals(command.stderr.all[0], `Response is ${kind}`);
  },
);

Deno.test({ name: "port 0 tells the real URL", ignore }, async () => {
  await using site = await Site.make();
  await using command = await startCommand(["--port=0"], { cwd: site.path });
  assertMatch(command.url, /^http:\/\/127\.0\.0\.1:[1-9]\d*\/$/);
  const response = await fetch(`${command.url}echo/hello`);
  assertEquals(await response.text(), "hello");
  assertEquals(command.stderr.all, [
    `Listening on ${command.url}`,
    'Serving "./public", read and write',
  ]);
});

Deno.test(
  { name: "without write permission it is read-only", ignore },
  async () => {
    await using site = await Site.make();
    await Deno.writeTextFile(`${site.path}/public/a.txt`, "A");
    await using command = await startCommand(["--port=0"], {
      cwd: site.path,
      flags: [net, read],
    });
    assertEquals(
      command.stderr.all[1],
      'Serving "./public", read only: ' +
        "add --allow-write=./public to receive files",
    );
    const file = `${command.url}files/a.txt`;
    const got = await fetch(file);
    assertEquals([got.status, await got.text()], [200, "A"]);
    const posted = await fetch(file, { method: "POST", body: "B" });
    await posted.body?.cancel();
    assertEquals(posted.status, 405);
    const welcome = await (await fetch(`${command.url}about`)).text();
    assert(welcome.includes("It is read-only"), welcome);
  },
);

Deno.test(
  { name: "a link to where it must not write is read-only", ignore },
  async () => {
    await using site = await Site.make();
    await Deno.mkdir(`${site.path}/elsewhere`);
    await Deno.remove(`${site.path}/public`);
    await Deno.symlink(`${site.path}/elsewhere`, `${site.path}/public`);
    await using command = await startCommand(["--port=0"], {
      cwd: site.path,
      flags: [net, write, "--allow-read"],
    });
    assertEquals(
      command.stderr.all[1],
      'Serving "./public", read only: ' +
        `add --allow-write=${await Deno.realPath(`${site.path}/elsewhere`)} ` +
        "to receive files",
    );
  },
);

Deno.test(
  { name: "/about tells what to try, at its own URL", ignore },
  async () => {
    await using site = await Site.make();
    await using command = await startCommand(["--port=0"], { cwd: site.path });
    const response = await fetch(`${command.url}about`);
    assertEquals(response.status, 200);
    const text = await response.text();
    for (const path of ["echo/hello", "user-agent", "files/"]) {
      assert(text.includes(`${command.url}${path}`), text);
    }
  },
);

Deno.test({
  name: "an IPv6 address stands in brackets",
  ignore: ignore || !mayListen("::1"),
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(["--port=0", "--host=::1"], {
    cwd: site.path,
  });
  assertMatch(command.url, /^http:\/\/\[::1\]:[1-9]\d*\/$/);
  assertEquals(await (await fetch(`${command.url}echo/6`)).text(), "6");
});

Deno.test({ name: "0.0.0.0 is told as what it is", ignore }, async () => {
  await using site = await Site.make();
  await using command = await startCommand(["--port=0", "--host=0.0.0.0"], {
    cwd: site.path,
  });
  assertMatch(command.url, /^http:\/\/localhost:[1-9]\d*\/$/);
  assertEquals(
    command.stderr.all[1],
    "Reachable from the network: listening on 0.0.0.0",
  );
  assertEquals(await (await fetch(`${command.url}echo/4`)).text(), "4");
});

function mayListen(hostname: string): boolean {
  try {
    Deno.listen({ hostname, port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

// ---- What it does while it runs

Deno.test(
  { name: "--max-body is the limit of an upload", ignore },
  async () => {
    await using site = await Site.make();
    await using command = await startCommand(["--port=0", "--max-body=1k"], {
      cwd: site.path,
    });
    const post = async (length: number) => {
      const response = await fetch(`${command.url}files/a`, {
        method: "POST",
        body: new Uint8Array(length),
      });
      await response.body?.cancel();
      return response.status;
    };
    assertEquals(await post(1024), 201);
    assertEquals(await post(1025), 413);
  },
);

Deno.test(
  { name: "--log json has one line for each exchange", ignore },
  async () => {
    await using site = await Site.make();
    await using command = await startCommand(["--port=0", "--log=json"], {
      cwd: site.path,
    });
    await Promise.all([1, 2, 3].map(async (index) => {
      const response = await fetch(`${command.url}echo/${index}`, {
        headers: { "accept-encoding": "identity", "user-agent": 'a"\\b' },
      });
      await response.text();
    }));
    await command.stdout.until(/echo\/1"/);
    await command.stdout.until(/echo\/2"/);
    await command.stdout.until(/echo\/3"/);
    const records = command.stdout.all.map((line) => JSON.parse(line));
    assertEquals(records.map(({ requestTarget }) => requestTarget).sort(), [
      "/echo/1",
      "/echo/2",
      "/echo/3",
    ]);
    for (const { method, status, sent, userAgent } of records) {
      assertEquals([method, status, sent, userAgent], ["GET", 200, 1, 'a"\\b']);
    }
  },
);

Deno.test(
  { name: "the text log escapes what a client sends", ignore },
  async () => {
    await using site = await Site.make();
    await using command = await startCommand(["--port=0"], { cwd: site.path });
    const { socket, exchange } = await connect(command.url);
    using _socket = socket;
    // 0x9B starts an escape sequence on a terminal; a field value may hold it.
    await exchange(
      'GET /echo/%0A HTTP/1.1\r\nHost: localhost\r\nUser-Agent: "\x9b2J\r\n\r\n',
    );
    const line = await command.stdout.until(/echo/);
    assertMatch(
      line,
      /^\S+Z 127\.0\.0\.1 "GET \/echo\/%0A HTTP\/1\.1" 200 sent=1 received=0 [\d.]+ms "\\"\\u009b2J"$/,
    );
  },
);

Deno.test(
  { name: "--log off has no line", ignore: ignoreOnWindows },
  async () => {
    await using site = await Site.make();
    await using command = await startCommand(["--port=0", "--log=off"], {
      cwd: site.path,
    });
    await (await fetch(`${command.url}echo/a`)).text();
    command.kill("SIGTERM");
    await command.stdout.end;
    assertEquals(command.stdout.all, []);
  },
);

Deno.test(
  {
    name: "it touches the directory and the port alone",
    ignore: ignoreOnWindows,
  },
  async () => {
    await using site = await Site.make();
    const audit = `${site.path}/audit.jsonl`;
    await using command = await startCommand(["--port=0"], {
      cwd: site.path,
      env: { DENO_AUDIT_PERMISSIONS: audit },
    });
    const file = `${command.url}files/a.txt`;
    await (await fetch(file, { method: "POST", body: "A" })).body?.cancel();
    assertEquals(await (await fetch(file)).text(), "A");
    assertEquals(await (await fetch(`${command.url}echo/a`)).text(), "a");

    const records: { permission: string; value: string }[] =
      (await Deno.readTextFile(audit)).trimEnd().split("\n")
        .map((line) => JSON.parse(line));
    const place = RegExp.escape(`${site.path}/public`);
    const inside = new RegExp(`^(\\./public|${place})(/|$)`);
    for (const { permission, value } of records) {
      if (permission === "net") assertEquals(value, "127.0.0.1:0");
      else assertMatch(value, inside, permission);
    }
    const kinds = new Set(records.map(({ permission }) => permission));
    assertEquals([...kinds].sort(), ["net", "read", "write"]);
  },
);

Deno.test("--trust-proxy: who the client is, and by what name it asked", {
  ignore: ignoreOnWindows,
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(
    [
      "--port=0",
      "--trust-proxy=127.0.0.0/8",
      "--trust-proxy=10.0.0.7",
      "--allow-host=files.example.org",
    ],
    { cwd: site.path },
  );
  const put = async (headers: Record<string, string>) => {
    const url = `${command.url}files/a.txt`;
    const { status, body } = await fetch(url, {
      method: "PUT",
      headers: { origin: "https://files.example.org", ...headers },
      body: "A",
    });
    await body?.cancel();
    return status;
  };
  const asked = {
    "x-forwarded-proto": "https",
    "x-forwarded-host": "files.example.org",
  };
  // A page of its own, as the browser calls it, behind a proxy that calls it else.
  assertEquals(await put({}), 403);
  assertEquals(
    await put({ ...asked, "x-forwarded-for": "1.1.1.1, 192.0.2.9, 10.0.0.7" }),
    201,
  );
  assertEquals(
    await put({ ...asked, "x-forwarded-host": "evil.example" }),
    421,
  );
  command.kill("SIGTERM");
  await command.stdout.end;
  const clients = command.stdout.all.map((line) => line.split(" ")[1]);
  assertEquals(clients, ["127.0.0.1", "192.0.2.9", "127.0.0.1"]);
});

Deno.test("without --trust-proxy nobody is believed", {
  ignore: ignoreOnWindows,
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(["--port=0"], { cwd: site.path });
  await (await fetch(`${command.url}echo/a`, {
    headers: { forwarded: "for=192.0.2.1;host=evil.example" },
  })).text();
  command.kill("SIGTERM");
  await command.stdout.end;
  assertMatch(command.stdout.all[0], /^\S+ 127\.0\.0\.1 .* 200 /);
});

Deno.test("--trust-proxy that is no network: exit code 2, and what to write", {
  ignore: !mayRunCommand,
}, async () => {
  await using site = await Site.make();
  const args = ["--port=0", "--trust-proxy=proxy.example"];
  assertEquals(await runCommand(args, { cwd: site.path }), {
    code: 2,
    stdout: "",
    stderr:
      'Cannot use --trust-proxy: got "proxy.example", write IP addresses ' +
      "or ranges such as 10.0.0.0/8, or unix:\n",
  });
});

Deno.test({
  name: "--log-file is opened again at SIGHUP, and no line is lost",
  ignore: ignoreOnWindows,
}, async () => {
  await using site = await Site.make();
  const path = `${site.path}/access.log`;
  await using command = await startCommand(
    ["--port=0", "--log=combined", `--log-file=${path}`],
    { cwd: site.path, flags: [...readmeFlags, `--allow-write=${path}`] },
  );
  const ask = async (count: number) => {
    for (let at = 0; at < count; at++) {
      await (await fetch(`${command.url}echo/${at}`)).text();
    }
  };
  await ask(10);
  await Deno.rename(path, `${path}.1`);
  command.kill("SIGHUP");
  await command.stderr.until(/^SIGHUP: the log file is opened again/);
  await ask(5);
  command.kill("SIGTERM");
  assertEquals((await command.status).code, 0);
  const linesOf = async (path: string) =>
    (await Deno.readTextFile(path)).trimEnd().split("\n");
  const [old, recent] = [await linesOf(`${path}.1`), await linesOf(path)];
  assertEquals([...old, ...recent].length, 15);
  assertMatch(recent.at(-1)!, /^127\.0\.0\.1 - - \[.*"GET \/echo\/4 HTTP/);
});

Deno.test({
  name: "SIGHUP ends nothing, also where there is no file",
  ignore: ignoreOnWindows,
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(["--port=0"], { cwd: site.path });
  command.kill("SIGHUP");
  await command.stderr.until(/^SIGHUP: /);
  assertEquals(await (await fetch(`${command.url}echo/a`)).text(), "a");
});

Deno.test("--log-file that can't be written: exit code 1, and what to change", {
  ignore: !mayRunCommand,
}, async () => {
  await using site = await Site.make();
  const start = (path: string, ...flags: string[]) =>
    runCommand(["--port=0", `--log-file=${path}`], {
      cwd: site.path,
      flags: [...readmeFlags, ...flags],
    });
  assertEquals(await start("./a.log"), {
    code: 1,
    stdout: "",
    stderr: 'Cannot write the log to "./a.log": not allowed, add ' +
      "--allow-write=./a.log\n",
  });
  const missing = await start("./no/a.log", "--allow-write=./no/a.log");
  assertEquals(missing.code, 1);
  assertMatch(
    missing.stderr,
    /^Cannot write the log to ".\/no\/a.log": ".*", choose another with --log-file$/m,
  );
});

// ---- How it ends

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `${signal} lets a slow upload finish, then exit code 0`,
    ignore: ignoreOnWindows,
  }, async () => {
    await using site = await Site.make();
    await using command = await startCommand(["--port=0"], { cwd: site.path });
    const { socket, exchange } = await startUpload(command.url);
    command.kill(signal);
    await command.stderr.until(/^Stopping: /);
    const answer = await exchange("hello");
    socket.close();
    assertMatch(answer, /^HTTP\/1\.1 201 Created\r\n/);
    assertMatch(answer, /\r\nconnection: close\r\n/i);
    assertEquals(await Deno.readTextFile(`${site.path}/public/slow`), "hello");
    assertEquals((await command.status).code, 0);
    await command.stdout.end;
    assertMatch(command.stdout.all.at(-1)!, /"POST \/files\/slow .* 201 /);
  });
}

Deno.test({
  name: "--drain-delay auto waits for balancers, if there are any",
  ignore: ignoreOnWindows,
}, async () => {
  await using site = await Site.make();
  for (
    const [paths, message] of [
      [["-/ready"], /^Stopping in 5 s, /],
      [["-/health", ""], /^Stopping: /],
    ] as const
  ) {
    await using command = await startCommand(
      ["--port=0", "--drain-delay=auto"],
      { cwd: site.path },
    );
    for (const path of paths) {
      await (await fetch(command.url + path)).body?.cancel();
    }
    command.kill("SIGTERM");
    await command.stderr.until(message);
  }
});

for (const args of [[], ["--site"]]) {
  Deno.test({
    name: `--drain-delay serves on, and is not ready ${args}`.trim(),
    ignore: ignoreOnWindows,
  }, async () => {
    await using site = await Site.make();
    await Deno.writeTextFile(`${site.path}/public/index.html`, "Hello");
    await using command = await startCommand(
      ["--port=0", "--drain-delay=500ms", ...args],
      { cwd: site.path },
    );
    const statusOf = async (path: string, headers = {}) => {
      const response = await fetch(command.url + path, { headers });
      await response.body?.cancel();
      return [response.status, response.headers.get("connection")];
    };
    assertEquals(await statusOf("-/ready"), [200, null]);
    command.kill("SIGTERM");
    await command.stderr.until(/^Stopping in 0.5 s, /);
    assertEquals(await statusOf("-/ready"), [503, "close"]);
    assertEquals(await statusOf("-/health"), [200, "close"]);
    assertEquals(await statusOf(""), [200, "close"]);
    assertEquals((await command.status).code, 0);
  });
}

for (
  const [first, second, code] of [
    ["SIGINT", "SIGINT", 130],
    ["SIGTERM", "SIGTERM", 143],
    ["SIGTERM", "SIGINT", 130],
  ] as const
) {
  Deno.test({
    name: `${first}, then ${second}, gives exit code ${code} at once`,
    ignore: ignoreOnWindows,
  }, async () => {
    await using site = await Site.make();
    await using command = await startCommand(
      ["--port=0", "--shutdown-timeout=60m"],
      { cwd: site.path },
    );
    const { socket } = await startUpload(command.url);
    using _socket = socket;
    command.kill(first);
    await command.stderr.until(/^Stopping: /);
    // The first of these may still pass for an echo of the first signal.
    let hasEnded = false;
    const status = command.status.finally(() => hasEnded = true);
    while (!hasEnded) {
      command.kill(second);
      await delay(100);
    }
    assertEquals((await status).code, code);
  });
}

Deno.test({
  name: "the echo of a signal, as npx sends it, is no second one",
  ignore: ignoreOnWindows,
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(["--port=0"], { cwd: site.path });
  const { socket, exchange } = await startUpload(command.url);
  command.kill("SIGINT");
  command.kill("SIGINT");
  await command.stderr.until(/^Stopping: /);
  command.kill("SIGINT");
  assertMatch(await exchange("hello"), /^HTTP\/1\.1 201 Created\r\n/);
  socket.close();
  assertEquals((await command.status).code, 0);
});

Deno.test({
  name: "--shutdown-timeout closes what does not finish, exit code 0",
  ignore: ignoreOnWindows,
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(
    ["--port=0", "--shutdown-timeout=1ms"],
    { cwd: site.path },
  );
  const { socket } = await startUpload(command.url);
  using _socket = socket;
  command.kill("SIGTERM");
  assertEquals((await command.status).code, 0);
});

Deno.test({
  name: "a log that nobody reads any more does not end the server",
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startCommand(["--port=0"], { cwd: site.path });
  await command.stdout.cancel();
  assertEquals(await (await fetch(`${command.url}echo/1`)).text(), "1");
  await command.stderr.until(/^The log is off: /);
  assertEquals(await (await fetch(`${command.url}echo/2`)).text(), "2");
});

/** Begins an upload of five octets; fulfilled when the handler waits for them. */
async function startUpload(url: string) {
  const connection = await connect(url);
  // The 100 comes at the first read of the content (RFC 9110 §10.1.1).
  const interim = await connection.exchange(
    "POST /files/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n" +
      "Expect: 100-continue\r\n\r\n",
  );
  assertMatch(interim, /^HTTP\/1\.1 100 /);
  return connection;
}

/** A connection on which Latin-1 text is sent, and a message comes back. */
async function connect(url: string) {
  const { hostname, port } = new URL(url);
  const socket = await Deno.connect({ hostname, port: Number(port) });
  const exchange = async (text: string): Promise<string> => {
    await socket.write(Uint8Array.from(text, (each) => each.charCodeAt(0)));
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(4096);
    let answer = "";
    while (!answer.includes("\r\n\r\n")) {
      const length = await socket.read(buffer);
      if (length === null) break;
      answer += decoder.decode(buffer.subarray(0, length));
    }
    return answer;
  };
  return { socket, exchange };
}
