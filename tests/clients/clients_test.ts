import {
  assertEquals,
  assertLess,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { createHash } from "node:crypto";
import { Site, startCommand } from "../cli/command.ts";
import { parseAnswers } from "../support/conversation.ts";
import { runTool, toolTest } from "./tool.ts";

/** Runs `use` against the command, which serves an empty directory. */
async function withServer(
  use: (url: string, site: Site, pid: number) => Promise<void>,
): Promise<void> {
  await using site = await Site.make();
  await using server = await startCommand(["--port", "0", "--log", "off"], {
    cwd: site.path,
  });
  await use(server.url, site, server.pid);
}

await toolTest(
  "curl",
  "get, post, head, gzip, several on one connection",
  () =>
    withServer(async (url, site) => {
      const curl = (...args: string[]) => runTool("curl", ["-sS", ...args]);
      assertEquals(await curl(`${url}echo/a%20b`), "a b");
      assertEquals(await curl("-A", "me/1", `${url}user-agent`), "me/1");
      assertMatch(await curl("-I", `${url}echo/abc`), /content-length: 3\r\n/);
      assertEquals(await curl("--compressed", `${url}echo/abc`), "abc");
      assertEquals(
        await curl("-w", "%{http_code}", "-d", "hello", `${url}files/a.txt`),
        "201",
      );
      assertEquals(
        await Deno.readTextFile(join(site.path, "public/a.txt")),
        "hello",
      );
      const two = `${url}files/a.txt`;
      assertEquals(
        await curl("-w", "%{num_connects}", two, two),
        "hello1hello0",
      );
    }),
);

await toolTest(
  "curl",
  "256 MiB up and down, in little memory",
  () =>
    withServer(async (url, site, pid) => {
      const source = join(site.path, "source");
      const sent = await writeLargeFile(source);
      const status = await runTool("curl", [
        ...["-sS", "-o", join(site.path, "answer"), "-w", "%{http_code}"],
        ...["-X", "POST", "-T", source, `${url}files/big`],
      ]);
      assertEquals(status, "201");
      await Deno.remove(source);
      const copy = join(site.path, "copy");
      await runTool("curl", ["-sS", "-o", copy, `${url}files/big`]);
      assertEquals(await hashOf(copy), sent);
      if (Deno.build.os === "linux") assertLess(await peakMegabytes(pid), 200);
    }),
);

/** Writes 256 MiB in which no block is like another; gives its hash. */
async function writeLargeFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  const block = new Uint8Array(1 << 20);
  for (let at = 0; at < block.length; at += 65_536) {
    crypto.getRandomValues(block.subarray(at, at + 65_536));
  }
  using file = await Deno.open(path, { write: true, createNew: true });
  const writer = file.writable.getWriter();
  for (let count = 0; count < 256; count++) {
    new DataView(block.buffer).setUint32(0, count);
    hash.update(block);
    await writer.write(block);
  }
  await writer.close();
  return hash.digest("hex");
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  const file = await Deno.open(path);
  for await (const octets of file.readable) hash.update(octets);
  return hash.digest("hex");
}

/** The most memory that a process has had, as Linux counts it. */
async function peakMegabytes(pid: number): Promise<number> {
  // Deno itself reads no file of /proc without --allow-all.
  const status = await runTool("cat", [`/proc/${pid}/status`]);
  return Number(/VmHWM:\s*(\d+) kB/.exec(status)![1]) / 1024;
}

await toolTest(
  "nc",
  "a client that half-closes",
  () =>
    withServer(async (url) => {
      const { hostname, port } = new URL(url);
      const answer = await runTool(
        "nc",
        ["-N", hostname, port],
        "GET /echo/abc HTTP/1.1\r\nHost: localhost\r\n\r\n",
      );
      assertEquals(parseAnswers(answer)[0].content, "abc");
    }),
);

await toolTest(
  "python3",
  "http.client, two requests on one connection",
  () =>
    withServer(async (url) => {
      const { host } = new URL(url);
      const program = `
import http.client
connection = http.client.HTTPConnection("${host}")
connection.request("POST", "/files/p", body=iter([b"one", b"two"]),
                   encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
response = connection.getresponse()
print(response.status, response.read())
connection.request("GET", "/files/p")
response = connection.getresponse()
print(response.status, response.read())
`;
      assertEquals(
        await runTool("python3", ["-c", program]),
        "201 b''\n200 b'onetwo'\n",
      );
    }),
);

await toolTest(
  "ab",
  "10 000 requests on connections kept alive",
  () =>
    withServer(async (url) => {
      const report = await runTool("ab", [
        ...["-k", "-q", "-n", "10000", "-c", "32", `${url}echo/abc`],
      ]);
      assertMatch(report, /Complete requests: +10000\n/);
      assertMatch(report, /Failed requests: +0\n/);
      assertMatch(report, /Keep-Alive requests: +10000\n/);
      assertStringIncludes(report, "Document Length:        3 bytes");
    }),
);
