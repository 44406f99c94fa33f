/**
 * Each page in each of its states by the rules of axe-core: light and dark, on a
 * desk and on a phone, where nothing is wider than the window; and what the Tab
 * key reaches. One server and one page for all states that can share them.
 */

import { assertEquals } from "@std/assert";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { browserTest, type Scene, type SceneOptions } from "./browser.ts";

/** Of the password `secret`, at a low cost. */
const HASH = "$2y$05$KriCGLN/VGmObSUak31Y5ellaQhHh7VxdC6ZbCurAg.YhqZ4mO.Y6";

const allRules = "axe.run()";
/** The only rules for which it matters how light the page is. */
const ofColors = `axe.run({
  runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] },
})`;

/** How a page is looked at. */
const views = [
  { width: 1280, height: 800, colorScheme: "light", rules: allRules },
  { width: 1280, height: 800, colorScheme: "dark", rules: ofColors },
  { width: 360, height: 740, colorScheme: "light", rules: allRules },
  { width: 360, height: 740, colorScheme: "dark", rules: ofColors },
] as const;

/** What is against the rules, if anything is. */
async function violationsOf(page: Page, rules: string): Promise<unknown[]> {
  // As a tool of the browser, to which the page's policy does not apply.
  const session = await page.context().newCDPSession(page);
  const evaluate = async (expression: string) => {
    const { result, exceptionDetails } = await session.send(
      "Runtime.evaluate",
      { expression, awaitPromise: true, returnByValue: true },
    );
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result.value;
  };
  if (!await evaluate("'axe' in window")) await evaluate(axe.source);
  const { violations, passes } = await evaluate(rules);
  if (passes.length === 0) throw new Error("The rules did not run");
  await session.detach();
  return violations.map((
    { id, nodes }: { id: string; nodes: { html: string }[] },
  ) => ({ id, nodes: nodes.map(({ html }) => html) }));
}

/** What is wrong with a page as it is now, in each view. */
async function look(page: Page): Promise<Record<string, unknown>> {
  const wrong: Record<string, unknown> = {};
  for (const { width, height, colorScheme, rules } of views) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    const view = `${colorScheme}, ${width} wide`;
    const violations = await violationsOf(page, rules);
    if (violations.length > 0) wrong[view] = violations;
    const needed = await page.evaluate(() =>
      document.documentElement.scrollWidth
    );
    if (needed > width) wrong[`${view} needs`] = needed;
  }
  await page.setViewportSize(views[0]);
  return wrong;
}

type Open = (scene: Scene) => Promise<unknown>;

/** Opens each state after the other, in one page of one server. */
function states(
  name: string,
  options: SceneOptions,
  all: Record<string, Open>,
): void {
  browserTest(`axe finds nothing in ${name}`, options, async (scene) => {
    const wrong: Record<string, unknown> = {};
    for (const [state, open] of Object.entries(all)) {
      await open(scene);
      const found = await look(scene.page);
      if (Object.keys(found).length > 0) wrong[state] = found;
    }
    assertEquals(wrong, {});
  });
}

async function prepare(files: string): Promise<void> {
  await Deno.mkdir(`${files}/sub`);
  for (const name of ["a.txt", "b.png", "c.zip", "d.mp3", "e.ts"]) {
    await Deno.writeTextFile(`${files}/${name}`, name);
  }
}

async function openList({ page, url }: Scene): Promise<void> {
  await page.goto(`${url}files/`);
}

/** Opens the menu of a row by the keyboard. */
async function openRowMenu(scene: Scene): Promise<void> {
  await openList(scene);
  await scene.page.focus("a:text-is('a.txt')");
  await scene.page.keyboard.press("Shift+F10");
  await scene.page.waitForSelector("[role=menu]");
}

states("the list and what is done there", {
  args: ["--delete"],
  prepare,
  expected: /403|404|412/,
}, {
  "the first page": ({ page, url }) => page.goto(url),
  "a folder": openList,
  "the menu of a row": openRowMenu,
  async "a selection"(scene) {
    await openList(scene);
    await scene.page.focus("a:text-is('a.txt')");
    await scene.page.keyboard.press("Control+a");
    await scene.page.waitForSelector(".selection-actions");
  },
  async "the dialog to share"(scene) {
    await openRowMenu(scene);
    await scene.page.getByRole("menuitem", { name: "Share" }).click();
    await scene.page.waitForSelector("dialog img[src]");
  },
  async "the question before a deletion"(scene) {
    await openList(scene);
    await scene.page.focus("a:text-is('sub')");
    await scene.page.keyboard.press("Delete");
    await scene.page.waitForSelector("dialog");
  },
  async "a deletion that can be undone"({ page }) {
    await page.locator("dialog").getByRole("button", { name: "Delete" })
      .click();
    await page.getByRole("button", { name: "Undo" }).waitFor();
  },
  async "a preview"(scene) {
    await openList(scene);
    await scene.page.focus("a:text-is('a.txt')");
    await scene.page.keyboard.press("Space");
    await scene.page.locator("dialog pre", { hasText: "a.txt" }).waitFor();
  },
  async "the help on keys"(scene) {
    await openList(scene);
    await scene.page.keyboard.press("?");
    await scene.page.waitForSelector("dialog");
  },
  async "uploads, and a conflict"(scene) {
    const { page, site } = scene;
    await openList(scene);
    const names = [".hidden", "a.txt", "new.txt"];
    for (const name of names) {
      await Deno.writeTextFile(`${site.path}/${name}`, "x");
    }
    const paths = names.map((name) => `${site.path}/${name}`);
    await page.setInputFiles("#pick-input", paths);
    await page.waitForSelector("dialog");
  },
  async "the page about the server"({ page, url }) {
    await page.goto(`${url}about`);
    await page.click("text=Send");
    await page.waitForSelector("text=200 OK for GET /echo/hello");
    for (const title of ["All limits", "What the server"]) {
      await page.click(`summary:has-text('${title}')`);
    }
  },
  "a page for what is not there": ({ page, url }) =>
    page.goto(`${url}files/b/${"long".repeat(50)}/c`),
});

