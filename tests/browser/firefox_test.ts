/** The main paths of the pages in Debian's Firefox, driven by WebDriver BiDi. */

import { assert, assertEquals } from "@std/assert";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { type RunningCommand, Site, startCommand } from "../cli/command.ts";

const executablePath = "/usr/bin/firefox-esr";
const hasFirefox = await Deno.stat(executablePath).then(
  () => true,
  () => false,
);

/** A browser that does not call home, and saves what it downloads in a folder. */
function launch(downloads: string): Promise<Browser> {
  return puppeteer.launch({
    browser: "firefox",
    executablePath,
    extraPrefsFirefox: {
      "browser.download.folderList": 2,
      "browser.download.dir": downloads,
      // The panel would take the focus.
      "browser.download.alwaysOpenPanel": false,
      "browser.download.always_ask_before_handling_new_types": false,
      "browser.helperApps.neverAsk.saveToDisk": "text/plain",
    },
  });
}

/** What the steps share. */
interface Scene {
  page: Page;
  /** Opens another one. */
  newPage: () => Promise<Page>;
  url: string;
  files: string;
  downloads: string;
}

const namesIn = (page: Page): Promise<string[]> =>
  page.$$eval(
    "#files td.name a",
    (links) => links.map(({ textContent }) => textContent ?? ""),
  );

/** Waits until the names in the list are these, in any order. */
async function untilNames(page: Page, names: string[]): Promise<void> {
  await page.waitForFunction(
    (expected) =>
      [...document.querySelectorAll("#files td.name a")]
        .map(({ textContent }) => textContent).sort().join() === expected,
    {},
    names.toSorted().join(),
  );
}

const press = async (page: Page, text: string): Promise<void> =>
  await page.locator(`::-p-aria([name="${text}"][role="button"])`).click();

const steps: Record<string, (scene: Scene) => Promise<void>> = {
  async "a list is shown, sorted and filtered"({ page, url }) {
    await page.goto(`${url}files/`);
    assertEquals(await namesIn(page), ["sub", "a.txt", "b.txt"]);
    await page.locator("th.size a").click();
    await page.locator("th.size a").click();
    await page.waitForSelector("th.size[aria-sort='descending']");
    assertEquals(await namesIn(page), ["sub", "b.txt", "a.txt"]);
    await page.focus("#filter");
    await page.keyboard.type("b.");
    await untilNames(page, ["b.txt"]);
    for (const _ of "b.") await page.keyboard.press("Backspace");
    await untilNames(page, ["sub", "a.txt", "b.txt"]);
  },
  async "a file is uploaded"({ page, files, downloads }) {
    const path = `${downloads}/new.txt`;
    await Deno.writeTextFile(path, "new content");
    const input = await page.$("#pick-input");
    // deno-lint-ignore no-explicit-any -- of all elements, it is a file's input
    await (input as any).uploadFile(path);
    await page.waitForSelector(".uploads [data-state=done]");
    await untilNames(page, ["sub", "a.txt", "b.txt", "new.txt"]);
    assertEquals(await Deno.readTextFile(`${files}/new.txt`), "new content");
  },
  async "a file is downloaded"({ page, downloads }) {
    const watcher = Deno.watchFs(downloads);
    await page.$eval(
      "tr[data-name='b.txt'] a.download",
      (link) => link.click(),
    );
    const isThere = () =>
      Deno.readTextFile(`${downloads}/b.txt`)
        .then((text) => text === "b".repeat(500), () => false);
    for await (const _event of watcher) if (await isThere()) break;
  },
  async "a file is previewed"({ page }) {
    await page.focus("tr[data-name='a.txt'] td.name a");
    await page.keyboard.press(" ");
    await page.waitForFunction(() =>
      document.querySelector("dialog")?.textContent.includes("content of a")
    );
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { hidden: true });
  },
  async "a file is deleted, and that is undone"({ page, files }) {
    await page.focus("tr[data-name='a.txt'] td.name a");
    await page.keyboard.press("Delete");
    await press(page, "Delete");
    await untilNames(page, ["sub", "b.txt", "new.txt"]);
    await press(page, "Undo");
    await untilNames(page, ["sub", "a.txt", "b.txt", "new.txt"]);
    assertEquals(await Deno.readTextFile(`${files}/a.txt`), "content of a");
  },
  async "X-ray shows an exchange"({ newPage, url }) {
    // The download counts as a navigation that has not ended.
    const page = await newPage();
    await page.goto(`${url}xray`);
    await (await fetch(`${url}echo/hello`)).text();
    await page.waitForSelector("#exchanges li");
    assert(await page.$("#details"));
  },
};

Deno.test({
  name: "firefox: the main paths, by WebDriver BiDi",
  ignore: !hasFirefox,
  async fn(t) {
    await using site = await Site.make();
    const files = `${site.path}/public`;
    const downloads = `${site.path}/downloads`;
    await Deno.mkdir(downloads);
    await Deno.mkdir(`${files}/sub`);
    await Deno.writeTextFile(`${files}/a.txt`, "content of a");
    await Deno.writeTextFile(`${files}/b.txt`, "b".repeat(500));
    await using server = await start(site);
    const browser = await launch(downloads);
    try {
      const wrong: string[] = [];
      const { url } = server;
      const newPage = async () => {
        const page = await browser.newPage();
        watch(page, url, wrong);
        return page;
      };
      const page = await newPage();
      const scene = { page, newPage, url, files, downloads };
      for (const [name, step] of Object.entries(steps)) {
        if (!await t.step(name, () => step(scene))) break;
      }
      assertEquals(wrong, []);
    } finally {
      await browser.close();
    }
  },
});

async function start(site: Site): Promise<RunningCommand> {
  const args = ["--port=0", "--log=off", "--delete", "--xray"];
  return await startCommand(args, { cwd: site.path });
}

/** Collects what must not happen. */
function watch(page: Page, url: string, wrong: string[]): void {
  page.on("console", (message) => {
    if (message.type() === "error") wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(`${error}`));
  page.on("request", (request) => {
    const other = request.url();
    if (!/^(?:data|blob|about):/.test(other) && !other.startsWith(url)) {
      wrong.push(`a request to ${other}`);
    }
  });
}
