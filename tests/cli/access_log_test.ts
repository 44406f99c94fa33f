import { assert, assertEquals } from "@std/assert";
import { AccessLog } from "../../lib/cli/access_log.ts";
import type { LogFormat } from "../../lib/cli/log_lines.ts";
import type { Exchange } from "../../lib/observer.ts";

const exchange: Exchange = {
  remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 50_000 },
  method: "GET",
  requestTarget: "/echo/abc",
  version: "HTTP/1.1",
  host: "localhost:4221",
  userAgent: "curl/8",
  status: 200,
  received: 0,
  sent: 3,
  started: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  duration: 0.4123,
};

/** The lines of some exchanges, and the writes that they came in. */
async function logged(
  format: LogFormat,
  ...exchanges: Exchange[]
): Promise<string> {
  const written: Uint8Array<ArrayBuffer>[] = [];
  const output = new WritableStream<Uint8Array<ArrayBuffer>>({
    write: (octets) => void written.push(octets),
  });
  const log = new AccessLog(format, { output });
  for (const each of exchanges) log.record(each);
  await log.flush();
  return new Blob(written).text();
}

Deno.test("no line tells what the query of a URL keeps secret", async () => {
  const secrets = "signature=S1&Token=S2&key=&KEY=S3&pass%77ord=S4&key=S5=S6";
  const told = {
    ...exchange,
    requestTarget: `/files/a?${secrets}&token&monkey=7`,
    referer: `http://a/?q=1&${secrets}`,
  };
  const hidden =
    "signature=***&Token=***&key=***&KEY=***&pass%77ord=***&key=***";
  for (const format of ["text", "json", "combined"] as const) {
    const line = await logged(format, told);
    assertEquals(/S\d/.test(line), false, line);
    const target = `/files/a?${hidden}&token&monkey=7`;
    assert(line.includes(target), line);
    assert(
      format === "text" || line.includes(`http://a/?q=1&${hidden}"`),
      line,
    );
  }
  // Nothing else is changed, and what is no query holds no parameters.
  for (const requestTarget of ["/token=1", "/a?b=token=1", "/a?%zz=1", "/a?"]) {
    const line = await logged("text", { ...exchange, requestTarget });
    assert(line.includes(`"GET ${requestTarget} HTTP/1.1"`), line);
  }
});

const lost: Exchange = {
  remoteAddr: exchange.remoteAddr,
  received: 7,
  sent: 0,
  started: exchange.started,
  duration: 12,
  error: new TypeError("broken\n200"),
};

Deno.test("a text line has what happened, in one order", async () => {
  assertEquals(
    await logged("text", exchange),
    `2026-01-02T03:04:05.678Z 192.0.2.1 "GET /echo/abc HTTP/1.1" 200 ` +
      `sent=3 received=0 0.4ms "curl/8"\n`,
  );
});

Deno.test("a text line shows what is unknown as a hyphen", async () => {
  assertEquals(
    await logged("text", lost),
    `2026-01-02T03:04:05.678Z 192.0.2.1 - - sent=0 received=7 12.0ms ` +
      String.raw`error="TypeError: broken\n200"` + "\n",
  );
});

Deno.test("a line in the Combined Log Format", async () => {
  assertEquals(
    await logged("combined", { ...exchange, referer: "http://a/" }),
    `192.0.2.1 - - [02/Jan/2026:03:04:05 +0000] "GET /echo/abc HTTP/1.1" 200 3 ` +
      `"http://a/" "curl/8"\n`,
  );
});

Deno.test("the Combined Log Format shows what is unknown as a hyphen", async () => {
  assertEquals(
    await logged("combined", lost),
    `192.0.2.1 - - [02/Jan/2026:03:04:05 +0000] "-" - - "-" "-"\n`,
  );
});

Deno.test("the Combined Log Format escapes what would end its quotes", async () => {
  const userAgent = 'a"b\\c\x1b[31m\u009bé\u202e';
  const line = await logged("combined", { ...exchange, userAgent });
  assertEquals(
    line.slice(line.indexOf(' "a')),
    String.raw` "a\"b\\c\x1b[31m\xc2\x9b\xc3\xa9\xe2\x80\xae"` + "\n",
  );
});

Deno.test("a JSON line has what happened by name", async () => {
  assertEquals(JSON.parse(await logged("json", exchange)), {
    time: "2026-01-02T03:04:05.678Z",
    address: "192.0.2.1",
    port: 50_000,
    status: 200,
    method: "GET",
    requestTarget: "/echo/abc",
    version: "HTTP/1.1",
    host: "localhost:4221",
    userAgent: "curl/8",
    received: 0,
    sent: 3,
    duration: 0.4123,
  });
});

Deno.test("a JSON line of a client that went away has no status", async () => {
  assertEquals(JSON.parse(await logged("json", lost)), {
    time: "2026-01-02T03:04:05.678Z",
    address: "192.0.2.1",
    port: 50_000,
    status: null,
    received: 7,
    sent: 0,
    duration: 12,
    error: "TypeError: broken\n200",
  });
});

