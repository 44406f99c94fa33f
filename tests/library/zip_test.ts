/**
 * Archives of the command, as released programs read them: `unzip` and Python's
 * zipfile. With `ZIP_TEST=long` there are 20,000 files, and one of 5 GiB.
 */

import { assert, assertEquals } from "@std/assert";
import { writeAll } from "../../lib/files/received_content.ts";
import { Server } from "../faults/server.ts";

const isLong = Deno.env.get("ZIP_TEST") === "long";

const FILES = isLong ? 20_000 : 500;
const LARGE = isLong ? 5 * 2 ** 30 : 100 * 2 ** 20;

/** What the process may hold beyond what it held before. */
const MOST_MEMORY = 100 * 2 ** 20;

const python = `
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
infos = archive.infolist()
assert len({info.filename for info in infos}) == len(infos)
print(len(infos), sum(info.file_size for info in infos))
`;

async function has(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--help"] }).output())
      .success;
  } catch {
    return false;
  }
}

const ignore = Deno.build.os !== "linux" || !await has("unzip") ||
  !await has("python3");

async function run(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args })
    .output();
  const decoder = new TextDecoder();
  const said = decoder.decode(stdout);
  assertEquals(code, 0, `${program}: ${said}${decoder.decode(stderr)}`);
  return said;
}

/** Octets that a process has held at most. */
async function peakOf({ pid }: Server): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmHWM:\s*(\d+) kB/.exec(status)![1]) * 1024;
}

/** Downloads an archive, and has it read by both. */
async function download(
  server: Server,
  path: string,
): Promise<{ counted: string; firstAfter: number; grown: number }> {
  await (await fetch(server.url("/files/small/0/?zip"))).bytes();
  const before = await peakOf(server);
  const to = await Deno.makeTempFile({ suffix: ".zip" });
  try {
    const start = performance.now();
    const response = await fetch(server.url(path));
    using file = await Deno.open(to, { write: true });
    let firstAfter = 0;
    for await (const octets of response.body!) {
      firstAfter ||= performance.now() - start;
      await writeAll(file, octets);
    }
    const took = (performance.now() - start) / 1000;
    const grown = await peakOf(server) - before;
    const { size } = await Deno.stat(to);
    console.log(
      `${path}: ${(size / 2 ** 20).toFixed()} MiB in ${took.toFixed(1)} s, ` +
        `first octet after ${firstAfter.toFixed()} ms, ` +
        `${(grown / 2 ** 20).toFixed()} MiB more memory at most`,
    );
    const said = await run("unzip", "-tqq", to);
    assertEquals(said, "");
    const counted = (await run("python3", "-c", python, to)).trim();
    return { counted, firstAfter, grown };
  } finally {
    await Deno.remove(to);
  }
}

Deno.test("unzip and Python read archives of many files, and of a large one", {
  ignore,
}, async () => {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    let octets = 0;
    for (let at = 0; at < FILES; at++) {
      const folder = `${root}/small/${at % 100}`;
      if (at < 100) await Deno.mkdir(folder, { recursive: true });
      const text = `datei ü ${at}`.repeat(at % 50);
      octets += new TextEncoder().encode(text).length;
      Deno.writeTextFileSync(`${folder}/Datei ü ${at}.txt`, text);
    }
    await Deno.mkdir(`${root}/large`);
    await Deno.writeTextFile(`${root}/large/sparse`, "the start");
    await Deno.truncate(`${root}/large/sparse`, LARGE);
    await Deno.writeTextFile(`${root}/large/z`, "after it");
    await using server = await Server.start(root);
    const many = await download(server, "/files/small/?zip");
    assertEquals(many.counted, `${FILES + 100} ${octets}`);
    const large = await download(server, "/files/large/?zip");
    assertEquals(large.counted, `2 ${LARGE + 8}`);
    for (const { firstAfter, grown } of [many, large]) {
      assert(grown < MOST_MEMORY, `${grown} octets more`);
      // How busy this machine is besides decides more in so short a time.
      if (isLong) assert(firstAfter < 500, `${firstAfter} ms`);
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
