/** Sharing a file, and who has logged in, in a real Chromium. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { browserTest } from "./browser.ts";

/** Of the password `secret`, at a low cost. */
const HASH = "$2y$05$KriCGLN/VGmObSUak31Y5ellaQhHh7VxdC6ZbCurAg.YhqZ4mO.Y6";

const name = "a ‮<b>.txt";

browserTest("a file is shared: its link, its code, and a link that ends", {
  args: ["--auth=users", "--delete"],
  flags: ["--allow-read=users"],
  permissions: ["clipboard-read", "clipboard-write"],
  prepare: async (files) => {
    await Deno.writeTextFile(`${files}/${name}`, "content");
    await Deno.writeTextFile(`${files}/../users`, `zoe:${HASH}\n`);
  },
}, async ({ page, url, browser }) => {
  await page.goto(`${url}login`);
  await page.fill("#name", "zoe");
  await page.fill("#password", "secret");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${url}files/`);

  await page.locator("td.name a").focus();
  await page.keyboard.press("Shift+F10");
  await page.getByRole("menuitem", { name: "Share" }).click();
  const dialog = page.getByRole("dialog", { name: "Share" });
  const link = dialog.getByLabel("Link", { exact: true });
  const plain = `${url}files/${encodeURIComponent(name)}`;
  assertEquals(await link.inputValue(), plain);
  const code = dialog.getByRole("img", { name: "QR code" });
  const width = await code.evaluate((image: HTMLImageElement) =>
    image.complete && image.naturalWidth
  );
  assert(width, "The code is not shown");
  assert(await dialog.getByText("has to log in").isVisible());

  await dialog.getByLabel("Who can open it").selectOption("86400");
  await dialog.getByText("can download the file until").waitFor();
  const signed = await link.inputValue();
  assertMatch(signed, /\?expires=\d+&signature=/);
  await dialog.getByRole("button", { name: "Copy link" }).click();
  await dialog.getByText("Copied").waitFor();
  assertEquals(
    await page.evaluate(() => navigator.clipboard.readText()),
    signed,
  );
  await page.keyboard.press("Escape");
  assertEquals(await page.locator("dialog").count(), 0);
  assert(
    await page.locator("tr:focus-within").count() === 1,
    "The focus is lost",
  );
  const stranger = await browser.newContext();
  const opened = await (await stranger.newPage()).goto(signed);
  assertEquals(await opened?.text(), "content");
  await stranger.close();

  // The head says who this is, and what they may do here.
  await page.locator(".who summary").focus();
  await page.keyboard.press("Enter");
  assertEquals(await page.textContent(".who bdi"), "zoe");
  assertEquals(
    await page.textContent(".who p"),
    "Here you may download, upload, move and delete.",
  );
  await page.getByRole("button", { name: "Log out" }).click();
  await page.waitForURL(`${url}login`);
  await page.goto(url);
  assertMatch(page.url(), /\/login\?to=/);
});