Deno.test("a Unix socket has no address to log", async () => {
  const remoteAddr = { transport: "unix", path: "/run/x" } as const;
  const line = await logged("text", { ...exchange, remoteAddr });
  assert(line.startsWith("2026-01-02T03:04:05.678Z - "), line);
  const json = JSON.parse(await logged("json", { ...exchange, remoteAddr }));
  assertEquals([json.address, json.port], [undefined, undefined]);
});

for (const format of ["text", "json"] as const) {
  Deno.test(`no client forges a ${format} line or drives a terminal`, async () => {
    const evil = '"\\\r\n\x00\x1b[2J\x7f\x85\x9b\u2028\u202e';
    const text = await logged(format, {
      ...exchange,
      method: evil,
      requestTarget: evil,
      host: evil,
      userAgent: evil,
      referer: evil,
      error: evil,
    });
    assertEquals(text.indexOf("\n"), text.length - 1);
    assert(!/[\p{C}\p{Zl}\p{Zp}]/u.test(text.slice(0, -1)), text);
    if (format === "json") assertEquals(JSON.parse(text).userAgent, evil);
  });
}

/** An output whose writes do not end before they are let go. */
function slowOutput() {
  const writes: string[] = [];
  const begun = Promise.withResolvers<void>();
  const { promise, resolve: letGo } = Promise.withResolvers<void>();
  const output = new WritableStream<Uint8Array>({
    async write(octets) {
      writes.push(new TextDecoder().decode(octets));
      begun.resolve();
      await promise;
    },
  });
  return { output, writes, begun: begun.promise, letGo };
}

Deno.test("lines that come together go out in one write", async () => {
  const { output, writes, begun, letGo } = slowOutput();
  const log = new AccessLog("json", { output });
  const record = (status: number) => log.record({ ...exchange, status });
  [200, 201].forEach(record);
  await begun;
  [202, 203, 204].forEach(record);
  letGo();
  await log.flush();
  assertEquals(writes.map((text) => text.trimEnd().split("\n").length), [2, 3]);
  const lines = writes.join("").trimEnd().split("\n");
  assertEquals(
    lines.map((line) => JSON.parse(line).status),
    [200, 201, 202, 203, 204],
  );
});

Deno.test("a reader that stops does not fill the memory: lines are counted", async () => {
  const { output, writes, begun, letGo } = slowOutput();
  const log = new AccessLog("text", { output });
  log.record(exchange);
  await begun;
  const userAgent = "x".repeat(1024 * 1024);
  for (let count = 0; count < 11; count++) {
    log.record({ ...exchange, userAgent });
  }
  letGo();
  await log.flush();
  const late = writes.slice(1).join("");
  assertEquals(late.split("\n").length, 8 + 2);
  assert(late.endsWith("\n3 lines were lost\n"));
});

Deno.test("lines of other processes go between its own, in order", async () => {
  const { output, writes, begun, letGo } = slowOutput();
  const log = new AccessLog("text", { output });
  const forward = (text: string) => log.forward(new TextEncoder().encode(text));
  forward("one\n");
  await begun;
  const long = "x".repeat(70_000);
  forward("two\nthree\n");
  log.record(exchange);
  forward(`${long}\n`);
  forward("four\n");
  letGo();
  await log.flush();
  const lines = writes.join("").split("\n");
  assertEquals(lines[3].slice(0, 24), "2026-01-02T03:04:05.678Z");
  lines.splice(3, 1);
  assertEquals(lines, ["one", "two", "three", long, "four", ""]);
});

Deno.test("lines of other processes are counted where no one reads", async () => {
  const { output, writes, begun, letGo } = slowOutput();
  const log = new AccessLog("json", { output });
  log.record(exchange);
  await begun;
  const lines = new TextEncoder().encode(`${"x".repeat(1023)}\n`.repeat(1024));
  for (let count = 0; count < 10; count++) log.forward(lines);
  letGo();
  await log.flush();
  const late = writes.slice(1).join("");
  assert(late.endsWith('\n{"lost":2048}\n'));
});

Deno.test("a broken output turns the log off, and tells once", async () => {
  const failures: unknown[] = [];
  let writes = 0;
  const log = new AccessLog("text", {
    output: new WritableStream({
      write() {
        writes++;
        throw new Deno.errors.BrokenPipe("Broken pipe");
      },
    }),
    onFailure: (error) => failures.push(error),
  });
  log.record(exchange);
  log.record(exchange);
  await log.flush();
  log.record(exchange);
  await log.flush();
  assertEquals(writes, 1);
  assertEquals(failures.length, 1);
});

Deno.test("long lines and short ones come whole and in order", async () => {
  const writes: string[] = [];
  const output = new WritableStream<Uint8Array>({
    write: (octets) => void writes.push(new TextDecoder().decode(octets)),
  });
  const log = new AccessLog("text", { output });
  const lengths = [1, 70_000, 3, 20_000, 20_000, 20_000, 5, 25_000, 7];
  for (const length of lengths) {
    log.record({ ...exchange, userAgent: "\u20ac".repeat(length) });
  }
  await log.flush();
  const lines = writes.join("").split("\n");
  assertEquals(lines.pop(), "");
  assertEquals(
    lines.map((line) => /"(\u20ac+)"$/.exec(line)?.[1].length),
    lengths,
  );
});
