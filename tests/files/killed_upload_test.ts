/** What a process that is killed in the middle of an upload leaves behind. */

import { assertEquals, assertMatch } from "@std/assert";
import { Directory } from "../../lib/files/directory.ts";
import { makeScratch, namesIn, noChild as ignore } from "./scratch.ts";

Deno.test("a killed upload leaves the old file, and no trace after a start", {
  ignore,
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
