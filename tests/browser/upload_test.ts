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

/** Drags files and folders over the page, as a hand would. */
async function drag(
  page: Page,
  paths: string[],
  types: ("dragEnter" | "dragOver" | "drop")[],
  { x, y }: { x: number; y: number },
): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of types) {
    await session.send("Input.dispatchDragEvent", {
      type,
      x: x + 20,
      y: y + 10,
      data,
    });
  }
}

/** Drops them beside all rows. */
function drop(page: Page, paths: string[]): Promise<void> {
  return drag(page, paths, ["dragEnter", "dragOver", "drop"], { x: 5, y: 50 });
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
  await Deno.mkdir(`${site.path}/nothing`);
  await drop(
    page,
    ["folder", "c.txt", "nothing"].map((name) => `${site.path}/${name}`),
  );
  await page.waitForSelector("#files [data-name=nothing]");
  await page.waitForFunction(() =>
    document.querySelectorAll(".uploads [data-state=done]").length === 3
  );
  assertEquals(await Deno.readTextFile(`${files}/folder/deep/b.txt`), "b");
  assertEquals(await Deno.readTextFile(`${files}/folder/a.txt`), "a");
  assertEquals(await Deno.readTextFile(`${files}/c.txt`), "c");
  assertEquals(await namesIn(page), ["folder", "nothing", "c.txt"]);

  // Over a folder it goes into that one; a file that is already there is asked
  // about, and the layer has said where it goes.
  await Deno.writeTextFile(`${site.path}/d.txt`, "d");
  const over = await page.locator("[data-name=nothing] td.name").boundingBox();
  await drag(page, [`${site.path}/d.txt`], ["dragEnter", "dragOver"], over!);
  await page.waitForSelector("text=Drop to upload to /nothing/");
  await drag(page, [`${site.path}/d.txt`], ["drop"], over!);
  await page.waitForFunction(() =>
    document.querySelectorAll(".uploads [data-state=done]").length === 4
  );
  assertEquals(await Deno.readTextFile(`${files}/nothing/d.txt`), "d");
  assert(!await page.isVisible("#drop-layer"));
});

browserTest("files of the clipboard are pasted", {}, async (
  { page, url, files },
) => {
  await page.goto(`${url}files/`);
  await page.waitForSelector("[aria-label=Grid]");
  const paste = (name: string, selector: string) =>
    page.evaluate(([name, selector]) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File(["pasted"], name));
      const target = document.querySelector<HTMLElement>(selector)!;
      target.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData, bubbles: true }),
      );
    }, [name, selector]);
  await paste("note.txt", "body");
  await page.waitForSelector(done);
  await paste("image.png", "body");
  await page.waitForFunction(() =>
    document.querySelectorAll(".uploads [data-state=done]").length === 2
  );
  // What is pasted into a text is not meant for the folder.
  await paste("no.txt", "#filter");
  const names = [...Deno.readDirSync(files)].map(({ name }) => name)
    .filter((name) => !name.startsWith(".")).sort();
  assertEquals(names.length, 2);
  assert(
    /^Pasted 20\d\d-\d\d-\d\d \d\d\.\d\d\.\d\d\.png$/.test(names[0]),
    names[0],
  );
  assertEquals(names[1], "note.txt");
});

browserTest("one bar tells of all uploads, errors first", {
  args: ["--max-body", "3m"],
  viewport: { width: 390, height: 844 },
}, async ({ page, url, site }) => {
  await page.goto(`${url}files/`);
  await slowDown(page, 1 << 20);
  const contents: Record<string, Uint8Array> = {};
  for (const name of ["a", "b", "c", "d"]) contents[name] = contentOf(1 << 20);
  contents["huge.iso"] = contentOf((3 << 20) + 1);
  const paths = Object.keys(contents).map((name) => `${site.path}/${name}`);
  for (const path of paths) {
    await Deno.writeFile(path, contents[path.slice(site.path.length + 1)]);
  }
  await page.setInputFiles("#pick-input", paths);
  // A phone has a line of it; the error is there before anything is sent.
  await page.waitForSelector(".upload-sum strong:text-is('1 failed')");
  await page.waitForSelector("text=/\\d+ % · .*\\/s · .* left/");
  assert(!await page.isVisible(".uploads"));
  await page.click(".upload-toggle");
  assertEquals(await page.textContent(".uploads li .upload-name"), "huge.iso");
  assertEquals(
    await page.getAttribute(".upload-toggle", "aria-expanded"),
    "true",
  );
  await page.waitForSelector("text=4 files uploaded");
  await page.click("text=Clear finished");
  assert(!await page.isVisible("#uploads"));
});

browserTest("a folder is chosen", {}, async ({ page, url, files, site }) => {
  await page.goto(`${url}files/`);
  await Deno.mkdir(`${site.path}/folder/deep`, { recursive: true });
  await Deno.writeTextFile(`${site.path}/folder/deep/b.txt`, "b");
  await page.click("#upload-menu");
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.click(".menu >> text=Upload a folder"),
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

browserTest("an upload is paused, and goes on after a restart", {
  // The page may look for changes while there is no server.
  expected: /ERR_CONNECTION_REFUSED/,
}, async (
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
  await pick(page, site.path, { "a.txt": "newer" });
  await page.waitForSelector(
    "text=There is already a file “a.txt”.",
  );
  const compared = await page.locator(".compared > div").allInnerTexts();
  assert(/On the server\s+3 B\s+.*20\d\d/.test(compared[0]), compared[0]);
  assert(/Yours\s+5 B\s+.*20\d\d[^]*newer/.test(compared[1]), compared[1]);
  await answer("Skip");
  await page.waitForSelector("[data-state=cancelled]");
  assertEquals((await contents())["a.txt"], "old");

  await pick(page, site.path, { "a.txt": "new" });
  await answer("Replace");
  await page.waitForSelector("text=Uploaded a.txt");
  assertEquals((await contents())["a.txt"], "new");

  for (const name of ["b (2).txt", "b (3).txt"]) {
    await pick(page, site.path, { "b.txt": "both" });
    await answer("Keep both");
    await page.waitForSelector(`text=Uploaded ${name}`);
  }
  await pick(page, site.path, { "b.txt": "newer", "c.txt": "newer" });
  await page.check("dialog input[type=checkbox]");
  await answer("Replace");
  await page.waitForFunction(() =>
    document.querySelectorAll(".uploads [data-state=done]").length === 5
  );
  assertEquals(await contents(), {
    "a.txt": "new",
    "b (2).txt": "both",
    "b (3).txt": "both",
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
  await page.click("dialog button:text-is('Replace')");
  await untilSent(page, 0.2);
  const put = await fetch(`${url}files/a.txt`, {
    method: "PUT",
    body: "theirs",
  });
  assertEquals(put.status, 204);
  await page.waitForSelector(
    "text=There is already a file “a.txt”.",
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
    "text=Read-only: you can download files here, not change them.",
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
    ".uploads >> text=The file is larger than this server accepts: 1.0 KiB at most",
  );
  // Trying again cannot help.
  assert(!await page.isVisible(".uploads button:text-is('Retry')"));
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
    await page.click(".uploads button:text-is('Retry')");
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
