/** `--workers`: several processes that serve one port as if they were one. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async/delay";
import { createHash } from "node:crypto";
import { flagFor } from "../../lib/cli/permissions.ts";
import {
  parsePrometheus,
  type Samples,
} from "../operations/prometheus_text.ts";
import {
  mayRunCommand,
  readmeFlags,
  runCommand,
  type RunningCommand,
  Site,
  startCommand,
} from "./command.ts";
import {
  argumentsOf,
  childrenOf,
  clientPortsOf,
  gone,
} from "./worker_processes.ts";

const ignore = !mayRunCommand || Deno.build.os !== "linux" ||
  (await Deno.permissions.query({ name: "run" })).state !== "granted";

/** Those of the README, and the one that workers need. */
const flags = [...readmeFlags, `--allow-run=${Deno.execPath()}`];

function startWorkers(
  site: Site,
  args: string[] = [],
  more: string[] = [],
): Promise<RunningCommand> {
  const all = ["--port=0", "--workers=2", ...args];
  return startCommand(all, { cwd: site.path, flags: [...flags, ...more] });
}

/** A connection that is kept, and one request after the other on it. */
class Client implements Disposable {
  readonly #conn: Deno.TcpConn;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  static async connect(url: string): Promise<Client> {
    const { hostname, port } = new URL(url);
    return new Client(await Deno.connect({ hostname, port: Number(port) }));
  }

  /** Of its own end. */
  get port(): number {
    return this.#conn.localAddr.port;
  }

  async send(content: string | Uint8Array): Promise<void> {
    const octets = typeof content === "string"
      ? new TextEncoder().encode(content)
      : content;
    for (let at = 0; at < octets.length;) {
      at += await this.#conn.write(octets.subarray(at));
    }
  }

  /** What comes next; undefined if the connection is broken. */
  async read(): Promise<string | undefined> {
    const buffer = new Uint8Array(65_536);
    const count = await this.#conn.read(buffer).catch(() => null);
    return count === null
      ? undefined
      : new TextDecoder().decode(buffer.subarray(0, count));
  }

  async ask(path: string, fields = ""): Promise<string | undefined> {
    await this.send(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`,
    ).catch(() => {});
    return await this.read();
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}

/** Without a log, and with metrics that a test can ask for. */
const WATCHED = ["--log=off", "--admin=127.0.0.1:0"];

/** Clients of each worker, at least so many, by its process. */
async function clientsOfEach(
  command: RunningCommand,
  least: number,
): Promise<Map<number, Client[]>> {
  const all: Client[] = [];
  for (;;) {
    const client = await Client.connect(command.url);
    assertMatch((await client.ask("/echo/a"))!, /^HTTP\/1\.1 200 /);
    all.push(client);
    const clients = new Map<number, Client[]>();
    for (const pid of await childrenOf(command.pid)) {
      const ports = await clientPortsOf(pid);
      clients.set(pid, all.filter(({ port }) => ports.has(port)));
    }
    const counts = [...clients.values()].map(({ length }) => length);
    if (Math.min(...counts) < least) continue;
    const served = new Set([...clients.values()].flat());
    // The others had to make room.
    for (const client of all) if (!served.has(client)) client[Symbol.dispose]();
    return clients;
  }
}

function close(clients: Map<number, Client[]>): void {
  for (const client of [...clients.values()].flat()) client[Symbol.dispose]();
}

async function scrape(command: RunningCommand): Promise<Samples> {
  const line = await command.stderr.until(/^Metrics: /);
  const response = await fetch(line.slice("Metrics: ".length));
  return parsePrometheus(await response.text());
}

/** Scrapes until a sample has a value. */
async function awaitSample(
  command: RunningCommand,
  name: string,
  value: number,
): Promise<Samples> {
  for (;;) {
    const samples = await scrape(command);
    if (samples.get(name) === value) return samples;
    await delay(10);
  }
}

const echoes =
  'http_server_requests_total{method="GET",route="/echo/*",status="200"}';

Deno.test("messages come once, and each worker may do what it must", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startWorkers(site);
  const { port } = new URL(command.url);
  assertEquals(command.stderr.all, [
    `Listening on http://127.0.0.1:${port}/`,
    'Serving "./public" by 2 workers, read and write',
  ]);
  const workers = await childrenOf(command.pid);
  assertEquals(workers.length, 2);
  const ports = [];
  for (const pid of workers) {
    const all = await argumentsOf(pid);
    const allowed = all.filter((each) => /^--(?:allow|deny)-|^-A$/.test(each));
    const net = allowed.pop()!;
    const folder = `./public,${site.path}/public`;
    assertEquals(allowed, [
      `--allow-read=${folder}`,
      `--allow-write=${folder}`,
    ]);
    ports.push(net);
    assert(all.includes("--no-prompt"));
  }
  assertEquals(ports, [
    "--allow-net=127.0.0.1:0",
    `--allow-net=127.0.0.1:${port}`,
  ]);
});

