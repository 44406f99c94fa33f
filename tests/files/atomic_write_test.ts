/**
 * What others see of a file on its way: who may read of it what nobody may read of
 * the file it replaces, and what a process that is killed leaves behind.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Parts } from "../../lib/files/atomic_write.ts";
import { Directory } from "../../lib/files/directory.ts";
import { upload } from "../../lib/files/upload.ts";
import { countCalls } from "./counted_calls.ts";
import { announced, ask as askAll, begin, open } from "./resumable.ts";
import {
  ask,
  makeScratch,
  namesIn,
  noChild,
  noDisk,
  serving,
} from "./scratch.ts";

const ignore = noDisk || Deno.build.os === "windows";

const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

async function modeOf(path: string): Promise<number> {
  return (await Deno.lstat(path)).mode! & 0o777;
}

/** Content that waits after its first octets. */
function stalled() {
  const written = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  let pulls = 0;
  const body = new ReadableStream({
    async pull(controller) {
      if (pulls++ === 0) {
        return controller.enqueue(new TextEncoder().encode("secret"));
      }
      // It is asked for more when what it gave is written.
      written.resolve();
      await mayEnd.promise;
      controller.close();
    },
  }, { highWaterMark: 0 });
  return { body, written: written.promise, end: () => mayEnd.resolve() };
}

/** The mode of any new file here. */
async function usual(path: string): Promise<number> {
  await Deno.writeTextFile(path, "");
  const mode = await modeOf(path);
  await Deno.remove(path);
  return mode;
}

for (
  const [mode, onItsWay] of [[0o600, 0o600], [0o640, 0o640], [0o444, 0o644]]
) {
  const name = mode.toString(8);
  Deno.test(`what replaces a file of mode ${name} has it from the start`, {
    ignore,
  }, async () => {
    await using scratch = await makeScratch();
    const { root } = scratch;
    await Deno.writeTextFile(`${root}/a`, "old");
    await Deno.chmod(`${root}/a`, mode);
    const handler = await serving(upload, root);
    const { body, written, end } = stalled();
    const answer = ask(handler, "a", { method: "PUT", body });
    await written;
    const [part] = await namesIn(root);
    assertEquals(await modeOf(`${root}/${part}`), onItsWay);
    const [, token] = /^\.sluice-(.*)\.part$/.exec(part)!;
    assertMatch(token, uuid);
    end();
    assertEquals((await answer).status, 204);
    assertEquals(await modeOf(`${root}/a`), mode);
    assertEquals(await Deno.readTextFile(`${root}/a`), "secret");
  });
}

Deno.test("a new file, and one in place of a link, have the usual mode", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  const mode = await usual(`${root}/x`);
  await Deno.writeTextFile(`${root}/private`, "");
  await Deno.chmod(`${root}/private`, 0o600);
  await Deno.symlink("private", `${root}/link`);
  const plain = await serving(upload, root);
  const resumable = await open(root);
  for (const name of ["a", "link"]) {
    await ask(plain, name, { method: "PUT", body: "x" });
    assertEquals(await modeOf(`${root}/${name}`), mode);
    await Deno.remove(`${root}/${name}`);
    if (name === "link") await Deno.symlink("private", `${root}/link`);
    const fields = { "upload-complete": "?1" };
    await askAll(resumable, "PUT", `/files/${name}`, fields, "x");
    assertEquals(await modeOf(`${root}/${name}`), mode);
  }
});

Deno.test("what is known of an upload is its owner's alone", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  const folder = `${root}/.sluice-uploads`;
  await Deno.writeTextFile(`${root}/a.txt`, "old");
  await Deno.chmod(`${root}/a.txt`, 0o640);
  const handler = await open(root);
  const token = (await begin(handler, "secret")).split("/").at(-1)!;
  assertMatch(token, uuid);
  assertEquals(await modeOf(folder), 0o700);
  assertEquals(await modeOf(`${folder}/${token}.json`), 0o600);
  assertEquals(await modeOf(`${folder}/${token}.part`), 0o640);

  await Deno.chmod(`${root}/a.txt`, 0o600);
  const { body, written, end } = stalled();
  const fields = { "upload-complete": "?1", ...announced };
  const answer = askAll(handler, "PUT", "/files/a.txt", fields, body);
  await written;
  const parts = (await namesIn(folder))
    .filter((name) => name.endsWith(".part") && !name.startsWith(token));
  assertEquals(parts.length, 1);
  assertEquals(await modeOf(`${folder}/${parts[0]}`), 0o600);
  end();
  assert((await answer).ok);
  assertEquals(await modeOf(`${root}/a.txt`), 0o600);
});

Deno.test("a killed upload leaves the old file, and no trace after a start", {
  ignore: noChild,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await Deno.writeTextFile(`${root}/a`, "old");
  const script = new URL("stalled_upload.ts", import.meta.url).href;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--allow-read=${root}`,
      `--allow-write=${root}`,
      script,
      root,
    ],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await reader.read()).value, "half\n");

  // Alive: whoever starts meanwhile leaves its part alone.
  await Directory.open(root);
  const [part, ...files] = await namesIn(root);
  assertMatch(part, /^\.sluice-.*\.part$/);
  assertEquals((await Deno.stat(`${root}/${part}`)).size, 1_000_000);

  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  assertEquals(files, ["a"]);
  assertEquals(await namesIn(root), [part, "a"]);
  assertEquals(await Deno.readTextFile(`${root}/a`), "old");

  await Directory.open(root);
  assertEquals(await namesIn(root), ["a"]);
  assertEquals(await Deno.readTextFile(`${root}/a`), "old");
});

Deno.test("what an instance that starts takes for stale is created again", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const parts = new Parts();
  let isOn = true;
  const starting = (async () => {
    while (isOn) await new Parts().tidy(scratch.root);
  })();
  let lost = 0;
  for (let count = 0; count < 300; count++) {
    const { path, file } = await parts.create(scratch.root);
    if (!await Deno.lstat(path).catch(() => undefined)) lost++;
    file.close();
    await Deno.remove(path).catch(() => {});
  }
  isOn = false;
  await starting;
  assertEquals(lost, 0);
});

Deno.test("of directories that come and go, few paths are remembered", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  using looks = countCalls(Deno, "readDir");
  const parts = new Parts();
  for (let round = 0; round < 2; round++) await parts.tidy(scratch.root);
  assertEquals(looks.count, 1);
  for (let at = 0; at < 1000; at++) await parts.tidy(`${scratch.root}/${at}`);
  assertEquals(looks.count, 1001);
  await parts.tidy(scratch.root);
  assertEquals(looks.count, 1002);
});
