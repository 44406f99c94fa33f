/** Uploads from the page of a directory, in a real Chromium. */

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, namesIn, slowDown } from "./browser.ts";

/** Octets that no two places of a file share. */
function contentOf(length: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let at = 0; at < words.length; at++) words[at] = at * 2654435761;
  return new Uint8Array(words.buffer, 0, length);
}

/** Chooses files of these contents by the picker. */
async function pick(
  page: Page,
  folder: string,
  contents: Record<string, Uint8Array | string>,
): Promise<void> {
  const paths: string[] = [];
  for (const [name, content] of Object.entries(contents)) {
    const path = `${folder}/${name}`;
    await Deno.writeFile(
      path,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
    paths.push(path);
  }
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.click("text=Upload files"),
  ]);
  await chooser.setFiles(paths);
}

/** Waits until a part of the one upload is on its way. */
async function untilSent(page: Page, part: number): Promise<number> {
  const handle = await page.waitForFunction((part) => {
    const bar = document.querySelector<HTMLProgressElement>(
      ".uploads progress",
    );
    return bar && bar.value > part * bar.max ? bar.value : undefined;
  }, part);
  return await handle.jsonValue() as number;
}

/** Drops files and folders on the page, as a hand would. */
async function drop(page: Page, paths: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", {
      type,
      x: 300,
      y: 300,
      data,
    });
  }
}

const done = ".uploads [data-state=done]";

browserTest("files are chosen, and their progress moves", {}, async (
  { page, url, files, site },
) => {
  await page.goto(`${url}files/`);
  await slowDown(page, 2 << 20);
  const content = contentOf(4 << 20);
  await pick(page, site.path, { "large.bin": content });
  const early = await untilSent(page, 0.1);
  const late = await untilSent(page, 0.5);
  assert(early < late && late < content.length, `${early}, then ${late}`);
  const detail = await page.textContent(".upload-detail");
  assert(/MiB of 4\.0 MiB, .*\/s, \d+ s left/.test(detail ?? ""), `${detail}`);
  await page.waitForSelector(done);
  assertEquals(await Deno.readFile(`${files}/large.bin`), content);
  assertEquals(await namesIn(page), ["large.bin"]);
  await pick(page, site.path, { "a é #1.txt": "one", "empty": "" });
  await page.waitForFunction(() =>
    document.querySelectorAll(".uploads [data-state=done]").length === 3
  );
  assertEquals(await Deno.readTextFile(`${files}/a é #1.txt`), "one");
  assertEquals(await Deno.readTextFile(`${files}/empty`), "");
  await page.click("text=Clear finished");
  assert(!await page.isVisible("#uploads"));
});

browserTest("a folder and a file are dropped", {}, async (
  { page, url, files, site },
) => {
  await page.goto(`${url}files/`);
  await Deno.mkdir(`${site.path}/folder/deep`, { recursive: true });
  await Deno.writeTextFile(`${site.path}/folder/a.txt`, "a");
  await Deno.writeTextFile(`${site.path}/folder/deep/b.txt`, "b");
  await Deno.writeTextFile(`${site.path}/c.txt`, "c");
  await drop(page, [`${site.path}/folder`, `${site.path}/c.txt`]);
  await page.waitForFunction(() =>
    document.querySelectorAll(".uploads [data-state=done]").length === 3
  );
  assertEquals(await Deno.readTextFile(`${files}/folder/deep/b.txt`), "b");
  assertEquals(await Deno.readTextFile(`${files}/folder/a.txt`), "a");
  assertEquals(await Deno.readTextFile(`${files}/c.txt`), "c");
  assertEquals(await namesIn(page), ["folder", "c.txt"]);
});

browserTest("a folder is chosen", {}, async ({ page, url, files, site }) => {
  await page.goto(`${url}files/`);
  await Deno.mkdir(`${site.path}/folder/deep`, { recursive: true });
  await Deno.writeTextFile(`${site.path}/folder/deep/b.txt`, "b");
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.click("text=Upload a folder"),
  ]);
  await chooser.setFiles(`${site.path}/folder`);
  await page.waitForSelector(done);
  assertEquals(await Deno.readTextFile(`${files}/folder/deep/b.txt`), "b");
  assertEquals(await namesIn(page), ["folder"]);
});

