/** What is kept of small files is given out only while it is true. */

import { assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { download } from "../../lib/files/download.ts";
import { type CachedFile, FileCache } from "../../lib/files/file_cache.ts";
import { ask, makeScratch, noDisk as ignore, serving } from "./scratch.ts";

/** Sets the clock forward, so that a file that was just made is an old one. */
function inAMinute(): Disposable {
  const now = Date.now;
  Date.now = () => now() + 60_000;
  return {
    [Symbol.dispose]() {
      Date.now = now;
    },
  };
}

/** Deno tells the time of a change in seconds, so one must pass before the next. */
async function nextSecond(place: string): Promise<void> {
  const { ctime } = await Deno.stat(place);
  const probe = `${place}.probe`;
  do {
    await delay(1000 - Date.now() % 1000);
    await Deno.writeTextFile(probe, "");
  } while ((await Deno.stat(probe)).ctime!.getTime() === ctime!.getTime());
  await Deno.remove(probe);
}

async function fileAt(place: string): Promise<CachedFile> {
  const info = await Deno.stat(place);
  return { place, info, content: await Deno.readFile(place) };
}

/** What may happen to `a.txt`, whose content is "old". */
const changes: Record<string, (root: string) => Promise<void>> = {
  "rewritten": (root) => Deno.writeTextFile(`${root}/a.txt`, "new"),
  "rewritten, with its old time": async (root) => {
    const { mtime } = await Deno.stat(`${root}/a.txt`);
    await Deno.writeTextFile(`${root}/a.txt`, "new");
    await Deno.utime(`${root}/a.txt`, mtime!, mtime!);
  },
  "made longer": (root) =>
    Deno.writeTextFile(`${root}/a.txt`, "er", { append: true }),
  "made empty": (root) => Deno.truncate(`${root}/a.txt`),
  "replaced": async (root) => {
    await Deno.writeTextFile(`${root}/b.txt`, "new");
    await Deno.rename(`${root}/b.txt`, `${root}/a.txt`);
  },
  "removed": (root) => Deno.remove(`${root}/a.txt`),
  "replaced by a link to another": async (root) => {
    await Deno.writeTextFile(`${root}/b.txt`, "new");
    await Deno.remove(`${root}/a.txt`);
    await Deno.symlink("b.txt", `${root}/a.txt`);
  },
  "replaced by a directory": async (root) => {
    await Deno.remove(`${root}/a.txt`);
    await Deno.mkdir(`${root}/a.txt`);
  },
  "put outside, and linked to": async (root) => {
    await Deno.rename(`${root}/a.txt`, `${root}/../a.txt`);
    await Deno.symlink("../a.txt", `${root}/a.txt`);
  },
};

for (const [name, change] of Object.entries(changes)) {
  Deno.test(`a file that is ${name} is read anew`, { ignore }, async () => {
    await using scratch = await makeScratch();
    await Deno.writeTextFile(`${scratch.root}/a.txt`, "old");
    using _clock = inAMinute();
    const handler = await serving(download, scratch.root);
    const plain = await serving(download, scratch.root);
    for (let time = 0; time < 2; time++) {
      assertEquals(await (await ask(handler, "a.txt")).text(), "old");
    }
    await nextSecond(`${scratch.root}/a.txt`);
    await change(scratch.root);
    const outcome = async (asked: typeof handler) => {
      try {
        return await (await ask(asked, "a.txt")).text();
      } catch (error) {
        return String(error);
      }
    };
    assertEquals(await outcome(handler), await outcome(plain));
  });
}

Deno.test("a file is kept while it is what it was", { ignore }, async () => {
  await using scratch = await makeScratch();
  const place = `${scratch.root}/a.txt`;
  await Deno.writeTextFile(place, "old");
  using _clock = inAMinute();
  const files = new FileCache();
  const file = await fileAt(place);
  files.keep("a", file);
  assertEquals([files.get("a"), files.get("b")], [file, undefined]);
  assertEquals(files.get("a"), file);
  await nextSecond(place);
  await Deno.chmod(place, 0o600);
  assertEquals(files.get("a"), undefined);
});

Deno.test("a file that has just changed is not kept", { ignore }, async () => {
  await using scratch = await makeScratch();
  const place = `${scratch.root}/a.txt`;
  await Deno.writeTextFile(place, "old");
  await Deno.utime(place, 1, 1);
  const files = new FileCache();
  files.keep("a", await fileAt(place));
  assertEquals(files.get("a"), undefined);
});

Deno.test("no more than 16 MiB are kept", { ignore }, async () => {
  await using scratch = await makeScratch();
  const place = `${scratch.root}/a.bin`;
  await Deno.writeFile(place, new Uint8Array(64 * 1024));
  using _clock = inAMinute();
  const files = new FileCache();
  const file = await fileAt(place);
  for (let key = 0; key < 300; key++) files.keep(`${key}`, file);
  let kept = 0;
  for (let key = 0; key < 300; key++) kept += files.get(`${key}`) ? 1 : 0;
  assertEquals(kept, 252); // with what is counted for each beside its content
  assertEquals(files.get("0"), undefined);
  assertEquals(files.get("299"), file);
});

Deno.test("HEAD of a file that is kept has the head of GET", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  await Deno.writeTextFile(`${scratch.root}/a.txt`, "content");
  using _clock = inAMinute();
  const handler = await serving(download, scratch.root);
  const first = await ask(handler, "a.txt");
  const second = await ask(handler, "a.txt");
  const head = await ask(handler, "a.txt", { method: "HEAD" });
  assertEquals([...second.headers], [...first.headers]);
  assertEquals([...head.headers], [...first.headers]);
  assertEquals([await second.text(), head.body], ["content", null]);
  await first.body?.cancel();
});