Deno.test("a site needs no permission to write", { ignore }, async () => {
  await using site = await Site.make();
  await Deno.writeTextFile(`${site.path}/public/index.html`, "Hello");
  await using command = await startWorkers(site, ["--site"]);
  const line = await command.stderr.until(/^Serving /);
  assertMatch(
    line,
    /^Serving ".\/public" by 2 workers, as a site, read only$/,
  );
  for (const pid of await childrenOf(command.pid)) {
    const all = await argumentsOf(pid);
    assertEquals(all.filter((each) => each.startsWith("--allow-write")), []);
  }
  const response = await fetch(command.url);
  assertEquals(await response.text(), "Hello");
});

Deno.test("auto is one worker for each processor", { ignore }, async () => {
  await using site = await Site.make();
  await using command = await startCommand(
    ["--port=0", "--workers=auto"],
    { cwd: site.path, flags },
  );
  const { hardwareConcurrency } = navigator;
  const workers = await childrenOf(command.pid);
  assertEquals(
    workers.length,
    hardwareConcurrency === 1 ? 0 : hardwareConcurrency,
  );
});

Deno.test("all workers together serve as many connections as one would", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startWorkers(site, [
    "--log=off",
    "--max-connections=5",
  ]);
  const about = await fetch(`${command.url}about`, {
    headers: { accept: "text/html" },
  });
  assertMatch(await about.text(), /5 at once/);
  const clients = await clientsOfEach(command, 1);
  for (let count = 0; count < 20; count++) {
    const client = await Client.connect(command.url);
    assertMatch((await client.ask("/echo/a"))!, /^HTTP\/1\.1 200 /);
    clients.get([...clients.keys()][0])!.push(client);
  }
  const [first, second] = clients.keys();
  // The idle ones that had to make room are about to be closed.
  while ((await clientPortsOf(first)).size > 3) await delay(10);
  while ((await clientPortsOf(second)).size > 2) await delay(10);
  close(clients);
});

Deno.test("kill -9 of a worker breaks its own connections alone", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startWorkers(site, WATCHED);
  const clients = await clientsOfEach(command, 3);
  const [killed, spared] = [...clients.keys()];
  // The others are in the midst of their work.
  let isOver = false;
  const asking = clients.get(spared)!.map(async (client) => {
    let count = 0;
    do {
      const answer = await client.ask("/echo/a");
      assertMatch(answer ?? "broken", /^HTTP\/1\.1 200 /);
      count++;
    } while (!isOver);
    return count;
  });
  Deno.kill(killed, "SIGKILL");
  const [broken] = await Promise.all(
    clients.get(killed)!.map((each) => each.read()),
  );
  assertEquals(broken, undefined);
  await command.stderr.until(/^Worker 1 ended: SIGKILL, another one starts$/);
  const samples = await awaitSample(command, "sluice_workers", 2);
  assertEquals(samples.get("sluice_worker_restarts_total"), 1);
  isOver = true;
  for (const count of await Promise.all(asking)) assert(count > 0);
  close(clients);
  // The new one takes connections.
  close(await clientsOfEach(command, 1));
});

Deno.test("metrics are those of all workers, also of one that has ended", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startWorkers(site, WATCHED);
  const clients = await clientsOfEach(command, 2);
  const all = [...clients.values()].flat();
  for (const client of all) {
    for (let count = 0; count < 10; count++) await client.ask("/echo/a");
  }
  const requests = 11 * all.length;
  const samples = await awaitSample(command, echoes, requests);
  const duration = "http_server_request_duration_seconds";
  assertEquals(samples.get(`${duration}_count{route="/echo/*"}`), requests);
  assertEquals(samples.get("http_server_response_body_bytes_total"), requests);
  assertEquals(
    samples.get('http_server_connections{state="open"}'),
    all.length,
  );
  const [killed, spared] = [...clients.keys()];
  const left = clients.get(spared)!;
  Deno.kill(killed, "SIGKILL");
  await awaitSample(command, "sluice_workers", 2);
  for (const client of left) await client.ask("/echo/a");
  const then = await awaitSample(command, echoes, requests + left.length);
  assertEquals(
    then.get('http_server_connections{state="open"}'),
    left.length,
  );
  close(clients);
});

