/** `?count` says how much is below a directory, and looks at only so much. */

import { assertEquals } from "@std/assert";
import type { Directory } from "../../lib/files/directory.ts";
import { download } from "../../lib/files/download.ts";
import {
  ask,
  makeScratch,
  noDisk as ignore,
  serving,
  statusOf,
} from "./scratch.ts";

const counting = (directory: Directory) => download(directory, { count: true });

Deno.test(
  "?count tells files, directories and octets",
  { ignore },
  async () => {
    await using scratch = await makeScratch();
    const { root } = scratch;
    await Deno.mkdir(`${root}/full/x/y`, { recursive: true });
    await Deno.writeTextFile(`${root}/full/a`, "12345");
    await Deno.writeTextFile(`${root}/full/x/b`, "123");
    await Deno.writeTextFile(`${root}/full/x/.hidden`, "none of it");
    await Deno.symlink("a", `${root}/full/link`);
    const handler = await serving(counting, root);
    const answer = await ask(handler, "full/?count");
    assertEquals(answer.headers.get("cache-control"), "no-cache");
    assertEquals(await answer.json(), {
      files: 3,
      directories: 2,
      octets: 8,
      isMore: false,
    });
    assertEquals(await statusOf(ask(handler, "full/a?count")), 200);
    assertEquals(await statusOf(ask(handler, "none/?count")), 404);
    const head = await ask(handler, "full/?count", { method: "HEAD" });
    assertEquals(head.headers.get("content-type"), "application/json");

    // What one may not read is not counted.
    const some = await serving((directory) =>
      download(directory, {
        count: true,
        mayRead: () => (names) => !names.includes("x"),
      }), root);
    assertEquals(await (await ask(some, "full/?count")).json(), {
      files: 2,
      directories: 0,
      octets: 5,
      isMore: false,
    });
  },
);

Deno.test("?count ends when the client has gone", { ignore }, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  await Deno.writeTextFile(`${root}/a`, "");
  const handler = await serving(counting, root);
  const left = new AbortController();
  const asked = ask(handler, "?count", { signal: left.signal })
    .then(() => "told", () => "left");
  left.abort();
  assertEquals(await asked, "left");
  // Its place is free again.
  for (let time = 0; time < 5; time++) {
    assertEquals(await statusOf(ask(handler, "?count")), 200);
  }
});

Deno.test("?count has its share only: four at once", { ignore }, async () => {
  await using scratch = await makeScratch();
  const { root } = scratch;
  for (let at = 0; at < 200; at++) {
    await Deno.writeTextFile(`${root}/${at}`, "");
  }
  const handler = await serving(counting, root);
  const asked = Array.from({ length: 6 }, () => ask(handler, "?count"));
  const statuses = await Promise.all(asked.map(statusOf));
  assertEquals(statuses.sort(), [200, 200, 200, 200, 503, 503]);
});

Deno.test("without the option, ?count is a list", { ignore }, async () => {
  await using scratch = await makeScratch();
  const handler = await serving(download, scratch.root);
  const headers = { accept: "application/json" };
  const answer = await ask(handler, "?count", { headers });
  assertEquals(await answer.json(), []);
});
