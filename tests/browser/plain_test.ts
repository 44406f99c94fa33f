/** All that needs no JavaScript, by somebody who has logged in. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { browserTest, namesIn, textOf } from "./browser.ts";

/** Of the password `secret`, at a low cost. */
const HASH = "$2y$05$KriCGLN/VGmObSUak31Y5ellaQhHh7VxdC6ZbCurAg.YhqZ4mO.Y6";

browserTest("without JavaScript: login, list, upload, download, zip, logout", {
  javaScriptEnabled: false,
  args: ["--auth=users"],
  flags: ["--allow-read=users"],
  expected: /403/,
  prepare: async (files) => {
    await Deno.writeTextFile(`${files}/here.txt`, "content");
    await Deno.writeTextFile(`${files}/../users`, `zoe:${HASH}\n`);
  },
}, async ({ page, url, site, files }) => {
  await page.goto(url);
  assertMatch(page.url(), /\/login\?to=/);
  await page.fill("#name", "zoe");
  await page.fill("#password", "wrong");
  await page.click("button.main");
  assertMatch(await page.textContent("[role=alert]") ?? "", /is wrong/);
  await page.fill("#name", "zoe");
  await page.fill("#password", "secret");
  await page.click("button.main");
  assertEquals(page.url(), url);
  assertEquals(await namesIn(page), ["here.txt"]);

  await Deno.writeTextFile(`${site.path}/new.txt`, "new");
  await page.setInputFiles("input[name=file]:visible", `${site.path}/new.txt`);
  await page.click("form[enctype] button.main");
  assertEquals(await Deno.readTextFile(`${files}/new.txt`), "new");
  await page.goto(url);
  assertEquals(await namesIn(page), ["here.txt", "new.txt"]);

  for (
    const [press, name] of [
      ["tr[data-name='here.txt'] a.download", /^here\.txt$/],
      ["button[name=zip]:visible", /\.zip$/],
    ] as const
  ) {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.locator(press).first().click(),
    ]);
    assertMatch(download.suggestedFilename(), name);
    assert(await textOf(download, site) !== "");
  }

  await page.click(".who summary");
  await page.click(".who button");
  assertEquals(page.url(), `${url}login`);
  await page.goto(url);
  assertMatch(page.url(), /\/login\?to=/);
});
