/** Texts that are edited in their preview, in a real Chromium. */

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest } from "./browser.ts";

/** Long enough that it is compressed on the way. */
const long = Array.from({ length: 3000 }, (_, at) => `line ${at}\r\n`).join("");

async function prepare(files: string): Promise<void> {
  await Deno.writeTextFile(`${files}/a.txt`, "one\ntwo\nthree\n");
  await Deno.writeTextFile(`${files}/empty.txt`, "");
  await Deno.writeTextFile(`${files}/long.csv`, long);
  await Deno.writeFile(`${files}/latin.txt`, new Uint8Array([0x63, 0xe9]));
}

const area = "dialog textarea.editor-text";

async function edit(page: Page, name: string): Promise<void> {
  await page.focus(`#files [data-name="${name}"] td.name a`);
  await page.keyboard.press("e");
  await page.waitForSelector(`${area}:not([readonly])`);
}

function saved(page: Page, name: string): Promise<unknown> {
  return page.waitForSelector(`.editor-state:text-is("Saved ${name}")`);
}

async function close(page: Page): Promise<void> {
  await page.click("dialog.preview-dialog >> [aria-label=Close]");
  await page.waitForSelector("dialog", { state: "detached" });
}

browserTest("a text is edited and saved", { prepare }, async (
  { page, url, files },
) => {
  await page.goto(`${url}files/`);
  await edit(page, "a.txt");
  assertEquals(await page.inputValue(area), "one\ntwo\nthree\n");
  await page.keyboard.type("zero\n");
  await page.waitForSelector("text=Not saved");
  await page.keyboard.press("Control+s");
  await saved(page, "a.txt");
  const text = () => Deno.readTextFile(`${files}/a.txt`);
  assertEquals(await text(), "zero\none\ntwo\nthree\n");
  // The arrows are of the text now, and saving goes on with the new version.
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type("!");
  await page.click("dialog button:text-is('Save')");
  await saved(page, "a.txt");
  assertEquals(await text(), "zero\no!ne\ntwo\nthree\n");

  // Each way to leave asks.
  await page.keyboard.type("?");
  for (
    const leave of [
      () => page.keyboard.press("Escape"),
      () => page.mouse.click(3, 3),
      () => page.click("dialog >> text=Close editor"),
    ]
  ) {
    await leave();
    await page.click("dialog >> text=Keep editing");
    await page.waitForSelector(`${area}:focus`);
  }
  const asked = new Promise<string>((resolve) =>
    page.once("dialog", async (dialog) => {
      await dialog.dismiss();
      resolve(dialog.type());
    })
  );
  await page.reload().catch(() => {});
  assertEquals(await asked, "beforeunload");
  await page.keyboard.press("Escape");
  await page.click("dialog >> text=Discard changes");
  await page.waitForSelector("dialog", { state: "detached" });
  assertEquals(await text(), "zero\no!ne\ntwo\nthree\n");
  await edit(page, "a.txt");
  await page.keyboard.type("X");
  await page.keyboard.press("Escape");
  await page.click("dialog:last-of-type button.main:text-is('Save')");
  await page.waitForSelector("dialog", { state: "detached" });
  assertEquals(await text(), "Xzero\no!ne\ntwo\nthree\n");

  // The ends of lines stay, and so does what can be lost.
  await edit(page, "long.csv");
  await page.keyboard.type("new\n");
  await page.keyboard.press("Control+s");
  await saved(page, "long.csv");
  assertEquals(await Deno.readTextFile(`${files}/long.csv`), `new\r\n${long}`);
  await close(page);
  await edit(page, "empty.txt");
  await page.keyboard.type("no longer");
  await page.keyboard.press("Control+s");
  await saved(page, "empty.txt");
  assertEquals(await Deno.readTextFile(`${files}/empty.txt`), "no longer");
  await close(page);
  await page.focus(`#files [data-name="latin.txt"] td.name a`);
  await page.keyboard.press("e");
  await page.waitForSelector("text=This is not a text in UTF-8.");
  assertEquals(await page.locator(area).count(), 0);
});

browserTest("what somebody else has changed is a question", {
  prepare,
  expected: /412|404/,
}, async ({ page, url, files }) => {
  const path = `${files}/a.txt`;
  const theirs = async (text: string) => {
    const { ok, body } = await fetch(`${url}files/a.txt`, {
      method: "PUT",
      body: text,
    });
    await body?.cancel();
    assert(ok);
  };
  const question = "text=is not what it was when you began";
  await page.goto(`${url}files/`);
  await edit(page, "a.txt");
  await page.keyboard.type("mine ");
  await theirs("one\nTHEIRS\nthree\n");
  await page.keyboard.press("Control+s");
  await page.waitForSelector(question);
  assertEquals(
    await page.locator(".versions mark").allTextContents(),
    ["mine one\ntwo\n", "one\nTHEIRS\n"],
  );
  await page.keyboard.press("Escape");
  await page.waitForSelector(`${area}`);
  assertEquals(await page.inputValue(area), "mine one\ntwo\nthree\n");
  assertEquals(await Deno.readTextFile(path), "one\nTHEIRS\nthree\n");

  await page.click("dialog button:text-is('Save')");
  await page.click("dialog >> text=Keep mine");
  await saved(page, "a.txt");
  assertEquals(await Deno.readTextFile(path), "mine one\ntwo\nthree\n");

  await theirs("again\n");
  await page.focus(area);
  await page.keyboard.type("more ");
  await page.keyboard.press("Control+s");
  await page.click("dialog >> text=Take theirs");
  await page.waitForFunction(
    (area) =>
      document.querySelector<HTMLTextAreaElement>(area)?.value === "again\n",
    area,
  );
  // It can still be undone.
  await page.keyboard.press("Control+z");
  assert((await page.inputValue(area)).includes("mine"));

  await theirs("once more\n");
  await page.keyboard.press("Control+s");
  await page.click("dialog >> text=Save as another file");
  await page.fill("#dialog-text", "empty.txt");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=There is already a file “empty.txt”.");
  await page.fill("#dialog-text", "b.txt");
  await page.keyboard.press("Enter");
  await saved(page, "b.txt");
  assertEquals(await Deno.readTextFile(path), "once more\n");
  assert((await Deno.readTextFile(`${files}/b.txt`)).includes("mine"));
  await page.waitForSelector(`#files [data-name="b.txt"]`);
  await close(page);

  await edit(page, "a.txt");
  await page.keyboard.type("kept ");
  await Deno.remove(path);
  await page.keyboard.press("Control+s");
  await page.waitForSelector("text=was deleted or renamed");
  await page.click("dialog >> text=Save it again");
  await saved(page, "a.txt");
  assertEquals(await Deno.readTextFile(path), "kept once more\n");
});

browserTest("a reader edits nothing", { prepare, mayWrite: false }, async (
  { page, url },
) => {
  await page.goto(`${url}files/`);
  await page.focus(`#files [data-name="a.txt"] td.name a`);
  await page.keyboard.press("e");
  await page.keyboard.press("Space");
  await page.waitForSelector("dialog pre:has-text('two')");
  assert(!await page.isVisible("dialog >> text=Edit"));
});
