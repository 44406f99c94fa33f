/**
 * Which tests prove which section of the RFCs: collects the names of the
 * protocol tests, and writes the page of them, docs/rfc-sections.md.
 *
 *     deno task sections
 *
 * @module
 */

/** The folders of the protocol tests. */
const folders = ["messages/", "rfc9110/", "rfc9112/", "wire/"];

const HEADER = ["section", "tests", "file"];

const INTRODUCTION = `# Sections and their tests

How many tests of a file name a section of an RFC in their titles.
\`deno task sections\` writes this page.

`;

/** Where the page is. */
export const page = new URL("../docs/rfc-sections.md", import.meta.url);

/** The page for the tests as they are now, in Markdown. */
export async function makePage(): Promise<string> {
  const counts = new Map<string, number>();
  for (const file of await testFiles()) {
    for (const name of await testNames(file)) {
      for (const section of sectionsIn(name)) {
        const key = `${section}|${file}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
  }
  const rows = [...counts]
    .map(([key, count]) =>
      [...key.split("|"), count] as [string, string, number]
    )
    .sort(([a, fileA], [b, fileB]) =>
      a.localeCompare(b, "en", { numeric: true }) || fileA.localeCompare(fileB)
    )
    .map(([section, file, count]) => [
      `[${section}](${addressOf(section)})`,
      String(count),
      `[${file}](../tests/${file})`,
    ]);
  return INTRODUCTION + layOut([HEADER, ...rows]);
}

async function testFiles(): Promise<string[]> {
  const files: string[] = [];
  for (const folder of folders) {
    for await (
      const { name } of Deno.readDir(new URL(folder, import.meta.url))
    ) {
      if (name.endsWith("_test.ts")) files.push(folder + name);
    }
  }
  return files.sort();
}

/** Loads a file of tests with a `Deno.test` that only takes down the names. */
async function testNames(file: string): Promise<string[]> {
  const names: string[] = [];
  const deno = Deno as { test: unknown };
  const real = deno.test;
  deno.test = (first: string | { name: string }) => {
    names.push(typeof first === "string" ? first : first.name);
  };
  try {
    await import(new URL(file, import.meta.url).href);
  } finally {
    deno.test = real;
  }
  return names;
}

/** `RFC 9112 §6.1, §6.2: … (RFC 9110 §8.6)` names three. */
function sectionsIn(name: string): Set<string> {
  const sections = new Set<string>();
  for (
    const [, rfc, list] of name.matchAll(/RFC (\d+) (§[\d.]+(?:, §[\d.]+)*)/g)
  ) {
    for (const [section] of list.matchAll(/§\d+(?:\.\d+)*/g)) {
      sections.add(`RFC ${rfc} ${section}`);
    }
  }
  return sections;
}

function addressOf(section: string): string {
  const [, rfc, number] = /^RFC (\d+) §(.+)$/.exec(section)!;
  return `https://www.rfc-editor.org/rfc/rfc${rfc}#section-${number}`;
}

/** Rows as `deno fmt` would lay them out. */
function layOut([header, ...rows]: string[][]): string {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column].length))
  );
  const lines = [
    header.map((cell, column) => cell.padEnd(widths[column])),
    widths.map((width) => "-".repeat(width)),
    ...rows.map((row) =>
      row.map((cell, column) => cell.padEnd(widths[column]))
    ),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

if (import.meta.main) await Deno.writeTextFile(page, await makePage());
