/** The page about the server and the page of an error, in a real Chromium. */

import { assert, assertEquals } from "@std/assert";
import { browserTest } from "./browser.ts";

browserTest("the page about the server tells what is in force, and tries it", {
  args: ["--max-body", "3m", "--idle-timeout", "7s"],
}, async ({ page, url }) => {
  await page.goto(`${url}about`);
  const factOf = (name: string) =>
    page.textContent(`dt:text-is('${name}') + dd`);
  assertEquals(await factOf("Request content"), "3.0 MiB");
  assertEquals(await factOf("Idle between requests"), "7 s");
  assertEquals(
    await factOf("write"),
    "the served directory, and nothing else",
  );
  assertEquals(await factOf("net"), "given up after it started to listen");
  assertEquals(await factOf("run"), "none");
  await page.fill("#text", "é/ü");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=200 OK for GET /echo/%C3%A9%2F%C3%BC");
  assertEquals(
    await page.textContent("[aria-label='Response content']"),
    "é/ü",
  );
  await page.click("form[action='/user-agent'] button");
  await page.waitForSelector("text=200 OK for GET /user-agent");
  assertEquals(
    await page.textContent("[aria-label='Response content']"),
    await page.evaluate(() => navigator.userAgent),
  );
});

browserTest(
  "the page about a server that only reads",
  { mayWrite: false },
  async (
    { page, url },
  ) => {
    await page.goto(`${url}about`);
    assert(await page.isVisible("text=the server is read-only"));
    assertEquals(await page.textContent("dt:text-is('write') + dd"), "nothing");
  },
);

browserTest("without JavaScript the forms lead to the answer", {
  javaScriptEnabled: false,
  // What is no page has no icon.
  expected: /404/,
}, async ({ page, url }) => {
  await page.goto(`${url}about`);
  await page.click("form[action='/user-agent'] button");
  assertEquals(page.url(), `${url}user-agent?`);
  assert((await page.textContent("body"))?.includes("Mozilla"));
});

browserTest("an error is a page that leads on", { expected: /404/ }, async (
  { page, url },
) => {
  const response = await page.goto(`${url}files/none.txt`);
  assertEquals(response?.status(), 404);
  await page.waitForSelector("h1:text-is('Nothing is here')");
  assertEquals(await page.textContent(".asked"), "/files/none.txt");
  await page.click("text=All files");
  assertEquals(page.url(), `${url}files/`);
});
