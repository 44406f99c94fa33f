/** Each page by the rules of axe-core, light and dark, in a real Chromium. */

import { assertEquals } from "@std/assert";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { browserTest, type Scene, type SceneOptions } from "./browser.ts";

/** What is against the rules, if anything is. */
async function violationsOf(page: Page): Promise<unknown[]> {
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
  await evaluate(axe.source);
  const { violations, passes } = await evaluate("axe.run()");
  if (passes.length < 10) throw new Error("The rules did not run");
  return violations.map((
    { id, nodes }: { id: string; nodes: { html: string }[] },
  ) => ({ id, nodes: nodes.map(({ html }) => html) }));
}

async function prepare(files: string): Promise<void> {
  await Deno.mkdir(`${files}/sub`);
  for (const name of ["a.txt", "b.png", "c.zip", "d.mp3", "e.ts"]) {
    await Deno.writeTextFile(`${files}/${name}`, name);
  }
}

const pages: Record<string, SceneOptions & { open: Open }> = {
  "the first page": {
    prepare,
    open: ({ page, url }) => page.goto(url),
  },
  "a page to send files with": {
    args: ["--upload-only"],
    open: ({ page, url }) => page.goto(`${url}?received`),
  },
  "the page about the server": {
    async open({ page, url }) {
      await page.goto(`${url}about`);
      await page.click("text=Send");
      await page.waitForSelector("text=200 OK for GET /echo/hello");
    },
  },
  "a directory": {
    args: ["--delete"],
    prepare,
    open: ({ page, url }) => page.goto(`${url}files/`),
  },
  "an empty directory, read-only": {
    mayWrite: false,
    open: ({ page, url }) => page.goto(`${url}files/`),
  },
  "uploads": {
    prepare,
    expected: /403|412/,
    async open({ page, url, site }) {
      await page.goto(`${url}files/`);
      for (const name of [".hidden", "a.txt", "new.txt"]) {
        await Deno.writeTextFile(`${site.path}/${name}`, "x");
      }
      const paths = [".hidden", "a.txt", "new.txt"].map((name) =>
        `${site.path}/${name}`
      );
      await page.setInputFiles("#pick-input", paths);
      await page.waitForSelector("dialog >> text=Replace the file?");
    },
  },
  "a preview": {
    prepare,
    async open({ page, url }) {
      await page.goto(`${url}files/`);
      await page.focus("a:text-is('a.txt')");
      await page.keyboard.press("Space");
      await page.locator("dialog pre", { hasText: "a.txt" }).waitFor();
    },
  },
  "the help on keys": {
    async open({ page, url }) {
      await page.goto(`${url}files/`);
      await page.keyboard.press("?");
      await page.waitForSelector("dialog");
    },
  },
  "X-ray": {
    args: ["--xray"],
    async open({ page, url }) {
      await page.goto(`${url}xray`);
      await page.click("summary");
      await page.selectOption("#sample", "A space before the colon");
      await page.click("#send button");
      await page.waitForSelector(".part.wrong");
      await page.focus(".part.wrong");
    },
  },
  "a solved lesson": {
    args: ["--learn", "--directory", "./public"],
    async open({ page, url }) {
      await page.goto(`${url}xray`);
      await page.click("text=Hint 1 of 2");
      await page.fill(
        "#octets",
        "GET /echo/hello HTTP/1.1\nHost: localhost\n\n",
      );
      await page.click("#send button.main");
      await page.waitForSelector("text=In browsers and proxies");
    },
  },
  "an error": {
    expected: /404/,
    open: ({ page, url }) => page.goto(`${url}nothing`),
  },
};

type Open = (scene: Scene) => Promise<unknown>;

for (const [name, { open, ...options }] of Object.entries(pages)) {
  for (const colorScheme of ["light", "dark"] as const) {
    browserTest(`axe finds nothing in ${name}, ${colorScheme}`, {
      ...options,
      colorScheme,
    }, async (scene) => {
      await open(scene);
      assertEquals(await violationsOf(scene.page), []);
    });
  }
  browserTest(`${name} fits on a phone`, {
    ...options,
    viewport: { width: 360, height: 740 },
  }, async (scene) => {
    await open(scene);
    const width = await scene.page.evaluate(() =>
      document.documentElement.scrollWidth
    );
    assertEquals(Math.min(width, 360), width);
  });
}
