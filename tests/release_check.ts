/**
 * What a release needs and no test looks at, because it does not hold until then:
 * the texts, and what JSR's score counts and can be seen from here. Prints what is
 * to be mended.
 *
 *     deno task release:check
 *
 * @module
 */
import project from "../deno.json" with { type: "json" };

const root = new URL("../", import.meta.url);

/** What is wrong with the changelog of a release of this version. */
export function inChangelog(text: string, version: string): string[] {
  const [, latest, when] = /^## (\S+)(?: \((.+)\))?$/m.exec(text) ?? [];
  if (latest !== version) {
    return [`CHANGELOG.md begins with ${latest}, deno.json has ${version}`];
  }
  return /^\d{4}-\d\d-\d\d$/.test(when)
    ? []
    : [`CHANGELOG.md: write a date behind ${version}, not (${when})`];
}

/** What is wrong with the README: JSR counts that it is there, with an example. */
export function inReadme(text: string): string[] {
  return /^```ts\b/m.test(text) ? [] : ["README.md has no example"];
}

/** What is wrong with what the package imports: another package, by its version. */
export function inImports(imports: Record<string, string>): string[] {
  return Object.entries(imports)
    .filter(([, specifier]) =>
      !/^(?:jsr:@[\w-]+\/|npm:)[\w.-]+@\^/.test(specifier)
    )
    .map(([name, specifier]) => `deno.json imports ${name} from ${specifier}`);
}

/** The entries whose module says nothing of itself. */
async function inEntries(entries: string[]): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", ...entries],
    cwd: root,
  }).output();
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout));
  return entries
    .filter((path) => !nodes[new URL(path, root).href]?.module_doc?.doc)
    .map((path) => `${path} has no documentation of the module`);
}

if (import.meta.main) {
  const read = (name: string) => Deno.readTextFile(new URL(name, root));
  const wrong = [
    ...inChangelog(await read("CHANGELOG.md"), project.version),
    ...inReadme(await read("README.md")),
    ...inImports(project.imports),
    ...await inEntries(Object.values(project.exports)),
  ];
  for (const sentence of wrong) console.error(sentence);
  Deno.exit(wrong.length > 0 ? 1 : 0);
}