Deno.test("a scrape waits a second at most for a worker that hangs", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startWorkers(site, WATCHED);
  const clients = await clientsOfEach(command, 1);
  const count = [...clients.values()].flat().length;
  await awaitSample(command, echoes, count);
  const [hung] = clients.keys();
  Deno.kill(hung, "SIGSTOP");
  assertEquals((await scrape(command)).get(echoes), count);
  Deno.kill(hung, "SIGCONT");
  close(clients);
});

Deno.test("one log has the lines of all workers, each of them whole", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startWorkers(site, [
    "--log=json",
    "--log-file=all.log",
    "--drain-delay=0s",
  ], ["--allow-write=./all.log"]);
  const clients = await clientsOfEach(command, 4);
  const all = [...clients.values()].flat();
  const agent = `User-Agent: ${"\u00e9".repeat(2000)}\r\n`;
  const asked = 50;
  await Promise.all(all.map(async (client, at) => {
    for (let count = 0; count < asked; count++) {
      await client.ask(`/echo/${at}-${count}`, agent);
      if (at === 0 && count === asked / 2) {
        await Deno.rename(`${site.path}/all.log`, `${site.path}/old.log`);
        command.kill("SIGHUP");
        await command.stderr.until(/^SIGHUP: the log file is opened again$/);
      }
    }
  }));
  close(clients);
  command.kill("SIGTERM");
  assertEquals((await command.status).code, 0);
  const [old, young] = await Promise.all(
    ["old", "all"].map((name) => Deno.readTextFile(`${site.path}/${name}.log`)),
  );
  assert(old !== "" && young !== "", "both files have lines");
  const targets = (old + young).trimEnd().split("\n")
    .map((line) => JSON.parse(line).requestTarget);
  const wanted = all.flatMap((_, at) => [
    "/echo/a",
    ...Array.from({ length: asked }, (_, count) => `/echo/${at}-${count}`),
  ]);
  assertEquals(targets.sort(), wanted.sort());
});

Deno.test(
  "a standard output that nobody reads stops neither requests nor scrapes",
  {
    ignore,
  },
  async () => {
    await using site = await Site.make();
    await using command = await startWorkers(site, ["--admin=127.0.0.1:0"]);
    command.stdout.pause();
    const clients = await clientsOfEach(command, 1);
    const [client] = [...clients.values()].flat();
    const fields = `User-Agent: ${"a".repeat(7000)}\r\n`;
    // Far more than a pipe holds.
    const count = 100;
    for (let asked = 0; asked < count; asked++) {
      assertMatch((await client.ask("/echo/a", fields))!, /^HTTP\/1\.1 200 /);
    }
    const { length } = [...clients.values()].flat();
    await awaitSample(command, echoes, count + length);
    command.stdout.resume();
    while (command.stdout.all.length < count + length) await delay(10);
    close(clients);
  },
);

Deno.test("all workers finish what they do, and end with the command", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startWorkers(site);
  const clients = await clientsOfEach(command, 1);
  const workers = [...clients.keys()];
  const writing = workers.map((pid) => clients.get(pid)![0]);
  for (const [at, client] of writing.entries()) {
    await client.send(
      `PUT /files/${at}.txt HTTP/1.1\r\nHost: localhost\r\n` +
        "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    );
    assertMatch((await client.read())!, /^HTTP\/1\.1 100 /);
  }
  // Signals to a worker are not for it: a terminal sends Ctrl-C to each.
  for (const pid of workers) Deno.kill(pid, "SIGINT");
  command.kill("SIGTERM");
  await command.stderr.until(/^Stopping: /);
  for (const client of writing) {
    await client.send("hello");
    assertMatch(
      (await client.read())!,
      /^HTTP\/1\.1 201 .*connection: close/is,
    );
  }
  close(clients);
  assertEquals((await command.status).code, 0);
  for (const pid of workers) await gone(pid);
  for (const at of writing.keys()) {
    const text = await Deno.readTextFile(`${site.path}/public/${at}.txt`);
    assertEquals(text, "hello");
  }
  assertEquals(command.stderr.all.slice(2), [
    "Stopping: finishing running requests, a second signal stops at once",
  ]);
});

