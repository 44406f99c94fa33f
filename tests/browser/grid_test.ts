/** The grid of thumbnails, in a real Chromium. */

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest } from "./browser.ts";
import { png } from "./pictures.ts";

const COUNT = 1000;

async function prepare(files: string): Promise<void> {
  await Deno.mkdir(`${files}/a folder`);
  await Deno.writeFile(`${files}/0.png`, png(1200, 900));
  for (let at = 1; at < COUNT; at++) {
    await Deno.copyFile(`${files}/0.png`, `${files}/${at}.png`);
  }
  await Deno.writeFile(`${files}/huge.png`, png(2, 2));
  await Deno.truncate(`${files}/huge.png`, 17 << 20);
  // A few octets that claim to be many pixels.
  const bomb = png(2, 2);
  new DataView(bomb.buffer).setUint32(16, 60_000);
  new DataView(bomb.buffer).setUint32(20, 60_000);
  await Deno.writeFile(`${files}/bomb.png`, bomb);
  await Deno.writeTextFile(`${files}/text.txt`, "a text");
}

/** How many pictures were asked for. */
function fetched(page: Page): string[] {
  const urls: string[] = [];
  page.context().on("request", (request) => {
    if (request.url().endsWith(".png")) urls.push(request.url());
  });
  return urls;
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds of the processor. */
  tdur?: number;
  args: { name?: string };
}

/**
 * The longest task (ms) of the page's main thread meanwhile, in time of the
 * processor: whatever else runs on this machine does not count.
 */
async function longestTask(
  page: Page,
  act: () => Promise<void>,
): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => {
    events.push(...value as unknown as TraceEvent[]);
  });
  await session.send("Tracing.start", {
    traceConfig: { includedCategories: ["toplevel"] },
  });
  await act();
  const complete = new Promise((resolve) =>
    session.once("Tracing.tracingComplete", resolve)
  );
  await session.send("Tracing.end");
  await complete;
  const timesOf = (main: TraceEvent) =>
    events.filter(({ ph, pid, tid }) =>
      ph === "X" && pid === main.pid && tid === main.tid
    ).map(({ tdur = 0 }) => tdur / 1000);
  // Another process may wait for a page of its own, and does nothing.
  const times = events.filter(({ name, args }) =>
    name === "thread_name" && args.name === "CrRendererMain"
  ).flatMap(timesOf);
  return Math.max(0, ...times);
}

browserTest("a thousand thumbnails", { prepare, args: ["--delete"] }, async (
  { page, url },
) => {
  const requests = fetched(page);
  await page.goto(`${url}files/`);
  assertEquals(await page.locator("#grid").count(), 0);
  await page.click("[aria-label=Grid]");
  await page.waitForSelector("#grid .tile canvas");
  assert(!await page.isVisible("#files"));
  assert(await page.locator("#grid .tile").count() < 100);
  assertEquals(
    await page.getAttribute("#grid .tile >> nth=0", "data-name"),
    "a folder",
  );

  // Through all of them, as a wheel does; then until the last ones are there.
  const longest = await longestTask(page, async () => {
    await page.evaluate(async () => {
      const frame = () => new Promise(requestAnimationFrame);
      const { scrollHeight } = document.documentElement;
      for (let top = 0; top < scrollHeight; top += 400) {
        scrollTo(0, top);
        await frame();
      }
    });
    await page.waitForSelector(`.tile[data-name="${COUNT - 1}.png"] canvas`);
  });
  assert(longest > 0 && longest < 100, `${longest} ms`);

  // What is too large, in octets or in pixels, has none.
  for (const name of ["bomb.png", "huge.png", "text.txt"]) {
    await page.waitForSelector(`.tile[data-name="${name}"] .icon`);
  }
  assertEquals(requests.filter((each) => each.endsWith("/huge.png")), []);
  assertEquals(await page.locator(`[data-name="bomb.png"] canvas`).count(), 0);

  // The keyboard, the preview, and back.
  await page.focus(`.tile[data-name="${COUNT - 1}.png"] a`);
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await page.waitForSelector(`dialog h2:text-is("${COUNT - 2}.png")`);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Escape");
  await page.waitForSelector(`.tile[data-name="${COUNT - 1}.png"] a:focus`);
  await page.keyboard.press("Home");
  await page.waitForSelector(`.tile[data-name="a folder"] a:focus`);

  // It is remembered, and so are the pictures.
  await page.waitForSelector(`.tile[data-name="0.png"] canvas`);
  requests.length = 0;
  await page.reload();
  await page.waitForSelector(`.tile[data-name="3.png"] canvas`);
  assertEquals(requests.filter((each) => /\/[0-3]\.png$/.test(each)), []);
  await page.fill("#filter", "text");
  await page.waitForSelector(`.tile[data-name="a folder"]`, {
    state: "detached",
  });
  assertEquals(await page.locator("#grid .tile").count(), 1);
  await page.click("[aria-label=List]");
  assert(await page.isVisible("#files"));
  assertEquals(await page.locator("#grid").count(), 0);
});

browserTest("Shift with arrows selects what the focus passes", {
  async prepare(files) {
    for (const name of ["a", "b", "c", "d"]) {
      await Deno.writeTextFile(`${files}/${name}.txt`, name);
    }
  },
}, async ({ page, url }) => {
  await page.goto(`${url}files/`);
  await page.click("[aria-label=Grid]");
  await page.focus('.tile[data-name="b.txt"] a');
  const selected = () =>
    page.$$eval(
      ".tile.selected",
      (tiles) => tiles.map((tile) => tile.getAttribute("data-name")),
    );
  await page.keyboard.press("ArrowRight");
  assertEquals(await selected(), []);
  await page.keyboard.press("Shift+ArrowLeft");
  assertEquals(await selected(), ["b.txt", "c.txt"]);
  await page.keyboard.press("Shift+Home");
  assertEquals(await selected(), ["a.txt", "b.txt", "c.txt"]);
});

browserTest("a picture that was replaced has a new thumbnail", {
  async prepare(files) {
    await Deno.writeFile(`${files}/a.png`, png(30, 30, [255, 0, 0]));
  },
}, async ({ page, url, files }) => {
  const color = () =>
    page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>(".tile canvas")!;
      const copy = document.createElement("canvas");
      const context = copy.getContext("2d")!;
      context.drawImage(canvas, 0, 0);
      const [red, , blue] = context.getImageData(1, 1, 1, 1).data;
      return red > blue ? "red" : "blue";
    });
  await page.goto(`${url}files/`);
  await page.click("[aria-label=Grid]");
  await page.waitForSelector(".tile canvas");
  assertEquals(await color(), "red");
  await Deno.writeFile(`${files}/a.png`, png(30, 30, [0, 0, 255]));
  await page.reload();
  await page.waitForSelector(".tile canvas");
  assertEquals(await color(), "blue");
});
