/**
 * How soon a person sees and uses the files of a directory: on a phone beside
 * other servers, and with a list of 100,000. Medians of some rounds, each in a
 * new window.
 *
 *     deno task bench:page [ROUNDS [phone | desk]]
 *
 * @module
 */

import type {
  Browser,
  BrowserContextOptions,
  CDPSession,
  Page,
} from "playwright-core";
import { Buffer } from "node:buffer";
import { Site, startCommand } from "../cli/command.ts";
import { launch } from "./browser.ts";
import { type Listing, startNginx, startSirv } from "./other_listings.ts";

const rounds = Number(Deno.args[0] ?? 5);
const part = Deno.args[1];

type Figures = Record<string, number>;

/** Notes when the first row has been painted: with all that is before it. */
function watchPaint(selector: string): void {
  const observer = new MutationObserver(() => {
    if (!document.querySelector(selector)) return;
    observer.disconnect();
    // A frame later it is on the screen.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => performance.mark("first row"))
    );
  });
  observer.observe(document, { childList: true, subtree: true });
}

/** When the first row was on the screen, in ms from the start. */
async function firstRow(page: Page): Promise<number> {
  const mark = await page.waitForFunction(() =>
    performance.getEntriesByName("first row")[0]?.startTime
  );
  return await mark.jsonValue() as number;
}

/** Opens a page in a new window, and closes that afterwards. */
async function inWindow(
  browser: Browser,
  options: BrowserContextOptions,
  measure: (page: Page, session: CDPSession) => Promise<Figures>,
): Promise<Figures> {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    return await measure(page, await context.newCDPSession(page));
  } finally {
    await context.close();
  }
}

const phone = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 3,
  isMobile: true,
  hasTouch: true,
};

/** A phone of the middle class on 3G, as Lighthouse has it. */
async function slowDown(session: CDPSession): Promise<void> {
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 150,
    downloadThroughput: 1.6e6 / 8,
    uploadThroughput: 0.75e6 / 8,
  });
}

/** The first row, and where there are uploads the first finished one. */
async function onPhone(
  browser: Browser,
  { url, row, takesUploads }: Listing,
): Promise<Figures> {
  const measure = async (page: Page, session: CDPSession): Promise<Figures> => {
    await page.addInitScript(watchPaint, row);
    await slowDown(session);
    await page.goto(url, { waitUntil: "domcontentloaded" });
    if (!takesUploads) return { "first row (ms)": await firstRow(page) };
    const name = `${crypto.randomUUID()}.txt`;
    const file = { name, mimeType: "text/plain", buffer: octets };
    await page.setInputFiles("#pick-input", file);
    await page.waitForSelector(".uploads [data-state=done]", {
      state: "attached",
    });
    const uploaded = await page.evaluate(() => performance.now());
    return {
      "first row (ms)": await firstRow(page),
      "first upload of 10 KiB (ms)": uploaded,
    };
  };
  return await inWindow(browser, phone, measure);
}

const octets = Buffer.alloc(10 * 1024, "a");

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

/** Sorts by size, and tells how long it takes until that is on the screen. */
async function sort(): Promise<number> {
  const start = performance.now();
  const heading = document.querySelector("th.size")!;
  heading.querySelector("a")!.click();
  for (;;) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    if (heading.hasAttribute("aria-sort")) return performance.now() - start;
  }
}

async function onDesk(
  browser: Browser,
  { url, row }: Listing,
  count: number,
): Promise<Figures> {
  return await inWindow(browser, {}, async (page, session) => {
    await page.addInitScript(watchPaint, row);
    await page.goto(url);
    const first = await firstRow(page);
    const whole = await page.waitForFunction(
      (rows) =>
        document.querySelector("#files")?.getAttribute("aria-rowcount") ===
            rows
          ? performance.now()
          : undefined,
      `${count + 1}`,
    );
    const sorted = await page.evaluate(sort);
    const times = await page.evaluate(scroll);
    return {
      "first row (ms)": first,
      "all of the list (ms)": await whole.jsonValue() as number,
      "sorted by size (ms)": sorted,
      "median frame while scrolling (ms)": median(times),
      "longest frame (ms)": Math.max(...times),
      "heap of the scripts (MiB)": await heapOf(session),
      "memory of the tab (MiB)": await memoryOf(browser),
    };
  });
}

async function heapOf(session: CDPSession): Promise<number> {
  await session.send("HeapProfiler.collectGarbage");
  await session.send("Performance.enable");
  const { metrics } = await session.send("Performance.getMetrics");
  const heap = metrics.find(({ name }) => name === "JSHeapUsedSize")!;
  return heap.value / 2 ** 20;
}

/** What only the process of the window has, which is the only one with a page. */
async function memoryOf(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const sizes = processInfo.filter(({ type }) => type === "renderer")
    .map(({ id }) => privateMemoryOf(id));
  return Math.max(...sizes) / 1024;
}

/** In KiB. */
function privateMemoryOf(process: number): number {
  const text = Deno.readTextFileSync(`/proc/${process}/smaps_rollup`);
  const parts = text.matchAll(/^Private_\w+: +(\d+) kB$/gm);
  return [...parts].reduce((sum, [, size]) => sum + Number(size), 0);
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** The median of each figure. */
async function bench(measure: () => Promise<Figures>): Promise<Figures> {
  const all: Figures[] = [];
  for (let round = 0; round < rounds; round++) all.push(await measure());
  return Object.fromEntries(
    Object.keys(all[0]).map((name) => [
      name,
      Math.round(median(all.map((figures) => figures[name]))),
    ]),
  );
}

function fill(site: Site, count: number): void {
  for (let at = 0; at < count; at++) {
    const path = `${site.path}/public/file ${at}.txt`;
    Deno.writeTextFileSync(path, "a".repeat(at % 1000));
  }
}

/** This server on a site. */
async function startSluice(site: Site): Promise<Listing & AsyncDisposable> {
  const server = await startCommand(["--port", "0", "--log", "off"], {
    cwd: site.path,
  });
  return {
    url: `${server.url}files/`,
    row: "#files tbody tr",
    takesUploads: true,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function besideOthers(browser: Browser): Promise<void> {
  const table: Record<string, Figures> = {};
  const starts = { Sluice: startSluice, nginx: startNginx, sirv: startSirv };
  for (const [name, start] of Object.entries(starts)) {
    await using site = await Site.make();
    fill(site, 1000);
    await using listing = await start(site);
    table[name] = await bench(() => onPhone(browser, listing));
  }
  console.log("1,000 files on a phone (4 × slower CPU, 3G):");
  console.table(table);
}

async function longList(browser: Browser, count: number): Promise<void> {
  await using site = await Site.make();
  fill(site, count);
  await using listing = await startSluice(site);
  const figures = await bench(() => onDesk(browser, listing, count));
  console.log(`${count.toLocaleString("en")} files on a desk:`);
  console.table(figures);
}

const browser = await launch();
try {
  if (part !== "desk") await besideOthers(browser);
  if (part !== "phone") {
    await longList(browser, 1000);
    await longList(browser, 100_000);
  }
} finally {
  await browser.close();
}
