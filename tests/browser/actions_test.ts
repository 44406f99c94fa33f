/** What is done with files on the page, one or several, in a real Chromium. */

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, choose, namesIn, textOf } from "./browser.ts";

async function prepare(files: string): Promise<void> {
  for (const name of ["photos/raw", "talks"]) {
    await Deno.mkdir(`${files}/${name}`, { recursive: true });
  }
  for (const name of ["a", "b", "c", "d"]) {
    await Deno.writeTextFile(`${files}/${name}.txt`, name.repeat(300));
  }
  for (let at = 0; at < 5; at++) {
    await Deno.writeTextFile(`${files}/photos/raw/${at}.txt`, "12345");
  }
}

const args = ["--delete"];

const selected = (page: Page) =>
  page.locator("tr.selected td.name a").allTextContents();
const link = (name: string) => `td.name a:text-is('${name}')`;

browserTest("several are selected, and downloaded as one archive", {
  args,
  prepare,
  permissions: ["clipboard-read", "clipboard-write"],
}, async ({ page, url, site }) => {
  await page.goto(`${url}files/`);
  await page.click("[aria-label='Select b.txt']");
  await page.click("[aria-label='Select d.txt']", { modifiers: ["Shift"] });
  assertEquals(await selected(page), ["b.txt", "c.txt", "d.txt"]);
  await page.getByText("3 selected 900 B").waitFor();
  await page.keyboard.press("Escape");
  assertEquals(await selected(page), []);
  await page.keyboard.press("Control+a");
  assertEquals((await selected(page)).length, 6);
  await page.click("#select-all");
  assertEquals(await selected(page), []);
  // By keys alone.
  await page.focus(link("a.txt"));
  await page.keyboard.press("x");
  await page.keyboard.press("Shift+ArrowDown");
  assertEquals(await selected(page), ["a.txt", "b.txt"]);
  await page.click("[aria-label='Select b.txt']");
  assertEquals(await page.textContent(".selected-count"), "1 selected 300 B");
  await page.click("[aria-label='Select talks']");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.click("#selection-bar >> text=Download as zip"),
  ]);
  assertEquals(download.suggestedFilename(), "files.zip");
  const zip = await textOf(download, site);
  const has = ["a.txt", "talks/", "b.txt", "photos"].map((name) =>
    zip.includes(name)
  );
  assertEquals(has, [true, true, false, false]);
  await page.click("#selection-bar >> text=Copy links");
  await page.getByText("Copied 2 links").waitFor();
  assertEquals(
    await page.evaluate(() => navigator.clipboard.readText()),
    `${url}files/talks/\n${url}files/a.txt`,
  );
});

browserTest("what is deleted comes back if that is undone", {
  args,
  prepare,
  expected: /409/,
}, async ({ page, url, files }) => {
  await page.goto(`${url}files/`);
  for (const name of ["photos", "a.txt"]) {
    await page.click(`[aria-label='Select ${name}']`);
  }
  await page.keyboard.press("Delete");
  const dialog = page.locator("dialog");
  await dialog.getByText("Delete 2 items?").waitFor();
  await dialog.getByText("6 files, 325 B.").waitFor();
  await page.keyboard.press("Escape");
  assertEquals((await namesIn(page)).length, 6);
  await page.keyboard.press("Delete");
  await dialog.getByText("Delete", { exact: true }).click();
  await page.getByText("Deleted 2 items").waitFor();
  const left = ["talks", "b.txt", "c.txt", "d.txt"];
  assertEquals(await namesIn(page), left);
  const onDisk = async () =>
    (await Array.fromAsync(Deno.readDir(files))).map(({ name }) => name)
      .filter((name) => !name.startsWith(".")).sort();
  assertEquals(await onDisk(), left.toSorted());
  await page.click("#status button:text-is('Undo')");
  await page.getByText("Restored 2 items").waitFor();
  assertEquals((await namesIn(page)).length, 6);
  assertEquals((await onDisk()).length, 6);
  assertEquals(await Deno.readTextFile(`${files}/photos/raw/3.txt`), "12345");

  // Something else has the name by now.
  await choose(page, "c.txt", "Delete");
  await dialog.getByText("Delete", { exact: true }).click();
  await page.getByText("Deleted c.txt").waitFor();
  await Deno.writeTextFile(`${files}/c.txt`, "new");
  await page.keyboard.press("Control+z");
  await dialog.getByText("Restore under another name").waitFor();
  await page.keyboard.type("old c.txt");
  await page.keyboard.press("Enter");
  await page.getByText("Restored old c.txt").waitFor();
  assertEquals(await Deno.readTextFile(`${files}/c.txt`), "new");
  assertEquals(await Deno.readTextFile(`${files}/old c.txt`), "c".repeat(300));
});