Deno.test(
  "if one was asked whether it is ready, all wait; a second signal ends all",
  {
    ignore,
  },
  async () => {
    await using site = await Site.make();
    await using command = await startWorkers(site, ["--drain-delay=auto"]);
    const clients = await clientsOfEach(command, 1);
    const workers = [...clients.keys()];
    const [first, other] = workers.map((pid) => clients.get(pid)![0]);
    assertMatch((await first.ask("/-/ready"))!, /^HTTP\/1\.1 200 /);
    // What a worker has to say comes before its line of the log.
    await command.stdout.until(/ "GET \/-\/ready HTTP\/1\.1" 200 /);
    command.kill("SIGTERM");
    await command.stderr.until(/^Stopping in 5 s/);
    let answer = await other.ask("/-/ready");
    // The order is on its way.
    while (answer?.startsWith("HTTP/1.1 200 ")) {
      answer = await other.ask(
        "/-/ready",
      );
    }
    assertMatch(answer!, /^HTTP\/1\.1 503 /);
    command.kill("SIGINT");
    assertEquals((await command.status).code, 130);
    for (const pid of workers) await gone(pid);
    close(clients);
  },
);

Deno.test("when the command is killed, its workers finish what they do", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startWorkers(site, ["--log=off"]);
  const clients = await clientsOfEach(command, 1);
  const workers = [...clients.keys()];
  const [client] = clients.get(workers[0])!;
  await client.send(
    "PUT /files/a.txt HTTP/1.1\r\nHost: localhost\r\n" +
      "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
  );
  assertMatch((await client.read())!, /^HTTP\/1\.1 100 /);
  command.kill("SIGKILL");
  await command.status;
  // It has no request to finish.
  await gone(workers[1]);
  await client.send("hello");
  assertMatch((await client.read())!, /^HTTP\/1\.1 201 /);
  close(clients);
  await gone(workers[0]);
});

Deno.test("a worker that cannot start again is tried again, with pauses", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startWorkers(site, WATCHED);
  const [killed] = await childrenOf(command.pid);
  const folder = `${site.path}/public`;
  await Deno.rename(folder, `${site.path}/away`);
  Deno.kill(killed, "SIGKILL");
  await command.stderr.until(/^Worker 1 ended: SIGKILL, another one starts$/);
  await command.stderr.until(
    /^Worker 1 ended: Cannot serve ".\/public": there is no such directory, .*, another one starts in 0.25 s$/,
  );
  await command.stderr.until(/^Worker 1 ended: .* starts in 0.5 s$/);
  await Deno.rename(`${site.path}/away`, folder);
  await awaitSample(command, "sluice_workers", 2);
});

Deno.test("an upload goes on at whichever worker it comes to", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startWorkers(site, ["--log=off"]);
  const content = crypto.getRandomValues(new Uint8Array(40_000));
  const begun = await fetch(`${command.url}files/a.bin`, {
    method: "PUT",
    headers: { "upload-complete": "?0", "upload-length": "40000" },
  });
  assertEquals(begun.status, 201);
  await begun.body?.cancel();
  const location = new URL(begun.headers.get("location")!, command.url);
  const used = new Set<number>();
  for (let offset = 0; offset < content.length;) {
    // The last octets are sent once both have had some.
    const left = content.length - offset;
    const count = used.size === 2 ? left : Math.min(100, left - 1);
    using client = await Client.connect(command.url);
    await client.send(
      `PATCH ${location.pathname} HTTP/1.1\r\nHost: localhost\r\n` +
        "Content-Type: application/partial-upload\r\n" +
        `Upload-Complete: ${count === left ? "?1" : "?0"}\r\n` +
        `Upload-Offset: ${offset}\r\nContent-Length: ${count}\r\n` +
        "Expect: 100-continue\r\n\r\n",
    );
    assertMatch((await client.read())!, /^HTTP\/1\.1 10\d /);
    for (const pid of await childrenOf(command.pid)) {
      if ((await clientPortsOf(pid)).has(client.port)) used.add(pid);
    }
    await client.send(content.subarray(offset, offset + count));
    assertMatch((await client.read())!, /HTTP\/1\.1 20\d /);
    offset += count;
  }
  assertEquals(used.size, 2);
  const stored = await Deno.readFile(`${site.path}/public/a.bin`);
  const hash = (octets: Uint8Array) =>
    createHash("sha256").update(octets).digest("hex");
  assertEquals(hash(stored), hash(content));
});

/** Runs it with workers, to its end. */
async function runWorkers(args: string[], these = flags) {
  await using site = await Site.make();
  return await runCommand(["--workers=2", ...args], {
    cwd: site.path,
    flags: these,
  });
}

Deno.test("no permission to start workers: exit code 1", {
  ignore,
}, async () => {
  assertEquals(await runWorkers(["--port=0"], readmeFlags), {
    code: 1,
    stdout: "",
    stderr: "Cannot start workers: not allowed, add " +
      `${flagFor({ name: "run", command: Deno.execPath() })}\n`,
  });
});