/** Where each part of an upload began. */
function offsetsOf(page: Page): number[] {
  const offsets: number[] = [];
  page.on("request", (request) => {
    if (request.method() !== "PATCH") return;
    offsets.push(Number(request.headers()["upload-offset"]));
  });
  return offsets;
}

browserTest("an upload is paused, and goes on after a restart", {}, async (
  { page, url, files, site, restart },
) => {
  await page.goto(`${url}files/`);
  const offsets = offsetsOf(page);
  await slowDown(page, 4 << 20);
  const content = contentOf(8 << 20);
  await pick(page, site.path, { "large.bin": content });
  await untilSent(page, 0.3);
  await page.click("text=Pause");
  await page.waitForSelector("text=/Paused, .* of 8.0 MiB/");
  await restart();
  assertEquals(await namesIn(page), []);
  await page.click("text=Resume");
  await page.waitForSelector(done);
  assertEquals(await Deno.readFile(`${files}/large.bin`), content);
  assertEquals(offsets.length, 2);
  assert(offsets[1] > content.length / 5, `${offsets}`);
});

browserTest("a lost connection is taken up again", {
  expected: /ERR_|Failed to load resource/,
}, async ({ page, url, files, site, restart }) => {
  await page.goto(`${url}files/`);
  const offsets = offsetsOf(page);
  await slowDown(page, 4 << 20);
  const content = contentOf(8 << 20);
  await pick(page, site.path, { "large.bin": content });
  await untilSent(page, 0.3);
  await restart(async () => {
    await page.waitForSelector("text=Connection lost, retrying");
  });
  await page.waitForSelector(done);
  assertEquals(await Deno.readFile(`${files}/large.bin`), content);
  assert(offsets.at(-1)! > content.length / 5, `${offsets}`);
});

browserTest(
  "a page that is loaded again goes on with the same file",
  {},
  async (
    { page, url, files, site },
  ) => {
    await page.goto(`${url}files/`);
    const offsets = offsetsOf(page);
    await slowDown(page, 4 << 20);
    const content = contentOf(8 << 20);
    await pick(page, site.path, { "large.bin": content });
    await untilSent(page, 0.3);
    page.on("dialog", (dialog) => dialog.accept());
    await page.reload();
    await page.waitForSelector("text=/MiB of 8.0 MiB uploaded/");
    const input = "[aria-label='Choose large.bin again']";
    await Deno.mkdir(`${site.path}/other`);
    await Deno.writeTextFile(`${site.path}/other/large.bin`, "another");
    await page.setInputFiles(input, `${site.path}/other/large.bin`);
    await page.waitForSelector("text=This is not the file");
    await page.setInputFiles(input, `${site.path}/large.bin`);
    await page.waitForSelector(done);
    assertEquals(await Deno.readFile(`${files}/large.bin`), content);
    assert(offsets.at(-1)! > content.length / 5, `${offsets}`);
  },
);

browserTest("an upload that is cancelled leaves nothing", {}, async (
  { page, url, files, site },
) => {
  await page.goto(`${url}files/`);
  await slowDown(page, 1 << 20);
  await pick(page, site.path, { "large.bin": contentOf(8 << 20) });
  await untilSent(page, 0.1);
  await Promise.all([
    page.waitForResponse((response) =>
      response.request().method() === "DELETE" && response.status() === 204
    ),
    page.click(".uploads >> text=Cancel"),
  ]);
  await page.waitForSelector("[data-state=cancelled]");
  const left = [...Deno.readDirSync(`${files}/.sluice-uploads`)];
  assertEquals(left.map(({ name }) => name), []);
  await page.reload();
  assert(!await page.isVisible("#uploads"));
});

