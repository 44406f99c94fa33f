/**
 * What pages say that can be checked without being run: the commands take the
 * options that they are shown with, the options and source files that are named
 * are there, and the README's figures follow from those of docs/.
 */

import { assert, assertEquals } from "@std/assert";
import { parseLink } from "../lib/cli/link.ts";
import { helpText, parseOptions } from "../lib/cli/options.ts";

const root = new URL("../", import.meta.url);

const ignore =
  (await Deno.permissions.query({ name: "read" })).state !== "granted";

const read = (path: string) => Deno.readTextFileSync(new URL(path, root));

/** The README and the pages of docs/ and deploy/. */
function pages(): string[] {
  const inFolder = (folder: string) =>
    [...Deno.readDirSync(new URL(folder, root))]
      .map(({ name }) => folder + name)
      .filter((path) => path.endsWith(".md"));
  return ["README.md", ...inFolder("docs/"), ...inFolder("deploy/")].toSorted();
}

/** Code that starts the command: what comes after its name. */
function commandsIn(page: string): string[][] {
  const blocks = [...page.matchAll(/^ *```sh\n([^]*?)^ *```$/gm)]
    .map(([, block]) => block.replace(/\\\n/g, " "));
  const inLines = [...page.matchAll(/`(sluice [^`]+)`/g)]
    .map(([, code]) => code.replace(/\s+/g, " "));
  return [...blocks.join("\n").split("\n"), ...inLines]
    .map((line) => /^(?:sluice|.*\bmain\.ts) ([^|>&#]+)/.exec(line)?.[1])
    .filter((rest) => rest !== undefined)
    .map((rest) =>
      rest.trim().split(/ +(?=(?:[^']*'[^']*')*[^']*$)/)
        .map((word) => word.replaceAll("'", ""))
    );
}

/** Throws what the command itself would say. */
function parse([first, ...others]: string[]): void {
  // A name alone is no command line.
  if (first === "link" && others.length > 0) parseLink(others);
  else if (!["link", "passwd"].includes(first)) {
    parseOptions([first, ...others]);
  }
}

Deno.test("each command that a page shows is understood", { ignore }, () => {
  let count = 0;
  const wrong: string[] = [];
  for (const path of pages()) {
    for (const command of commandsIn(read(path))) {
      count++;
      try {
        parse(command);
      } catch (error) {
        wrong.push(`${path}: ${command.join(" ")}: ${error}`);
      }
    }
  }
  assertEquals(wrong, []);
  assert(count >= 10);
});

Deno.test("each option that docs/command.md names is there", { ignore }, () => {
  const help = new Set(helpText("").match(/--[a-z][\w-]*/g));
  const ofDeno =
    /^--(?:allow|deny)-(?:net|read|write|env|run|sys|ffi|import|all)$/;
  const named = read("docs/command.md").match(/`--[a-z][\w-]*/g) ?? [];
  const unknown = named.map((name) => name.slice(1))
    .filter((name) => !help.has(name) && !ofDeno.test(name));
  assertEquals(unknown, []);
});

/** Those of other projects, whose tests were run. */
const foreign = ["tests/sirv.mjs", "test/test.js", "test/send.js"];

/** Source files that a page names without a link, as `server/serve.ts`. */
function sourcesIn(page: string): string[] {
  return [...page.matchAll(/`((?:[\w-]+\/)+[\w-]+\.(?:ts|js|mjs))[`:#]/g)]
    .map(([, path]) => path);
}

Deno.test("each source file that a page names is there", { ignore }, () => {
  const isThere = (path: string) => {
    try {
      return Deno.statSync(new URL(path, root)).isFile;
    } catch {
      return false;
    }
  };
  const missing = pages().flatMap((page) =>
    sourcesIn(read(page))
      .filter((path) => !foreign.includes(path))
      .filter((path) => !isThere(path) && !isThere(`lib/${path}`))
      .map((path) => `${page}: ${path}`)
  );
  assertEquals(missing, []);
});

/** The figures of a row of docs/performance.md, by server. */
function rates(workload: string): Record<string, number> {
  const rows = read("docs/performance.md").split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const [, , , ...servers] = rows.find(([, name]) => name === "workload")!;
  const [, , , ...cells] = rows.find(([, name]) => name === workload)!;
  return Object.fromEntries(
    servers.map((name, at) => [name, Number(cells[at].replaceAll(",", ""))]),
  );
}

/** How many cases each server passes, and of how many. */
function conformance(): Record<string, [held: string, cases: string]> {
  const rows = read("tests/README.md")
    .matchAll(/^\| ([\w:.]+)[^|]* \| (\d+) of (\d+) /gm);
  return Object.fromEntries(
    [...rows].map(([, server, held, cases]) => [server, [held, cases]]),
  );
}

Deno.test("pages agree on the conformance cases", { ignore }, () => {
  const told = conformance();
  const found = /the (\d+) conformance cases it passes (\d+), node:http (\d+)/
    .exec(
      read("docs/architecture.md").replace(/\s+/g, " "),
    )!;
  const [, cases] = told["Sluice"];
  assertEquals(found.slice(1), [
    cases,
    told["Deno.serve"][0],
    told["node:http"][0],
  ]);
});

Deno.test("the README's figures follow from others", { ignore }, () => {
  const readme = read("README.md").replace(/\s+/g, " ");
  const figure = (sentence: RegExp) => {
    const found = sentence.exec(readme);
    if (!found) throw new Error(`The README does not say ${sentence}`);
    return found.slice(1);
  };
  const { Sluice: [held, cases] } = conformance();
  assertEquals(held, cases);
  assertEquals(figure(/(\d+) conformance cases/), [cases]);
  const words: Record<string, number> = { twice: 2, three: 3, four: 4 };
  const [times, more] = figure(
    /Pipelined requests at (\w+) times the rate of `Deno\.serve`, and more than (\w+) nginx/,
  );
  const pipelined = rates("the same, 16 requests at once");
  const ours = pipelined["Sluice"];
  assert(ours / pipelined["Deno.serve"] >= words[times]);
  assert(ours / pipelined["nginx"] >= words[more]);
});
