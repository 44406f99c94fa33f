/**
 * Every relative link in the pages of Markdown leads to a file and a heading that
 * is there, and every task that they name exists. What it does not follow: links
 * to other hosts.
 */

import { assertEquals } from "@std/assert";
import project from "../deno.json" with { type: "json" };

const root = new URL("../", import.meta.url);

/** Where pages are, besides the top level. */
const folders = ["docs/", "examples/", "tests/", "vendor/"];

/** The paths of all pages of Markdown. */
function* pages(folder = ""): Generator<string> {
  const entries = [...Deno.readDirSync(new URL(folder || ".", root))]
    .toSorted((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory } of entries) {
    const path = folder + name;
    if (path.endsWith(".md")) yield path;
    const isInside = folder !== "" || folders.includes(`${path}/`);
    if (isDirectory && isInside && name !== "node_modules") {
      yield* pages(`${path}/`);
    }
  }
}

function withoutCodeBlocks(text: string): string {
  return text.replace(/^ *(```+|~~~+)[^]*?^ *\1$/gm, "");
}

/** The targets of links and pictures: `[text](target)` and `[name]: target`. */
function linksIn(text: string): string[] {
  const plain = withoutCodeBlocks(text).replace(/`[^`]+`/g, "");
  const links = /\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]: +<?([^\s>]+)>?/gm;
  return [...plain.matchAll(links)].map(([, inline, named]) => inline ?? named);
}

/** The anchors of a page, as GitHub makes them out of its headings. */
function anchorsIn(text: string): Set<string> {
  const anchors = new Set<string>();
  for (
    const [, heading] of withoutCodeBlocks(text)
      .matchAll(/^ {0,3}#{1,6} +(.+?)(?: +#+)?$/gm)
  ) {
    const slug = slugOf(heading);
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

function slugOf(heading: string): string {
  return heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
    .replaceAll(" ", "-");
}

/** `deno task NAME`, and `test:NAME` or `bench:NAME` that a table adds to it. */
function tasksIn(text: string): string[] {
  const names =
    /\bdeno(?:@[\d.]+)?\s+task\s+([a-z][\w:-]*)|`((?:test|bench):[\w:-]+)/g;
  return [...text.matchAll(names)].map(([, name, short]) => name ?? short);
}

/** What is wrong with a link of a page, if anything is. */
function wrongWith(link: string, page: string): string | undefined {
  if (/^[a-z][a-z\d+.-]*:/i.test(link)) return undefined;
  const url = new URL(link, new URL(page, root));
  const anchor = decodeURIComponent(url.hash.slice(1));
  url.hash = "";
  const path = url.href.slice(root.href.length);
  if (!url.href.startsWith(root.href)) return "leads out of the repository";
  try {
    Deno.statSync(url);
  } catch {
    return "there is no such file";
  }
  if (anchor === "") return undefined;
  if (!path.endsWith(".md")) return "an anchor in what is no page";
  const anchors = anchorsIn(Deno.readTextFileSync(url));
  return anchors.has(anchor) ? undefined : "there is no such heading";
}

const ignore =
  (await Deno.permissions.query({ name: "read" })).state !== "granted";

Deno.test("every relative link leads somewhere", { ignore }, () => {
  const wrong: string[] = [];
  for (const page of pages()) {
    for (const link of linksIn(Deno.readTextFileSync(new URL(page, root)))) {
      const what = wrongWith(link, page);
      if (what !== undefined) wrong.push(`${page}: ${link}: ${what}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("every task that a page names exists", { ignore }, () => {
  const wrong: string[] = [];
  for (const page of pages()) {
    for (const name of tasksIn(Deno.readTextFileSync(new URL(page, root)))) {
      if (!Object.hasOwn(project.tasks, name)) wrong.push(`${page}: ${name}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("CONTRIBUTING.md has every task", { ignore }, () => {
  const text = Deno.readTextFileSync(new URL("CONTRIBUTING.md", root));
  const named = new Set(tasksIn(text));
  assertEquals(
    Object.keys(project.tasks).filter((name) => !named.has(name)),
    [],
  );
});

Deno.test("links are found, and code is not searched for them", () => {
  const text = `
[a](b.md) and ![c](d/e.png "title"), [\`f\`](g.ts#h) [i](<j.md>)
\`[k](l.md)\`

\`\`\`md
[m](n.md)
# Not a heading
\`\`\`

[o]: p.md
`;
  assertEquals(linksIn(text), ["b.md", "d/e.png", "g.ts#h", "j.md", "p.md"]);
  assertEquals(anchorsIn(text), new Set());
});

Deno.test("headings have the anchors that GitHub gives them", () => {
  const text = "# What `Deno.serve` lacks\n## A: 1.0 & [b](c.md), d_e?\n" +
    "## Twice\n### Twice\n";
  assertEquals([...anchorsIn(text)], [
    "what-denoserve-lacks",
    "a-10--b-d_e",
    "twice",
    "twice-1",
  ]);
});

Deno.test("tasks are found in short as well", () => {
  assertEquals(
    tasksIn("`npx deno@2.9.6 task ok`, `deno\ntask test`, `test:a`, task b"),
    ["ok", "test", "test:a"],
  );
});
