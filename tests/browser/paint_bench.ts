/**
 * How soon a person sees the first row of a directory, and how well a long list
 * scrolls: medians of some rounds, each in a new window.
 *
 *     deno task bench:page
 *
 * @module
 */

import type { Browser } from "playwright-core";
import { Site, startCommand } from "../cli/command.ts";
import { launch } from "./browser.ts";

const rounds = 5;

interface Figures {
  "first row (ms)": number;
  "all of the list (ms)": number;
  "median frame while scrolling (ms)": number;
  "longest frame (ms)": number;
}

/** Notes when the first row has been painted. */
function watchPaint(): void {
  const observer = new MutationObserver(() => {
    if (!document.querySelector("#files tbody tr")) return;
    observer.disconnect();
    // A frame later it is on the screen.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => performance.mark("first row"))
    );
  });
  observer.observe(document, { childList: true, subtree: true });
}

/** Scrolls from the top to the end, and tells how long the frames took. */
async function scroll(): Promise<number[]> {
  const times: number[] = [];
  const height = document.documentElement.scrollHeight;
  let last = performance.now();
  for (let step = 0; step <= 100; step++) {
    scrollTo({ top: height * step / 100, behavior: "instant" });
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const now = performance.now();
    times.push(now - last);
    last = now;
  }
  return times.sort((a, b) => a - b);
}

async function measure(
  browser: Browser,
  url: string,
  count: number,
): Promise<Figures> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.addInitScript(watchPaint);
    await page.goto(`${url}files/`);
    const mark = () =>
      performance.getEntriesByName("first row")[0]?.startTime as number;
    const first = await page.waitForFunction(mark);
    const whole = await page.waitForFunction(
      (rows) =>
        document.querySelector("#files")?.getAttribute("aria-rowcount") === rows
          ? performance.now()
          : undefined,
      `${count + 1}`,
    );
    const times = await page.evaluate(scroll);
    return {
      "first row (ms)": await first.jsonValue(),
      "all of the list (ms)": await whole.jsonValue() as number,
      "median frame while scrolling (ms)": median(times),
      "longest frame (ms)": Math.max(...times),
    };
  } finally {
    await context.close();
  }
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

async function bench(browser: Browser, count: number): Promise<Figures> {
  await using site = await Site.make();
  for (let at = 0; at < count; at++) {
    Deno.writeTextFileSync(`${site.path}/public/file ${at}.txt`, `${at}`);
  }
  await using server = await startCommand(["--port", "0", "--log", "off"], {
    cwd: site.path,
  });
  const all: Figures[] = [];
  for (let round = 0; round < rounds; round++) {
    all.push(await measure(browser, server.url, count));
  }
  const names = Object.keys(all[0]) as (keyof Figures)[];
  return Object.fromEntries(
    names.map((name) => [
      name,
      Math.round(median(all.map((figures) => figures[name]))),
    ]),
  ) as unknown as Figures;
}

const browser = await launch();
console.table({
  "1,000 files": await bench(browser, 1000),
  "100,000 files": await bench(browser, 100_000),
});
await browser.close();
