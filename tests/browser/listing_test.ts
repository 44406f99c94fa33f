/** The page of a directory in a real Chromium: to look around and to download. */

import { assert, assertEquals } from "@std/assert";
import { browserTest, choose, namesIn, textOf } from "./browser.ts";

async function someFiles(files: string): Promise<void> {
  await Deno.mkdir(`${files}/sub`);
  await Deno.writeTextFile(`${files}/sub/deep.txt`, "deep");
  await Deno.writeTextFile(`${files}/file10.txt`, "a".repeat(30));
  await Deno.writeTextFile(`${files}/File2.txt`, "b".repeat(2000));
  await Deno.writeTextFile(`${files}/apple.txt`, "c");
  await Deno.utime(`${files}/apple.txt`, 2e9, 2e9);
}

const prepare = someFiles;

browserTest("a directory is listed, sorted and filtered", { prepare }, async (
  { page, url },
) => {
  await page.goto(`${url}files/`);
  assertEquals(await namesIn(page), [
    "sub",
    "apple.txt",
    "File2.txt",
    "file10.txt",
  ]);
  await page.click("text=Size");
  assertEquals(await namesIn(page), [
    "sub",
    "apple.txt",
    "file10.txt",
    "File2.txt",
  ]);
  await page.click("text=Size");
  assertEquals((await namesIn(page))[1], "File2.txt");
  assertEquals(
    await page.getAttribute("th.size", "aria-sort"),
    "descending",
  );
  await page.click("text=Modified");
  assertEquals((await namesIn(page)).at(-1), "apple.txt");
  await page.fill("#filter", "FILE");
  // Which of the two is older depends on how fast the disk is.
  const filtered = (await namesIn(page)).toSorted();
  assertEquals(filtered, ["File2.txt", "file10.txt"]);
  assertEquals(await page.textContent("#count"), "2 of 4 items");
  await page.fill("#filter", "nothing");
  assert(await page.isVisible("text=No names here match."));
  await page.fill("#filter", "");
  await page.click("a:text-is('sub')");
  assertEquals(await namesIn(page), ["deep.txt"]);
  // The order follows into the other folders.
  await page.click(".crumbs a:text-is('files')");
  assertEquals(page.url(), `${url}files/?sort=modified&order=asc`);
});

browserTest("a time has room, however late it is", {
  timezoneId: "UTC",
  async prepare(files) {
    await Deno.writeTextFile(`${files}/a.txt`, "");
    const late = new Date("2026-11-20T22:58:00Z");
    await Deno.utime(`${files}/a.txt`, late, late);
  },
}, async ({ page, url }) => {
  await page.goto(`${url}files/`);
  const time = page.locator("td.modified");
  await time.getByText("Nov 20, 2026, 10:58").waitFor();
  const [room, width] = await time.evaluate((
    { clientWidth, scrollWidth },
  ) => [clientWidth, scrollWidth]);
  assert(width <= room, `${width} of ${room} pixels`);
});

browserTest(
  "a link to a part of a list leads to all of it",
  { prepare },
  async (
    { page, url },
  ) => {
    for (const query of ["filter=apple", "offset=3&limit=1"]) {
      await page.goto(`${url}files/?${query}`);
      await page.fill("#filter", "");
      await page.waitForSelector("text=4 items", { timeout: 5000 });
      assertEquals((await namesIn(page)).length, 4);
    }
  },
);

browserTest(
  "the first rows do not move when the script runs",
  { prepare },
  async (
    { page, url },
  ) => {
    await page.goto(`${url}files/`);
    const shift = await page.evaluate(() =>
      new Promise<number>((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) {
            sum += (entry as unknown as { value: number }).value;
          }
        }).observe({ type: "layout-shift", buffered: true });
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
      })
    );
    assertEquals(shift, 0);
  },
);

browserTest("a file is downloaded under its name", { prepare }, async (
  { page, url, site },
) => {
  await page.goto(`${url}files/`);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.click("a[aria-label='Download apple.txt']"),
  ]);
  assertEquals(download.suggestedFilename(), "apple.txt");
  assertEquals(await textOf(download, site), "c");
});

