/**
 * Takes pictures of all pages, light and dark, on a phone and on a desk, to be
 * looked at; two of them stand in the README.
 *
 *     deno task screenshots [FOLDER]
 *
 * @module
 */

import type { Browser, Page } from "playwright-core";
import { Site, startCommand } from "../cli/command.ts";
import { launch } from "./browser.ts";

const folder = Deno.args[0] ??
  new URL("screenshots", import.meta.url).pathname;
/** Those of the README, where no other folder is named. */
const wanted = Deno.args[0] ? /./ : /^(?:files-light|xray-dark)-desk$/;

const viewports = {
  desk: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
};

const pages: Record<string, (page: Page, url: string) => Promise<unknown>> = {
  about: (page, url) => page.goto(`${url}about`),
  files: (page, url) => page.goto(`${url}files/`),
  async uploads(page, url) {
    await page.goto(`${url}files/`);
    await page.setInputFiles(
      "#pick-input",
      [
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
      ].map((name) => new URL(`../../${name}`, import.meta.url).pathname),
    );
    await page.waitForSelector("dialog, .uploads [data-state=done]", {
      state: "attached",
    });
  },
  async preview(page, url) {
    await page.goto(`${url}files/`);
    await page.focus("[data-name='notes.md'] td.name a");
    await page.keyboard.press("Space");
    await page.waitForSelector("dialog article:has-text('Notes')");
  },
  error: (page, url) => page.goto(`${url}nothing`),
  async xray(page, url) {
    await page.goto(`${url}xray`);
    await (await fetch(`${url}files/notes.md`)).text();
    await (await fetch(`${url}echo/hello`)).text();
    await page.selectOption("#sample", "A space before the colon");
    await page.click("#send button");
    await page.waitForSelector(".part.wrong");
    await page.focus(".part.wrong");
  },
};

async function take(browser: Browser, url: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const [size, viewport] of Object.entries(viewports)) {
      const context = await browser.newContext({ colorScheme, viewport });
      for (const [name, open] of Object.entries(pages)) {
        const picture = `${name}-${colorScheme}-${size}`;
        if (!wanted.test(picture)) continue;
        const page = await context.newPage();
        await open(page, url);
        await page.screenshot({ path: `${folder}/${picture}.png` });
        await page.close();
      }
      await context.close();
    }
  }
}

await using site = await Site.make();
const files = `${site.path}/public`;
for (const name of ["photos", "talks"]) await Deno.mkdir(`${files}/${name}`);
const samples: Record<string, number> = {
  "cover.png": 184_320,
  "data-2.csv": 9_214,
  "data-10.csv": 31_337,
  "interview.mp3": 48_234_496,
  "site.tar.gz": 7_340_032,
  "walk.mp4": 120_586_240,
};
for (const [name, size] of Object.entries(samples)) {
  await Deno.writeFile(`${files}/${name}`, new Uint8Array(0));
  await Deno.truncate(`${files}/${name}`, size);
}
await Deno.writeTextFile(
  `${files}/notes.md`,
  "# Notes\n\n- Octets are not characters.\n",
);
await using server = await startCommand(
  ["--port", "0", "--log", "off", "--delete", "--xray"],
  { cwd: site.path },
);
const browser = await launch();
await Deno.mkdir(folder, { recursive: true });
await take(browser, server.url);
await browser.close();
