/**
 * What `deno publish` would send, held against a rule: the modules, what they
 * import, and three texts. Tests, fixtures, pictures, docs/ and examples/ stay in
 * the repository, which JSR sends the README's relative links to.
 */

import { assertEquals } from "@std/assert";

const root = new URL("../", import.meta.url);

/** What may be published; whatever in the repository is like it must be. */
const published = [
  /^(?:deno\.json|main\.ts|mod\.ts|README\.md|CHANGELOG\.md|LICENSE)$/,
  /^lib\/(?:\w+\/|xray\/lessons\/)?\w+\.ts$/,
  /^lib\/page\/browser\/(?:\w+\.(?:js|css|svg)|deno\.json)$/,
  /^vendor\/std\/(?:README\.md|import_map\.json|\w+\/(?:\w+\.ts|deno\.json))$/,
];

function mayBePublished(path: string): boolean {
  return !/_(?:test|bench)\.ts$/.test(path) &&
    published.some((pattern) => pattern.test(path));
}

/** The paths that a dry run lists; types are checked elsewhere. */
async function listPublished(): Promise<string[]> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["publish", "--dry-run", "--allow-dirty", "--no-check"],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stderr);
  assertEquals(success, true, text);
  return [...text.matchAll(/^ +(file:\S+) \(/gm)]
    .map(([, url]) => url.slice(root.href.length))
    .sort();
}

/** The paths of all files in these places, which are paths as well. */
async function listFiles(places: string[]): Promise<string[]> {
  const files: string[] = [];
  for (const place of places) {
    const { isDirectory } = await Deno.stat(new URL(place, root));
    if (!isDirectory) files.push(place);
    else {
      const entries = await Array.fromAsync(
        Deno.readDir(new URL(place, root)),
        ({ name }) => `${place}/${name}`,
      );
      files.push(...await listFiles(entries));
    }
  }
  return files.sort();
}

const ignore = (await Deno.permissions.query({ name: "run" })).state !==
    "granted" ||
  (await Deno.permissions.query({ name: "read" })).state !== "granted";

Deno.test("what is published, and nothing else", { ignore }, async () => {
  const files = await listPublished();
  assertEquals(files.filter((path) => !mayBePublished(path)), []);
  const places = ["deno.json", "main.ts", "mod.ts", "lib", "vendor"];
  const texts = ["README.md", "CHANGELOG.md", "LICENSE"];
  assertEquals(files, await listFiles([...places, ...texts]));
});

Deno.test("the rule keeps out what is no part of the package", () => {
  for (
    const path of [
      "lib/wire/grammar_test.ts",
      "lib/wire/notes.md",
      "lib/.env",
      "lib/server/localhost.key",
      "tests/browser/screenshots/files-light-desk.png",
      "vendor/std/cli/parse_args.js",
      "deno.lock",
    ]
  ) assertEquals(mayBePublished(path), false, path);
});
