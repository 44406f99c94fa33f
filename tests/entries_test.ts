/** The entries of the package: each is one screen, with what it is for first. */

import { assert, assertEquals, assertLess } from "@std/assert";
import project from "../deno.json" with { type: "json" };

const root = new URL("../", import.meta.url);

const ignore = (await Deno.permissions.query({ name: "run" })).state !==
  "granted";

/** What `deno doc` shows of an entry, and the names that it exports. */
async function documentationOf(path: string) {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", path],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stderr));
  const text = decoder.decode(stdout);
  const names = [
    ...text.matchAll(
      /^(?:async )?(?:function|const|class|interface|type) (\w+)/gm,
    ),
  ].map(([, name]) => name);
  return { text, names: [...new Set(names)] };
}

const { "./cli": _command, "./lazy_response": _import, ...entries } =
  project.exports;

for (const [entry, path] of Object.entries(entries)) {
  Deno.test(`${entry}: its documentation`, { ignore }, async () => {
    const { text, names } = await documentationOf(path);
    assertLess(names.length, 30);
    assert(text.includes("@example"), "it begins with an example");
    assertEquals(text.match(/\bnode:\w+|\bBuffer\b/g), null);
    if (entry === ".") assertEquals(names[0], "serve");
  });
}

Deno.test("vendor/std/import_map.json has what vendor/std/ exports", {
  ignore: (await Deno.permissions.query({ name: "read" })).state !== "granted",
}, async () => {
  const std = new URL("vendor/std/", root);
  const expected: [string, string][] = [];
  for await (const { name: folder, isDirectory } of Deno.readDir(std)) {
    if (!isDirectory) continue;
    const { name, exports } = JSON.parse(
      await Deno.readTextFile(new URL(`${folder}/deno.json`, std)),
    );
    for (const [entry, path] of Object.entries<string>(exports)) {
      const specifier = name + entry.slice(".".length);
      expected.push([specifier, `./${folder}${path.slice(".".length)}`]);
    }
  }
  const map = JSON.parse(
    await Deno.readTextFile(new URL("import_map.json", std)),
  );
  const packages = [
    "bcryptjs",
    "ipaddr.js",
    "marked",
    "node-forge",
    "uqr",
  ] as const;
  for (const name of packages) expected.push([name, project.imports[name]]);
  const script = "/purify.min.js";
  expected.push([
    `dompurify${script}`,
    `${project.imports.dompurify}${script}`,
  ]);
  assertEquals(map, { imports: Object.fromEntries(expected) });
});

Deno.test("each entry is among those that `deno task check` lints", () => {
  const { command } = project.tasks.check;
  for (const path of Object.values(entries)) {
    assert(command.includes(path.slice("./".length)), path);
  }
});