browserTest("a file is replaced only after a question", {
  async prepare(files) {
    for (const name of ["a.txt", "b.txt", "c.txt"]) {
      await Deno.writeTextFile(`${files}/${name}`, "old");
    }
  },
  expected: /412/,
}, async ({ page, url, files, site }) => {
  await page.goto(`${url}files/`);
  const answer = (text: string) =>
    page.click(`dialog button:text-is('${text}')`);
  const contents = async () => {
    const names = [...Deno.readDirSync(files)].map(({ name }) => name)
      .filter((name) => !name.startsWith(".")).sort();
    const texts = names.map((name) => Deno.readTextFile(`${files}/${name}`));
    return Object.fromEntries(
      (await Promise.all(texts)).map((text, at) => [names[at], text]),
    );
  };
  await pick(page, site.path, { "a.txt": "new" });
  await page.waitForSelector(
    "text=There is already a file “a.txt” in /files/.",
  );
  await answer("Skip");
  await page.waitForSelector("[data-state=cancelled]");
  assertEquals((await contents())["a.txt"], "old");

  await pick(page, site.path, { "a.txt": "new" });
  await answer("Replace it");
  await page.waitForSelector("text=Uploaded a.txt");
  assertEquals((await contents())["a.txt"], "new");

  await pick(page, site.path, { "b.txt": "both" });
  await answer("Keep both");
  await page.waitForSelector("text=Uploaded b (2).txt");
  await pick(page, site.path, { "b.txt": "newer", "c.txt": "newer" });
  await page.check("dialog input[type=checkbox]");
  await answer("Replace it");
  await page.waitForFunction(() =>
    document.querySelectorAll(".uploads [data-state=done]").length === 4
  );
  assertEquals(await contents(), {
    "a.txt": "new",
    "b (2).txt": "both",
    "b.txt": "newer",
    "c.txt": "newer",
  });
});

browserTest("a file that somebody changes meanwhile is asked about again", {
  async prepare(files) {
    await Deno.writeTextFile(`${files}/a.txt`, "old");
  },
  expected: /412/,
}, async ({ page, url, files, site }) => {
  await page.goto(`${url}files/`);
  await slowDown(page, 1 << 20);
  await pick(page, site.path, { "a.txt": contentOf(2 << 20) });
  await page.click("dialog button:text-is('Replace it')");
  await untilSent(page, 0.2);
  const put = await fetch(`${url}files/a.txt`, {
    method: "PUT",
    body: "theirs",
  });
  assertEquals(put.status, 204);
  await page.waitForSelector(
    "text=There is already a file “a.txt” in /files/.",
  );
  await page.click("dialog button:text-is('Skip')");
  await page.waitForSelector("[data-state=cancelled]");
  assertEquals(await Deno.readTextFile(`${files}/a.txt`), "theirs");
});

browserTest("a server that only reads says so", { mayWrite: false }, async (
  { page, url, site, files },
) => {
  await page.goto(`${url}files/`);
  await page.waitForSelector(
    "text=Read-only: files can be downloaded, not uploaded.",
  );
  assertEquals(await page.locator("input[type=file]").count(), 0);
  await Deno.writeTextFile(`${site.path}/c.txt`, "c");
  await drop(page, [`${site.path}/c.txt`]);
  assertEquals(page.url(), `${url}files/`);
  assertEquals([...Deno.readDirSync(files)], []);
});

browserTest("a file that is too large is refused before it is sent", {
  args: ["--max-body", "1k"],
}, async ({ page, url, site }) => {
  await page.goto(`${url}files/`);
  await pick(page, site.path, { "a.bin": new Uint8Array(1025) });
  await page.waitForSelector(
    ".uploads >> text=The file is larger than this server accepts",
  );
  await pick(page, site.path, { "b.bin": new Uint8Array(1024) });
  await page.waitForSelector(done);
});

browserTest("a name that the server does not take is told", {
  expected: /403/,
}, async ({ page, url, site }) => {
  await page.goto(`${url}files/`);
  await pick(page, site.path, { ".hidden": "a" });
  await page.waitForSelector(
    ".uploads >> text=Names that start with a dot are reserved (403)",
  );
});

browserTest("a full disk is told, and a retry goes on", {
  async prepare(files) {
    await mount(files);
  },
  expected: /507/,
}, async ({ page, url, site, files }) => {
  try {
    const ballast = `${files}/ballast`;
    await Deno.writeFile(ballast, new Uint8Array(3 << 20));
    await page.goto(`${url}files/`);
    const content = contentOf(2 << 20);
    await pick(page, site.path, { "large.bin": content });
    await page.waitForSelector(".uploads >> text=The server's disk is full");
    await Deno.remove(ballast);
    await page.click(".uploads >> text=Retry");
    await page.waitForSelector(done);
    assertEquals(await Deno.readFile(`${files}/large.bin`), content);
  } finally {
    await run("umount", "--lazy", files);
  }
});

/** Puts a disk of 4 MiB in the place of a directory. */
async function mount(path: string): Promise<void> {
  await run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", path);
}

async function run(command: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(command, { args }).output();
  assert(success, `${command} ${args.join(" ")}`);
}