browserTest("a name is changed in its place", {
  args,
  prepare,
  expected: /412/,
}, async ({ page, url, files }) => {
  await page.goto(`${url}files/`);
  await page.focus(link("a.txt"));
  await page.keyboard.press("F2");
  // The name is selected without its extension.
  await page.keyboard.type("b");
  await page.keyboard.press("Enter");
  await page.getByText("There is already something named “b.txt”").waitFor();
  const input = page.locator(".rename input");
  assertEquals(await input.inputValue(), "b.txt");
  assertEquals(await Deno.readTextFile(`${files}/b.txt`), "b".repeat(300));
  await input.fill("x/y");
  await page.keyboard.press("Enter");
  await page.getByText("A name cannot contain a slash").waitFor();
  await input.fill("..");
  await page.keyboard.press("Enter");
  await page.getByText("“.” and “..” stand for folders").waitFor();
  await input.fill("ä #1%.txt");
  await page.keyboard.press("Enter");
  await page.getByText("Renamed to ä #1%.txt").waitFor();
  assertEquals(
    await page.evaluate(() => document.activeElement?.textContent),
    "ä #1%.txt",
  );
  assertEquals(await Deno.readTextFile(`${files}/ä #1%.txt`), "a".repeat(300));
  await page.keyboard.press("Control+z");
  await page.waitForSelector(link("a.txt"));
  // So does what was typed for a new folder.
  await page.click("#upload-menu");
  await page.click(".menu >> text=New folder");
  await page.keyboard.type("photos");
  await page.keyboard.press("Enter");
  await page.getByText("There is already a folder photos").waitFor();
  assertEquals(await page.inputValue("#dialog-text"), "photos");
  await page.fill("#dialog-text", "..");
  await page.keyboard.press("Enter");
  await page.getByText("“.” and “..” stand for folders").waitFor();
  await page.keyboard.press("Escape");
  await page.focus(link("talks"));
  await page.keyboard.press("F2");
  await page.click(".rename input");
  assertEquals(await selected(page), []);
  await page.keyboard.type("x");
  await page.keyboard.press("Escape");
  assertEquals(await page.locator(".rename").count(), 0);
  assertEquals((await namesIn(page)).slice(0, 3), ["photos", "talks", "a.txt"]);
});

browserTest("files are moved by a dialog, and by dragging them", {
  args,
  prepare: async (files) => {
    await prepare(files);
    await Deno.writeTextFile(`${files}/talks/a.txt`, "other");
  },
  expected: /412/,
}, async ({ page, url, files }) => {
  await page.goto(`${url}files/`);
  await page.click("[aria-label='Select a.txt']");
  await page.click("[aria-label='Select b.txt']");
  await page.keyboard.press("m");
  const dialog = page.locator("dialog");
  await dialog.getByText("talks").click();
  await dialog.getByText("No folders in here.").waitFor();
  await dialog.getByText("Move here").click();
  // One is moved, and of the other it is said why not.
  await dialog.getByText("a.txt was not moved").waitFor();
  assertEquals(await Deno.readTextFile(`${files}/talks/a.txt`), "other");
  await dialog.getByText("files", { exact: true }).click();
  await dialog.getByText("photos").click();
  await dialog.getByText("raw").click();
  await dialog.getByText("No folders in here.").waitFor();
  await page.keyboard.press("Escape");
  assertEquals(await namesIn(page), [
    "photos",
    "talks",
    "a.txt",
    "c.txt",
    "d.txt",
  ]);

  await page.keyboard.press("Escape");
  await page.click("[aria-label='Select c.txt']");
  await page.click("[aria-label='Select d.txt']");
  await page.dragAndDrop(link("c.txt"), link("photos"));
  await page.getByText("Moved 2 items to photos").waitFor();
  assertEquals(await namesIn(page), ["photos", "talks", "a.txt"]);
  await page.click("#status button:text-is('Undo')");
  await page.getByText("Moved 2 items back").waitFor();
  await page.dragAndDrop(link("d.txt"), link("photos"));
  await page.getByText("Moved d.txt to photos").waitFor();
  await page.click(link("photos"));
  await page.waitForSelector(link("d.txt"));
  await page.dragAndDrop(link("d.txt"), ".crumbs a:text-is('files')");
  await page.getByText("Moved d.txt to files").waitFor();
  assertEquals(await Deno.readTextFile(`${files}/d.txt`), "d".repeat(300));
});