browserTest("a link is copied", {
  prepare,
  permissions: ["clipboard-read", "clipboard-write"],
}, async ({ page, url }) => {
  await page.goto(`${url}files/`);
  await page.hover("[data-name='file10.txt']");
  await page.click("[aria-label='Copy the link to file10.txt']");
  await page.waitForSelector("text=Copied the link to file10.txt");
  assertEquals(
    await page.evaluate(() => navigator.clipboard.readText()),
    `${url}files/file10.txt`,
  );
});

/** A second of a tone, so many times. */
function wave(seconds: number): Uint8Array {
  const rate = 48_000;
  const octets = new Uint8Array(44 + seconds * rate);
  const view = new DataView(octets.buffer);
  new TextEncoder().encodeInto("RIFF....WAVEfmt ", octets);
  view.setUint32(4, octets.length - 8, true);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  new TextEncoder().encodeInto("data", octets.subarray(36));
  view.setUint32(40, octets.length - 44, true);
  for (let at = 44; at < octets.length; at++) octets[at] = at % 100;
  return octets;
}

const png = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
);

browserTest("files are looked at in place", {
  async prepare(files) {
    await Deno.writeTextFile(`${files}/a.txt`, "<b>text</b> é");
    await Deno.writeFile(`${files}/b.png`, png);
    await Deno.writeFile(`${files}/c.wav`, wave(600));
    await Deno.writeFile(`${files}/d.bin`, new Uint8Array(9));
    await Deno.writeTextFile(`${files}/e.txt`, "");
    await Deno.writeTextFile(`${files}/f.log`, "x".repeat(300_000));
  },
}, async ({ page, url }) => {
  await page.goto(`${url}files/`);
  await page.hover("[data-name='a.txt']");
  await page.click("[aria-label='Preview a.txt']");
  const dialog = page.locator("dialog");
  const next = dialog.getByRole("button", { name: "Next file" });
  await dialog.getByText("<b>text</b> é").waitFor();

  await next.click();
  await page.waitForFunction(() =>
    document.querySelector<HTMLImageElement>("dialog img")?.naturalWidth === 1
  );

  // To wind forward asks for a part of 28 MiB, and not for all of it.
  await page.keyboard.press("ArrowRight");
  const ranges: string[] = [];
  page.on("request", (request) => {
    const { range } = request.headers();
    if (range) ranges.push(range);
  });
  const time = await page.evaluate(() => {
    const audio = document.querySelector<HTMLAudioElement>("dialog audio")!;
    const sought = new Promise<number>((resolve) =>
      audio.addEventListener("seeked", () => resolve(audio.currentTime))
    );
    const wind = () => audio.currentTime = 550;
    if (audio.readyState > 0) wind();
    else audio.addEventListener("loadedmetadata", wind);
    return sought;
  });
  assertEquals(time, 550);
  assert(ranges.some((range) => Number(/\d+/.exec(range)) > 20_000_000));

  await next.click();
  await dialog.getByText("This is not a text in UTF-8.").waitFor();
  await next.click();
  await dialog.getByText("The file is empty.").waitFor();
  await next.click();
  await dialog.getByText("This is the first 256.0 KiB").waitFor();
  assert(await next.isDisabled());
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assertEquals(
    await page.evaluate(() => document.activeElement?.textContent),
    "f.log",
  );
});

browserTest("a video is looked at in place", {}, async ({ page, url }) => {
  await page.goto(`${url}files/`);
  await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 64;
    const recorder = new MediaRecorder(canvas.captureStream(30));
    const pieces: Blob[] = [];
    recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data));
    const stopped = new Promise((resolve) =>
      recorder.addEventListener("stop", resolve)
    );
    recorder.start();
    for (let frame = 0; frame < 20; frame++) {
      canvas.getContext("2d")!.fillRect(frame, frame, 9, 9);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    recorder.stop();
    await stopped;
    await fetch("./video.webm", { method: "PUT", body: new Blob(pieces) });
  });
  await page.reload();
  await page.hover("[data-name='video.webm']");
  await page.click("[aria-label='Preview video.webm']");
  await page.waitForFunction(() =>
    document.querySelector<HTMLVideoElement>("dialog video")?.videoWidth === 64
  );
});

