/** Searches: what is found, what is told, and what cuts one short. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Directory } from "../../lib/files/directory.ts";
import { download, type DownloadOptions } from "../../lib/files/download.ts";
import type { RouteHandler } from "../../lib/handler.ts";
import { ask, makeScratch, noDisk as ignore, statusOf } from "./scratch.ts";

async function open(
  root: string,
  options: DownloadOptions = {},
): Promise<RouteHandler> {
  return download(await Directory.open(root), { search: true, ...options });
}

async function fill(root: string): Promise<void> {
  for (const name of ["Notes", "a/notes/deep", ".notes", "a/.x"]) {
    await Deno.mkdir(`${root}/${name}`, { recursive: true });
  }
  for (
    const name of [
      ...["NOTES.txt", "other", "a/notes/deep/my note", "a/.x/note"],
      ...[".notes/note", "a/Zoe\u0308", "Notes/<note>.html", ".sluice-note"],
    ]
  ) await Deno.writeTextFile(`${root}/${name}`, name);
}

interface Line {
  path: string;
  done?: boolean;
}

/** The paths that are found, sorted, and the last line. */
async function search(
  handler: RouteHandler,
  path: string,
): Promise<[paths: string[], summary: unknown]> {
  const response = await ask(handler, path);
  assertEquals(response.status, 200);
  const text = await response.text();
  const lines: Line[] = text.trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  const last = lines.pop();
  assert(last?.done);
  return [lines.map(({ path }) => path).sort(), last];
}

Deno.test("?search finds the names below, in any case", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root, path } = scratch;
  await fill(root);
  await Deno.writeTextFile(`${path}/notes outside`, "");
  await Deno.symlink("../notes outside", `${root}/note-out`);
  await Deno.symlink("..", `${root}/a/note-up`);
  await Deno.symlink("../other", `${root}/a/note-link`);
  const handler = await open(root);
  const [paths, summary] = await search(handler, "?search=nOtE");
  assertEquals(paths, [
    ...["NOTES.txt", "Notes", "Notes/<note>.html", "a/note-link"],
    ...["a/note-up", "a/notes", "a/notes/deep/my note"],
  ]);
  assertEquals(summary, { done: true, found: 7, looked: 12 });
  const below = await search(handler, "a/?search=note");
  assertEquals(below[0], [
    ...["note-link", "note-up", "notes", "notes/deep/my note"],
  ]);
  // Composed or not, it is the same name.
  const composed = await search(handler, "?search=zo%C3%AB");
  assertEquals(composed[0], ["a/Zoe\u0308"]);
  const none = await search(handler, "?search=none");
  assertEquals(none, [[], { done: true, found: 0, looked: 12 }]);
  const response = await ask(handler, "?search=other");
  const [first] = (await response.text()).split("\n");
  const { mtime } = await Deno.stat(`${root}/other`);
  assertEquals(JSON.parse(first), {
    path: "other",
    type: "file",
    size: 5,
    modified: mtime!.toISOString(),
  });
});

Deno.test("what cuts a search short is told", { ignore }, async () => {
  await using scratch = await makeScratch();
  await fill(scratch.root);
  const handler = await open(scratch.root);
  const [paths, summary] = await search(handler, "?search=note&limit=2");
  assertEquals(paths.length, 2);
  const { found, cut } = summary as { found: number; cut: string };
  assertEquals([found, cut], [2, "limit"]);
  const [, whole] = await search(handler, "?search=note&limit=5");
  assertEquals((whole as { cut?: string }).cut, undefined);
  for (
    const query of [
      ...["search", "search=", `search=${"a".repeat(256)}`],
      ...["search=a&limit=x", "search=a&limit=10001", "search=a&limit="],
    ]
  ) {
    const status = await statusOf(ask(handler, `?${query}`));
    assertEquals(status, 400, query);
  }
});

Deno.test("a search is a page for a browser", { ignore }, async () => {
  await using scratch = await makeScratch();
  await fill(scratch.root);
  const handler = await open(scratch.root);
  const headers = { accept: "text/html,*/*;q=0.8" };
  const response = await ask(handler, "?search=%3Cnote%3E", { headers });
  assertEquals(
    response.headers.get("content-type"),
    "text/html; charset=utf-8",
  );
  assertMatch(response.headers.get("content-security-policy")!, /'none'/);
  const page = await response.text();
  assert(!page.includes("<note>"), page);
  assert(page.includes('<a href="./Notes/%3Cnote%3E.html">'), page);
  assert(page.includes("1 name found."), page);
  const head = await ask(handler, "?search=a", { method: "HEAD" });
  assertEquals(head.body, null);
  assertEquals(head.headers.get("vary"), "Accept");
});

Deno.test("what a reader may not read is not found", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await fill(scratch.root);
  const handler = await open(scratch.root, {
    mayRead: () => (names) => names.join("/") !== "a/notes",
  });
  const expected = ["NOTES.txt", "Notes", "Notes/<note>.html"];
  assertEquals((await search(handler, "?search=note"))[0], expected);
  assertEquals((await search(handler, "a/?search=note"))[0], []);
  const noLists = await open(scratch.root, { listing: false });
  assertEquals(await statusOf(ask(noLists, "?search=note")), 403);
  const without = await open(scratch.root, { search: false });
  const list = await ask(without, "?search=note");
  assertEquals(list.headers.get("content-type"), "text/html; charset=utf-8");
  await list.body?.cancel();
});

Deno.test("four search at once, and one that is left makes room", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await fill(scratch.root);
  const handler = await open(scratch.root);
  const begun = await Promise.all(
    Array.from({ length: 4 }, () => ask(handler, "?search=note")),
  );
  const error = await ask(handler, "?search=note").catch((error) => error);
  assertEquals(error.status, 503);
  assertEquals(new Headers(error.headers).get("retry-after"), "2");
  await begun[0].body!.cancel();
  await begun[1].text();
  const fresh = await Promise.all(
    Array.from({ length: 2 }, () => ask(handler, "?search=note")),
  );
  assertEquals(await statusOf(ask(handler, "?search=note")), 503);
  for (const { body } of [...begun.slice(2), ...fresh]) await body!.cancel();
});

Deno.test("a directory that goes meanwhile is left out", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await fill(root);
  const handler = await open(root, {
    mayRead: () => (names) => {
      // It has been read when this is asked.
      if (names.join("/") === "a/notes") {
        Deno.removeSync(`${root}/a/notes`, { recursive: true });
      }
      return true;
    },
  });
  const [paths] = await search(handler, "?search=note");
  assertEquals(paths, ["NOTES.txt", "Notes", "Notes/<note>.html"]);
});