browserTest("on a phone one menu a row does what the desk does", {
  args,
  prepare,
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
}, async ({ page, url }) => {
  await page.goto(`${url}files/`);
  const row = page.locator("tr[data-name='a.txt']");
  for (const part of ["td.size", "td.modified", ".more"]) {
    assert(await row.locator(part).isVisible(), `${part} is hidden`);
  }
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("#bar button, #files button, #filter")]
      .map((each) => ({ each, box: each.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && box.height > 0)
      .filter(({ box }) => box.width < 44 || box.height < 44)
      .map(({ each }) => each.outerHTML)
  );
  assertEquals(small, []);
  await row.locator(".more").tap();
  const items = await page.locator(".menu button span").allTextContents();
  const wanted = "Preview,Download,Copy link,Rename,Move to…,Delete,Select";
  const missing = wanted.split(",").filter((each) => !items.includes(each));
  assertEquals(missing, []);
  await page.tap(".menu >> text=Select");
  assertEquals(await selected(page), ["a.txt"]);
  // While something is selected, a touch selects.
  await page.tap(link("b.txt"));
  assertEquals(await selected(page), ["a.txt", "b.txt"]);
  await page.tap("[aria-label='Clear the selection']");
  const box = (await page.locator(link("c.txt")).boundingBox())!;
  const session = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchEnd", ...touchPoints: object[]) =>
    session.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: touchPoints as { x: number; y: number }[],
    });
  await touch("touchStart", { x: box.x + 20, y: box.y + 10 });
  await page.waitForSelector("tr.selected");
  await touch("touchEnd");
  assertEquals(await selected(page), ["c.txt"]);
  await page.tap("[aria-label='Clear the selection']");
  await page.tap("#sort-menu");
  await page.tap(".menu >> text=Size");
  assertEquals(new URL(page.url()).search, "?sort=size&order=asc");
  assertEquals(new URL(page.url()).pathname, "/files/");
});

browserTest("a right click opens the menu of a row", {
  args,
  prepare,
}, async ({ page, url }) => {
  await page.goto(`${url}files/`);
  const icon = () =>
    page.locator("[aria-label='More actions for a.txt']").evaluate((button) =>
      getComputedStyle(button, "::before").content
    );
  assertEquals(await icon(), "none");
  await page.hover(link("a.txt"));
  assertEquals(await icon(), '""');
  await page.click(link("a.txt"), { button: "right" });
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  assertEquals(await selected(page), ["a.txt"]);
  // The key for it; the focus is where it was, afterwards.
  await page.focus(link("b.txt"));
  await page.keyboard.press("Shift+F10");
  await page.waitForSelector(".menu");
  await page.keyboard.press("Escape");
  assertEquals(await page.locator(".menu").count(), 0);
});

browserTest("a double click in a dialog reaches nothing below it", {
  args,
  prepare,
}, async ({ page, url }) => {
  await page.goto(`${url}files/`);
  await page.focus(link("d.txt"));
  await page.keyboard.press("Delete");
  const button = page.locator("dialog button:text-is('Delete')");
  const box = await button.boundingBox();
  assert(box);
  // Whatever is below the button is a link.
  await page.locator(link("a.txt")).evaluate((link) => {
    const copy = link.cloneNode() as HTMLElement;
    copy.style.position = "fixed";
    copy.style.inset = "0";
    document.body.append(copy);
  });
  await page.mouse.dblclick(box.x + 10, box.y + 10, { delay: 60 });
  await page.getByText("Deleted d.txt").waitFor();
  assertEquals(page.url(), `${url}files/`);
});

browserTest("what is wrong with a name is seen at the end of the window", {
  args,
  prepare,
  viewport: { width: 390, height: 500 },
  expected: /412/,
}, async ({ page, url }) => {
  await page.goto(`${url}files/`);
  const row = page.locator("tr", { has: page.locator(link("d.txt")) });
  await row.evaluate((row) => row.scrollIntoView({ block: "end" }));
  await page.focus(link("d.txt"));
  await page.keyboard.press("F2");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("a.txt");
  await page.keyboard.press("Enter");
  const refusal = page.locator("p.refusal");
  await refusal.waitFor();
  const box = await refusal.boundingBox();
  assert(box && box.y >= 0 && box.y + box.height <= 500, JSON.stringify(box));
});

browserTest(
  "keys act on the tile that has the focus",
  { args, prepare },
  async (
    { page, url, files },
  ) => {
    await page.goto(`${url}files/`);
    await page.click(".view-switch button >> nth=1");
    await page.focus(`#grid [data-name="a.txt"] a`);
    await page.keyboard.press("F2");
    await page.fill("#grid .rename input", "other.txt");
    await page.keyboard.press("Enter");
    await page.waitForSelector(`#grid [data-name="other.txt"] a:focus`);
    assertEquals(
      await Deno.readTextFile(`${files}/other.txt`),
      "a".repeat(300),
    );

    await page.focus(`#grid [data-name="b.txt"] a`);
    await page.keyboard.press("x");
    await page.waitForSelector(`#grid [data-name="b.txt"].selected`);
    assertEquals(await page.locator(".tile.selected").count(), 1);
    await page.keyboard.press("Delete");
    await page.click("dialog button:text-is('Delete')");
    await page.getByText("Deleted b.txt").waitFor();
    await page.waitForSelector("#grid .tile a:focus");
    assertEquals(
      await namesIn(page).then((names) => names.includes("b.txt")),
      false,
    );
  },
);
