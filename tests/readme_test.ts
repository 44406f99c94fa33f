/** The README, the pages of docs/ and the code must say the same. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import project from "../deno.json" with { type: "json" };
import { helpText } from "../lib/cli/options.ts";
import { defaultLimits, defaultTimeouts } from "../lib/limits.ts";

const ignore =
  (await Deno.permissions.query({ name: "read" })).state !== "granted";

/** The cells of each row of the table under a heading of a page in docs/. */
async function tableUnder(heading: string, page: string): Promise<string[][]> {
  const text = await Deno.readTextFile(
    new URL(`../docs/${page}.md`, import.meta.url),
  );
  const [, section] = text.split(`\n## ${heading}\n`);
  return section.split("\n## ")[0].split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(2)
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

for (
  const [heading, defaults] of [
    ["Limits", defaultLimits],
    ["Timeouts", defaultTimeouts],
  ] as const
) {
  Deno.test(
    { name: `docs: ${heading} are those of the code`, ignore },
    async () => {
      const rows = await tableUnder(heading, "limits");
      assertEquals(
        rows.map(([name, value]) => [name, value.split(/[ ;]/)[0]]),
        Object.entries(defaults).map(([name, value]) => [
          `\`${name}\``,
          String(value),
        ]),
      );
    },
  );
}

Deno.test({ name: "docs: options are those of --help", ignore }, async () => {
  const help = helpText(project.version).split("\n")
    .filter((line) => /^ {2}-/.test(line))
    .map((line) => line.trim().split(/ {2,}/));
  const rows = (await tableUnder("Options", "command")).map((
    [option, value, meaning],
  ) => [
    option.replaceAll("`", ""),
    meaning + (value && ` (${value.replaceAll("`", "")})`),
  ]);
  assertEquals(
    rows.map(([option, meaning]) => [option, meaning.toLowerCase()]),
    help.map(([option, meaning]) => [option, meaning.toLowerCase()]),
  );
});

Deno.test(
  { name: "README: the command to start is that of the task", ignore },
  async () => {
    const readme = await Deno.readTextFile(
      new URL("../README.md", import.meta.url),
    );
    assertStringIncludes(readme, `\n${project.tasks.start.command}\n`);
  },
);

Deno.test(
  { name: "README: every file in its picture is there", ignore },
  async () => {
    const readme = await Deno.readTextFile(
      new URL("../README.md", import.meta.url),
    );
    const picture = readme.split("```text\n")[1].split("```")[0];
    const sources = await sourceNames();
    for (const [name] of picture.matchAll(/\b\w+\.ts\b/g)) {
      assertEquals(sources.includes(name), true, name);
    }
  },
);

async function sourceNames(): Promise<string[]> {
  const rooms = [
    "wire",
    "server",
    "lazy",
    "router",
    "handlers",
    "files",
    "cli",
  ];
  const entries = await Promise.all(rooms.map((room) =>
    Array.fromAsync(
      Deno.readDir(new URL(`../lib/${room}/`, import.meta.url)),
    )
  ));
  return entries.flat().map(({ name }) => name);
}