browserTest("a folder and a file go for good, once confirmed", {
  args: ["--delete"],
  prepare,
}, async ({ page, url, files }) => {
  await page.goto(`${url}files/`);
  await choose(page, "apple.txt", "Delete");
  await page.click("dialog >> text=Cancel");
  assertEquals((await namesIn(page)).length, 4);
  await choose(page, "apple.txt", "Delete");
  await page.click("dialog button:text-is('Delete')");
  await page.waitForSelector("text=Deleted apple.txt");
  assertEquals(await namesIn(page), ["sub", "File2.txt", "file10.txt"]);
  await page.click("#upload-menu");
  await page.click(".menu >> text=New folder");
  await page.keyboard.type("nöw 1");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=Created the folder nöw 1");
  assert((await Deno.stat(`${files}/nöw 1`)).isDirectory);
  await choose(page, "nöw 1", "Delete");
  await page.click("dialog button:text-is('Delete')");
  await page.waitForSelector("text=Deleted nöw 1");
  assertEquals(await namesIn(page), ["sub", "File2.txt", "file10.txt"]);
});

browserTest("a folder goes with all that is in it", {
  args: ["--delete"],
  prepare,
}, async ({ page, url }) => {
  await page.goto(`${url}files/`);
  await choose(page, "sub", "Delete");
  await page.waitForSelector("text=1 file, 4 B.");
  await page.click("dialog button:text-is('Delete')");
  await page.waitForSelector("text=Deleted sub");
  assertEquals((await namesIn(page)).includes("sub"), false);
});

