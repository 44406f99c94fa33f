/** The pages below a path: the test fails if one asks for anything above it. */

import { assertEquals, assertMatch } from "@std/assert";
import { browserTest, choose } from "./browser.ts";

browserTest("below --prefix people list, upload, delete and try", {
  args: ["--prefix", "/sub", "--delete"],
  prepare: async (files) => {
    await Deno.mkdir(`${files}/folder`);
    await Deno.writeTextFile(`${files}/folder/a.txt`, "A");
  },
}, async ({ page, url, files, site }) => {
  assertMatch(url, /\/sub\/$/);
  await page.goto(url);
  await Deno.writeTextFile(`${site.path}/new.txt`, "from a page");
  await page.setInputFiles("#pick-input", `${site.path}/new.txt`);
  await page.waitForSelector("#files a:text-is('new.txt')");
  assertEquals(await Deno.readTextFile(`${files}/new.txt`), "from a page");

  await page.click("#files a:text-is('folder')");
  await page.waitForSelector("#files a:text-is('a.txt')");
  assertEquals(page.url(), `${url}files/folder/`);
  await page.click("#up");
  await page.waitForSelector("#files a:text-is('new.txt')");
  assertEquals(page.url(), `${url}files/`);
  await choose(page, "new.txt", "Delete");
  await page.click("dialog button:text-is('Delete')");
  await page.waitForSelector("#files a:text-is('new.txt')", {
    state: "detached",
  });

  await page.click("nav a:text-is('About')");
  await page.fill("#text", "é/ü");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=200 OK for GET /sub/echo/%C3%A9%2F%C3%BC");
  await page.click("form[action='/sub/user-agent'] button");
  await page.waitForSelector("text=200 OK for GET /sub/user-agent");
});