Deno.test("no permission to read: exit code 1", { ignore }, async () => {
  const these = flags.filter((each) => !each.startsWith("--allow-read"));
  assertEquals(await runWorkers(["--port=0"], these), {
    code: 1,
    stdout: "",
    stderr: 'Cannot serve "./public": not allowed, add --allow-read=./public\n',
  });
});

Deno.test("a directory behind a link, once both are allowed", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await Deno.rename(`${site.path}/public`, `${site.path}/real`);
  await Deno.symlink("real", `${site.path}/public`);
  const only = await runCommand(["--workers=2", "--port=0"], {
    cwd: site.path,
    flags,
  });
  assertEquals([only.code, only.stderr], [
    1,
    'Cannot serve "./public": it is a link, ' +
    `add --allow-read=${site.path}/real\n`,
  ]);
  const more = ["--allow-read=./real", "--allow-write=./real"];
  await using command = await startWorkers(site, [], more);
  const put = { method: "PUT", body: "hello" };
  const { status, body } = await fetch(`${command.url}files/a.txt`, put);
  await body?.cancel();
  assertEquals(status, 201);
});

for (const name of ["a,b", "link"]) {
  Deno.test(`no flag can name what has a comma, here behind "${name}"`, {
    ignore,
  }, async () => {
    await using site = await Site.make();
    await Deno.mkdir(`${site.path}/a,b`);
    await Deno.symlink("a,b", `${site.path}/link`);
    const args = ["--workers=2", "--port=0", `--directory=${name}`];
    const all = { cwd: site.path, flags: ["--allow-all"] };
    assertEquals(await runCommand(args, all), {
      code: 1,
      stdout: "",
      stderr: "Cannot start workers: choose a directory without a comma in " +
        "its path\n",
    });
  });
}

Deno.test("no such directory: exit code 1, told once", {
  ignore,
}, async () => {
  const these = ["--allow-net", "--allow-read", flags.at(-1)!];
  assertEquals(await runWorkers(["--port=0", "--directory=none"], these), {
    code: 1,
    stdout: "",
    stderr: 'Cannot serve "none": there is no such directory, ' +
      "make it or choose one with --directory\n",
  });
});

Deno.test("a worker that ends without a word: tried three times, exit code 1", {
  ignore,
}, async () => {
  await using site = await Site.make();
  const names = ["main.ts", "mod.ts", "lib", "vendor"];
  const root = new URL("../../", import.meta.url).pathname;
  await new Deno.Command("cp", {
    args: ["-r", ...names.map((name) => root + name), site.path],
  }).output();
  // Without imports: the command gets its own from a flag, a worker does not.
  await Deno.writeTextFile(`${site.path}/deno.json`, '{"version":"0.1.0"}');
  const map = ["--import-map", "vendor/std/import_map.json"];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, ...map, "main.ts", "--port=0", "--workers=2"],
    cwd: site.path,
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(code, 1);
  const said = new TextDecoder().decode(stderr);
  assertEquals(said.match(/^error: Import /gm)?.length, 3);
  assertMatch(
    said,
    /\nCannot start a worker: it ends with exit code 1 before it serves, see above what it says, or omit --workers\n$/,
  );
});

Deno.test("a port of other workers is in use: exit code 1", {
  ignore,
}, async () => {
  await using site = await Site.make();
  await using command = await startWorkers(site);
  const { port } = new URL(command.url);
  assertEquals(await runWorkers([`--port=${port}`]), {
    code: 1,
    stdout: "",
    stderr: `Cannot listen on 127.0.0.1:${port}: the port is in use, ` +
      "choose one with --port, such as --port 0\n",
  });
});

Deno.test("a value that only a worker finds wrong: exit code 2", {
  ignore,
}, async () => {
  assertEquals(await runWorkers(["--port=0", "--trust-proxy=x"]), {
    code: 2,
    stdout: "",
    stderr: 'Cannot use --trust-proxy: got "x", write IP addresses or ranges ' +
      "such as 10.0.0.0/8, or unix:\n",
  });
});

Deno.test("fewer connections than workers: exit code 2", {
  ignore,
}, async () => {
  assertEquals(await runWorkers(["--port=0", "--max-connections=1"]), {
    code: 2,
    stdout: "",
    stderr: 'Cannot use --max-connections: got "1", write at least one for ' +
      "each of the 2 workers\n",
  });
});

Deno.test("nobody starts a worker by hand: exit code 2", {
  ignore,
}, async () => {
  await using site = await Site.make();
  const args = ["as-worker", "--drain-delay=0s"];
  assertEquals(await runCommand(args, { cwd: site.path }), {
    code: 2,
    stdout: "",
    stderr: "Cannot start as a worker: nobody gives orders, " +
      "write --workers instead\n",
  });
});
