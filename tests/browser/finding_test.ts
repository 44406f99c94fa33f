/** Searching below a folder, and a list that follows the disk, in a real Chromium. */

import { assert, assertEquals } from "@std/assert";
import { browserTest, namesIn, textOf } from "./browser.ts";

async function prepare(files: string): Promise<void> {
  await Deno.mkdir(`${files}/sub/deep`, { recursive: true });
  for (const name of ["note.txt", "sub/Note 2.txt", "sub/deep/other.txt"]) {
    await Deno.writeTextFile(`${files}/${name}`, name);
  }
}

browserTest("names below are found, each with its folder", { prepare }, async (
  { page, url },
) => {
  await page.goto(`${url}files/`);
  await page.fill("#filter", "note");
  await page.click("#search-below");
  await page.getByText("2 found.").waitFor();
  const hits = await page.locator(".hits li").evaluateAll((rows) =>
    rows.map((row) => [...row.querySelectorAll("a")].map((a) => a.textContent))
  );
  assertEquals(hits.toSorted(), [["Note 2.txt", "sub"], [
    "note.txt",
    "This folder",
  ]]);
  assert(!await page.isVisible("#files"));
  await page.click(".hits a:text-is('sub')");
  assertEquals(page.url(), `${url}files/sub/`);
  await page.goBack();
  await page.getByText("2 found.").waitFor();
  await page.fill("#filter", "");
  assert(await page.isVisible("#files"));
  await page.fill("#filter", "nowhere");
  await page.click("#search-below");
  await page.getByText("Nothing named “nowhere” here or below").waitFor();
  await page.click("text=Back to the list");
  assert(!page.url().includes("#"));
});

browserTest("the list follows the disk, and loses nothing", {
  prepare,
  args: ["--delete"],
}, async ({ page, url, files, browser }) => {
  const answers: number[] = [];
  page.on("response", (response) => {
    if (response.url() === `${url}files/?limit=999999999`) {
      answers.push(response.status());
    }
  });
  await page.goto(`${url}files/`);
  await page.click("[aria-label='Select note.txt']");
  await page.click("[aria-label='More actions for sub']");
  await page.waitForSelector(".menu");
  await Deno.writeTextFile(`${files}/a new one.txt`, "new");
  await page.waitForSelector("td.name a:text-is('a new one.txt')");
  assertEquals(await namesIn(page), ["sub", "a new one.txt", "note.txt"]);
  assert(await page.isVisible(".menu"));
  assertEquals(await page.locator("tr.selected").count(), 1);
  await page.keyboard.press("Escape");
  await page.focus("td.name a:text-is('note.txt')");
  await Deno.writeTextFile(`${files}/note.txt`, "longer than it was");
  await page.waitForSelector("tr[data-name='note.txt'] >> text=18 B");
  assertEquals(
    await page.evaluate(() => document.activeElement?.textContent),
    "note.txt",
  );
  await Deno.remove(`${files}/a new one.txt`);
  await page.waitForSelector("td.name a:text-is('a new one.txt')", {
    state: "detached",
  });
  // Nothing changes, and nothing is sent again.
  const before = answers.length;
  await page.waitForResponse((response) => response.status() === 304);
  assert(answers.slice(before).every((status) => status === 304));
  await browser.close();
});

browserTest("a page that is not looked at asks nothing", { prepare }, async (
  { page, url },
) => {
  await page.clock.install();
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().includes("limit=")) asked++;
  });
  await page.goto(`${url}files/`);
  await page.waitForSelector(".more");
  const show = (isHidden: boolean) =>
    page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { configurable: true, value });
      document.dispatchEvent(new Event("visibilitychange"));
    }, isHidden);
  await show(true);
  const before = asked;
  await page.clock.runFor(60_000);
  assertEquals(asked, before);
  await Promise.all([page.waitForRequest(/limit=/), show(false)]);
});

browserTest("without JavaScript chosen names come as one archive", {
  prepare,
  javaScriptEnabled: false,
}, async ({ page, url, site }) => {
  await page.goto(`${url}files/`);
  await page.click("[aria-label='Select note.txt']");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.click("text=Download as zip"),
  ]);
  const zip = await textOf(download, site);
  assertEquals([zip.includes("note.txt"), zip.includes("sub")], [true, false]);
  await page.fill("#search", "note");
  await page.click("button:text-is('Search')");
  await page.waitForSelector("text=2 names found.");
});