browserTest("the keyboard is enough", { prepare }, async ({ page, url }) => {
  await page.goto(`${url}files/`);
  const focused = () =>
    page.evaluate(() => document.activeElement?.textContent);
  await page.keyboard.press("Tab");
  assertEquals(await focused(), "Skip to the content");
  await page.keyboard.press("Enter");
  await page.keyboard.press("/");
  await page.keyboard.type("file");
  await page.keyboard.press("ArrowDown");
  assertEquals(await focused(), "File2.txt");
  await page.keyboard.press("ArrowDown");
  assertEquals(await focused(), "file10.txt");
  await page.keyboard.press("Home");
  assertEquals(await focused(), "File2.txt");
  await page.keyboard.press("Space");
  await page.locator("dialog").getByText("bbbb").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.waitForSelector("dialog >> text=Parent folder");
  await page.keyboard.press("Enter");
  await page.keyboard.press("/");
  await page.keyboard.press("Escape");
  await page.keyboard.press("ArrowDown");
  assertEquals(await focused(), "sub");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${url}files/sub/`);
  await page.keyboard.press("End");
  assertEquals(await focused(), "deep.txt");
  await page.keyboard.press("Backspace");
  await page.waitForURL(`${url}files/`);
});

browserTest("100 000 entries scroll, sort and filter", {
  async prepare(files) {
    for (let at = 0; at < 100_000; at++) {
      Deno.writeTextFileSync(`${files}/file ${at}.txt`, "");
    }
    await Deno.writeTextFile(`${files}/large.txt`, "large");
  },
}, async ({ page, url }) => {
  await page.goto(`${url}files/`);
  assertEquals((await namesIn(page))[0], "file 0.txt");
  assertEquals(await page.textContent("#count"), "100,001 items");
  // All of the list has come when it can be sorted by what comes last.
  await page.waitForFunction(() =>
    document.querySelector("#files")?.getAttribute("aria-rowcount") === "100002"
  );
  await page.keyboard.press("End");
  await page.waitForSelector("a:text-is('large.txt')", { state: "visible" });
  const rows = await page.locator("#files tbody tr").count();
  assert(rows < 200, `${rows} rows stand in the page`);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight / 2));
  await page.waitForFunction(() =>
    [...document.querySelectorAll("#files td.name a")].some((link) => {
      const { top } = link.getBoundingClientRect();
      return top > 0 && top < innerHeight &&
        /file [45]\d{4}/.test(link.textContent ?? "");
    })
  );
  const untilFirst = (name: string) =>
    page.waitForFunction(
      (wanted) =>
        document.querySelector("#files td.name a")?.textContent === wanted,
      name,
    );
  await page.fill("#filter", "99999");
  await untilFirst("file 99999.txt");
  assertEquals(await namesIn(page), ["file 99999.txt"]);
  await page.fill("#filter", "");
  await untilFirst("file 0.txt");
  await page.click("text=Size");
  await page.click("text=Size");
  await untilFirst("large.txt");
});

browserTest("without JavaScript it lists, sorts, filters and uploads", {
  prepare,
  javaScriptEnabled: false,
}, async ({ page, url, files, site }) => {
  await page.goto(`${url}files/`);
  assert(!await page.isVisible("text=New folder"));
  await page.click("text=Size");
  assertEquals((await namesIn(page))[1], "apple.txt");
  await page.click("text=Size");
  assertEquals((await namesIn(page))[1], "File2.txt");
  await page.fill("#filter", "apple");
  await page.click("button:text-is('Filter')");
  assertEquals(await namesIn(page), ["apple.txt"]);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.click("a[aria-label='Download apple.txt']"),
  ]);
  assertEquals(download.suggestedFilename(), "apple.txt");

  await page.goto(`${url}files/`);
  const pick = async (text: string) => {
    await Deno.writeTextFile(`${site.path}/new.txt`, text);
    await page.setInputFiles("form input[name=file]", `${site.path}/new.txt`);
  };
  await pick("one");
  await page.click("button:text-is('Upload')");
  assertEquals(page.url(), `${url}files/`);
  assert((await namesIn(page)).includes("new.txt"));
  await pick("two");
  await page.click("text=Upload and replace");
  assertEquals(await Deno.readTextFile(`${files}/new.txt`), "two");
});

browserTest("without JavaScript a form replaces nothing unasked", {
  prepare,
  javaScriptEnabled: false,
  expected: /412/,
}, async ({ page, url, files, site }) => {
  await page.goto(`${url}files/`);
  await Deno.writeTextFile(`${site.path}/apple.txt`, "new");
  await page.setInputFiles("form input[name=file]", `${site.path}/apple.txt`);
  await page.click("button:text-is('Upload')");
  await page.waitForSelector("text=412 Precondition Failed");
  await page.waitForSelector(
    "text=There is already a file with that name.",
  );
  assertEquals(await Deno.readTextFile(`${files}/apple.txt`), "c");
});

browserTest("without JavaScript a long list has pages", {
  async prepare(files) {
    for (let at = 0; at < 150; at++) {
      await Deno.writeTextFile(`${files}/${at}`, "");
    }
  },
  javaScriptEnabled: false,
}, async ({ page, url }) => {
  await page.goto(`${url}files/`);
  assertEquals((await namesIn(page)).length, 100);
  // A click does not wait for the page that it leads to.
  const follow = (link: string) =>
    Promise.all([page.waitForEvent("load"), page.click(`text=${link}`)]);
  await follow("Next page");
  const rest = await namesIn(page);
  assertEquals([rest[0], rest.length], ["100", 50]);
  await follow("Previous page");
  assertEquals((await namesIn(page))[0], "0");
});

browserTest("the first page is the folder, and its links work", {
  prepare: async (files) => {
    await Deno.mkdir(`${files}/sub`);
    await Deno.writeTextFile(`${files}/a.txt`, "A");
  },
}, async ({ page, url, files, site }) => {
  await page.goto(url);
  await page.click("thead a[data-sort='size']");
  assertEquals(page.url(), `${url}?sort=size&order=asc`);
  await Deno.writeTextFile(`${site.path}/b.txt`, "B");
  await page.setInputFiles("#pick-input", `${site.path}/b.txt`);
  await page.waitForSelector("tbody a:text-is('b.txt')");
  assertEquals(await Deno.readTextFile(`${files}/b.txt`), "B");
  await page.focus(".skip");
  await page.keyboard.press("Enter");
  assertEquals(page.url(), `${url}?sort=size&order=asc#content`);
  await page.click("a:text-is('About')");
  assertEquals(page.url(), `${url}about`);
  await page.click("nav a:text-is('Files')");
  await page.click("a:text-is('sub')");
  assertEquals(page.url(), `${url}files/sub/`);
});
