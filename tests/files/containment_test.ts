/** Leave to read and write the one directory is all that is needed. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { makeScratch, namesIn, noChild, type Scratch } from "./scratch.ts";

const ignore = noChild || Deno.build.os === "windows";

const answers = [201, "stored", "stored", 201, "stored", 404, 404, 409, 404];

async function fill({ path, root }: Scratch): Promise<void> {
  await Deno.mkdir(`${path}/outside`);
  await Deno.writeTextFile(`${path}/outside/secret`, "secret");
  await Deno.symlink("a.txt", `${root}/link`);
  await Deno.symlink("../outside/secret", `${root}/out`);
  await Deno.symlink("../outside", `${root}/outdir`);
}

/** Runs the round trip in a directory with leave for some paths alone. */
async function run(cwd: string, directory: string, granted = directory) {
  const script = new URL("scoped_round_trip.ts", import.meta.url).href;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--allow-read=${granted}`,
      `--allow-write=${granted}`,
      script,
      directory,
    ],
    cwd,
  });
  const { stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

for (
  const [name, folder, directory] of [
    ["an absolute path", ".", undefined],
    ["a relative path", ".", "./root"],
    ["the current directory", "root", "."],
  ]
) {
  Deno.test(`leave for ${name} is enough`, { ignore }, async () => {
    await using scratch = await makeScratch();
    await fill(scratch);
    const cwd = `${scratch.path}/${folder}`;
    const { out, err } = await run(cwd, directory ?? scratch.root);
    assertEquals({ answers: out && JSON.parse(out), err }, { answers, err });
    const secret = `${scratch.path}/outside/secret`;
    assertEquals(await Deno.readTextFile(secret), "secret");
    assertEquals(
      await namesIn(scratch.root),
      ["a.txt", "link", "out", "outdir"],
    );
  });
}

Deno.test("a link on the way needs leave for its goal as well", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await fill(scratch);
  await Deno.symlink("root", `${scratch.path}/alias`);
  await Deno.symlink(".", `${scratch.path}/here`);
  for (const path of ["alias", "here/root"]) {
    const { out, err } = await run(scratch.path, path);
    assertEquals(out, "");
    assertStringIncludes(err, "NotCapable: Requires read access to");
    assertStringIncludes(err, scratch.root);
  }
  const both = await run(scratch.path, "here/alias", "here/alias,root");
  assertEquals(JSON.parse(both.out), answers);
});