states("a page to send files with", { args: ["--upload-only"] }, {
  "it": ({ page, url }) => page.goto(`${url}?received`),
  "the page about the server": ({ page, url }) => page.goto(`${url}about`),
});

states("a server that is read-only", { mayWrite: false }, {
  "an empty folder": openList,
  "the page about the server": ({ page, url }) => page.goto(`${url}about`),
});

states("X-ray", { args: ["--xray"] }, {
  async "a wrong request"({ page, url }) {
    await page.goto(`${url}xray`);
    await page.click("summary");
    await page.selectOption("#sample", "A space before the colon");
    await page.click("#send button.main");
    await page.waitForSelector(".part.wrong");
    await page.focus(".part.wrong");
  },
  async "the replay of the parser"({ page }) {
    await page.click(".toolbar >> text=Hex");
    await page.click(".toolbar >> text=Replay");
    await page.waitForSelector(".facts dd");
  },
  async "a connection"({ page }) {
    await page.click(".toolbar >> text=Connection");
    await page.waitForSelector(".timeline");
  },
  async "a request as commands"({ page }) {
    await page.click("text=Copy as");
    await page.waitForSelector("dialog pre");
  },
});

states("a lesson", { args: ["--learn", "--directory", "./public"] }, {
  async "that is solved"({ page, url }) {
    await page.goto(`${url}xray`);
    await page.click("text=Hint 1 of 2");
    await page.fill(
      "#octets",
      "GET /echo/hello HTTP/1.1\nHost: localhost\n\n",
    );
    await page.click("#send button.main");
    await page.waitForSelector("text=In browsers and proxies");
  },
});

states("the pages of a login", {
  args: ["--auth=users", "--delete"],
  flags: ["--allow-read=users"],
  expected: /403/,
  prepare: async (files) => {
    await prepare(files);
    const line = `zoe:${HASH}:/=read /sub=read,write\n`;
    await Deno.writeTextFile(`${files}/../users`, line);
  },
}, {
  "the form": ({ page, url }) => page.goto(`${url}login`),
  async "a wrong password"({ page }) {
    await page.fill("#name", "zoe");
    await page.fill("#password", "wrong");
    await page.keyboard.press("Enter");
    await page.waitForSelector("[role=alert]");
  },
  async "who has logged in"({ page, url }) {
    await page.fill("#name", "zoe");
    await page.fill("#password", "secret");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${url}files/`);
    await page.click(".who summary");
  },
  async "a link that ends"(scene) {
    await openRowMenu(scene);
    await scene.page.getByRole("menuitem", { name: "Share" }).click();
    await scene.page.selectOption("#share-who", "3600");
    await scene.page.waitForSelector("text=can download the file until");
  },
});

/** What one can use on a page, and which of it the Tab key did not reach. */
async function unreached(page: Page): Promise<string[]> {
  await page.evaluate(() => {
    const all = document.querySelectorAll<HTMLElement>(
      "a[href], button, input, select, textarea, summary, [tabindex]",
    );
    for (const each of all) {
      const isUsable = each.tabIndex >= 0 && !each.matches(":disabled") &&
        each.checkVisibility({ visibilityProperty: true }) &&
        each.getAttribute("type") !== "hidden";
      if (isUsable) each.dataset.unreached = "";
    }
  });
  const count = await page.locator("[data-unreached]").count();
  for (let step = 0; step < count + 3; step++) {
    await page.keyboard.press("Tab");
    await page.evaluate(() => {
      const { activeElement: active } = document;
      if (!(active instanceof HTMLElement) || active === document.body) return;
      const { outlineStyle, boxShadow } = getComputedStyle(active);
      const isSeen = outlineStyle !== "none" || boxShadow !== "none";
      if (isSeen) delete active.dataset.unreached;
    });
  }
  return await page.$$eval(
    "[data-unreached]",
    (all) => all.map(({ outerHTML }) => outerHTML),
  );
}

browserTest("the Tab key reaches everything, and shows where it is", {
  args: ["--delete"],
  prepare,
  expected: /404/,
}, async ({ page, url }) => {
  for (const path of ["files/", "about", "files/none/more"]) {
    await page.goto(url + path);
    assertEquals(await unreached(page), [], path);
  }
});
