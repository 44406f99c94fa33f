/** A phone on the network: the printed URL, a login, an upload. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import type { RunningCommand } from "../cli/command.ts";
import { browserTest, namesIn, type SceneOptions } from "./browser.ts";

/** The size of a small phone, with fingers. */
const phone: SceneOptions = {
  viewport: { width: 360, height: 640 },
  deviceScaleFactor: 3,
  isMobile: true,
  hasTouch: true,
  flags: ["--allow-sys=networkInterfaces", "--allow-read=users"],
};

/** Of the password `secret`, at a low cost. */
const HASH = "$2y$05$KriCGLN/VGmObSUak31Y5ellaQhHh7VxdC6ZbCurAg.YhqZ4mO.Y6";

const everywhere = "--host=0.0.0.0";

/** What the command prints for other machines. */
function printed({ stderr }: RunningCommand): string {
  const prefix = "On the network: ";
  const line = stderr.all.find((each) => each.startsWith(prefix));
  assert(line, "This machine has no address on a network");
  return line.slice(prefix.length);
}

const hasNetwork = Deno.networkInterfaces().some(({ family, address }) =>
  family === "IPv4" && !address.startsWith("127.")
);

/** Uploads from the page, and finds the file in its list. */
async function upload(page: Page, folder: string, files: string) {
  const path = `${folder}/photo.jpg`;
  await Deno.writeTextFile(path, "a photo");
  await page.tap("#upload-menu");
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.tap(".menu >> text=Upload files"),
  ]);
  await chooser.setFiles([path]);
  // A phone has room for the sum alone.
  await page.waitForSelector("#uploads >> text=1 file uploaded");
  assertEquals(await namesIn(page), ["photo.jpg"]);
  assertEquals(await Deno.readTextFile(`${files}/photo.jpg`), "a photo");
  const width = await page.evaluate(() => document.body.scrollWidth);
  assert(width <= 360, `The page is ${width} pixels wide`);
}

browserTest("a finger finds all that a page to send files with has", {
  ...phone,
  args: ["--upload-only"],
}, async ({ page, url }) => {
  await page.goto(url);
  const heights = await page.$$eval(
    "main :is(button, input)",
    (all) => all.map((each) => each.getBoundingClientRect().height),
  );
  assertEquals(heights.length, 2);
  assert(Math.min(...heights) >= 44, `${heights}`);
});

browserTest("both files of a conflict fit on a phone", {
  ...phone,
  expected: /412/,
  timezoneId: "UTC",
  async prepare(files) {
    await Deno.writeTextFile(`${files}/a.txt`, "a");
    const late = new Date("2026-11-20T22:58:00Z");
    await Deno.utime(`${files}/a.txt`, late, late);
  },
}, async ({ page, url, site }) => {
  await Deno.writeTextFile(`${site.path}/a.txt`, "b");
  await page.goto(`${url}files/`);
  await page.setInputFiles("#pick-input", `${site.path}/a.txt`);
  const time = page.locator("dialog").getByText("Nov 20, 2026, 10:58");
  await time.waitFor();
  const right = await time.evaluate((each) =>
    each.getBoundingClientRect().right
  );
  const form = await page.locator("dialog form").boundingBox();
  assert(right <= form!.x + form!.width, `It ends at ${right} pixels`);
});

if (hasNetwork) {
  browserTest("a phone logs in by the printed link, and uploads", {
    ...phone,
    args: [everywhere, "--password"],
    urlOf: printed,
  }, async ({ page, url, server, site, files }) => {
    const line = await server.stderr.until(/^Password: /);
    const link = /open (\S+)$/.exec(line)![1];
    assert(link.startsWith(url), `${link} is not at ${url}`);
    await page.goto(link);
    assertEquals(page.url(), `${url}files/`);
    await upload(page, site.path, files);
  });

  browserTest("a phone logs in by the form, and uploads", {
    ...phone,
    args: [everywhere, "--auth=users"],
    urlOf: printed,
    prepare: async (files) => {
      await Deno.writeTextFile(`${files}/../users`, `zoe:${HASH}\n`);
    },
  }, async ({ page, url, site, files }) => {
    await page.goto(url);
    assertMatch(page.url(), /\/login\?to=/);
    await page.fill("#name", "zoe");
    await page.fill("#password", "secret");
    await page.tap("button.main");
    await page.waitForURL(url);
    await upload(page, site.path, files);
  });

  browserTest("a page shows how others find it, without a script", {
    ...phone,
    javaScriptEnabled: false,
    args: [everywhere],
    urlOf: printed,
  }, async ({ page, url }) => {
    await page.goto(url);
    assert(!await page.isVisible(".share svg"));
    await page.tap("text=Share this folder");
    assert(await page.isVisible(".share svg"));
    assertEquals(await page.textContent(".share a"), url);
  });
}
