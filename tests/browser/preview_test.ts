/** Previews, Markdown and the README of a folder, in a real Chromium. */

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest } from "./browser.ts";
import { png } from "./pictures.ts";

const readme = `# Photos

A [link](b.txt), one [to a heading](#how-it-works) and ![here](a.png).

| a | b |
| - | - |
| 1 | 2 |

- [x] done
- [ ] open

${"Some lines of text.\n\n".repeat(40)}

## How it works
`;

async function prepare(files: string): Promise<void> {
  await Deno.writeFile(`${files}/a.png`, png(40, 30));
  await Deno.writeTextFile(`${files}/b.txt`, "The text of b");
  await Deno.writeTextFile(`${files}/c.md`, "# Title of c\n\n*text*");
  await Deno.writeTextFile(`${files}/d.zip`, "no archive");
  await Deno.writeTextFile(`${files}/e.pdf`, "%PDF-1.4\n");
  await Deno.writeTextFile(`${files}/ReadMe.md`, readme);
}

const dialog = "dialog.preview-dialog";

function open(page: Page, name: string): Promise<void> {
  return page.focus(`#files [data-name="${name}"] td.name a`)
    .then(() => page.keyboard.press("Space"));
}

function titleIs(page: Page, name: string): Promise<unknown> {
  return page.waitForSelector(`${dialog} h2:text-is("${name}")`);
}

/** The name of the row that has the focus. */
function focused(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() =>
    document.activeElement?.closest("[data-name]")?.getAttribute("data-name")
  );
}

browserTest("files are seen one after another", { prepare }, async (
  { page, url },
) => {
  await page.goto(`${url}files/`);
  await open(page, "a.png");
  await titleIs(page, "a.png");
  await page.waitForFunction(() =>
    document.querySelector<HTMLImageElement>("dialog img")?.naturalWidth === 40
  );
  assert(await page.isDisabled(`${dialog} >> [aria-label="Previous file"]`));
  await page.keyboard.press("ArrowRight");
  await page.waitForSelector(`${dialog} pre:text-is("The text of b")`);
  await page.click(`${dialog} >> [aria-label="Next file"]`);
  await page.waitForSelector(`${dialog} article h2:text-is("Title of c")`);
  await page.click(`${dialog} >> text=Show source`);
  await page.waitForSelector(`${dialog} pre:has-text("# Title of c")`);
  await page.keyboard.press("ArrowRight");
  await page.waitForSelector("text=There is no preview of this kind of file.");
  await page.keyboard.press("ArrowLeft");
  await titleIs(page, "c.md");

  await page.click(`${dialog} >> [aria-label=Close]`);
  await page.waitForSelector(dialog, { state: "detached" });
  assertEquals(await focused(page), "c.md");
  await page.keyboard.press("Space");
  await titleIs(page, "c.md");
  await page.keyboard.press("Escape");
  await page.waitForSelector(dialog, { state: "detached" });
  assertEquals(await focused(page), "c.md");
  await page.keyboard.press("Space");
  await titleIs(page, "c.md");
  await page.mouse.click(5, 5);
  await page.waitForSelector(dialog, { state: "detached" });
  assertEquals(await focused(page), "c.md");

  const [tab] = await Promise.all([
    page.context().waitForEvent("page"),
    open(page, "e.pdf"),
  ]);
  assert(tab.url().endsWith("/files/e.pdf") || tab.url() === "about:blank");
  assertEquals(await page.locator("dialog").count(), 0);
});

browserTest("a finger leads to the next file", {
  prepare,
  hasTouch: true,
  isMobile: true,
  viewport: { width: 390, height: 844 },
}, async ({ page, url }) => {
  await page.goto(`${url}files/`);
  await open(page, "b.txt");
  await titleIs(page, "b.txt");
  const session = await page.context().newCDPSession(page);
  const swipe = async (from: number, to: number, y = 400) => {
    const touch = (
      type: "touchStart" | "touchMove" | "touchEnd",
      x?: number,
    ) =>
      session.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: x === undefined ? [] : [{ x, y }],
      });
    await touch("touchStart", from);
    await touch("touchMove", (from + to) / 2);
    await touch("touchMove", to);
    await touch("touchEnd");
  };
  await swipe(300, 90);
  await titleIs(page, "c.md");
  await swipe(90, 300);
  await titleIs(page, "b.txt");
  await swipe(200, 220);
  assertEquals(await page.textContent(`${dialog} h2`), "b.txt");
  const close = await page.locator(`${dialog} >> [aria-label=Close]`)
    .boundingBox();
  assert(close && close.width >= 44 && close.height >= 44 && close.y < 60);
});

browserTest("the README of a folder is below its list", { prepare }, async (
  { page, url, files },
) => {
  await page.goto(`${url}files/`);
  await page.waitForSelector("#readme article h2:text-is('Photos')");
  assertEquals(await page.textContent("#readme td"), "1");
  assert((await page.textContent("#readme ul"))?.includes("☑ done"));
  assertEquals(
    await page.getAttribute("#readme img", "src"),
    `${url}files/a.png`,
  );
  assertEquals(
    await page.getAttribute("#readme a >> nth=0", "href"),
    `${url}files/b.txt`,
  );
  const height = () =>
    page.evaluate(() => document.querySelector("#readme")!.clientHeight);
  const collapsed = await height();
  await page.click("#readme >> text=Show all");
  assert(await height() > collapsed * 1.5, `${collapsed}`);
  await page.click("#readme >> text=to a heading");
  await page.waitForFunction(() => scrollY > 300);
  await page.fill("#filter", "a.png");
  assert(await page.isVisible("#readme"));
  assert(await Deno.readTextFile(`${files}/ReadMe.md`) === readme);
});

const ran = "document.title='ran';fetch('/ran')";
const hostileMarkdown = `# Hello

<script>${ran}</script>
<img src=x onerror="${ran}">
<img src="https://elsewhere.invalid/pixel.png" alt="pixel">
![pixel](//elsewhere.invalid/2.png)
<svg onload="${ran}"><script>${ran}</script></svg>
<style>body { display: none }</style>
<p style="position:fixed;inset:0" class="action" id="files">styled</p>
<iframe src="javascript:${ran}"></iframe><object data="page.html"></object>
<form action="https://elsewhere.invalid/"><input name="password"><button>Go</button></form>
<meta http-equiv="refresh" content="0;url=https://elsewhere.invalid/">
<base href="https://elsewhere.invalid/">
<link rel="stylesheet" href="https://elsewhere.invalid/x.css">
<math><mtext><table><mglyph><style><img src=x onerror="${ran}"></style></mglyph></table></mtext></math>
<a href="javascript:${ran}">one</a> [two](javascript:${ran}) [three](data:text/html,x)
<a href="https://elsewhere.invalid/" target="_self">away</a>
`;

const hostile: Record<string, string> = {
  "README.md": hostileMarkdown,
  "a.md": hostileMarkdown,
  "b.html": `<script>${ran}</script>`,
  "c.svg":
    `<svg xmlns="http://www.w3.org/2000/svg" onload="${ran}" width="9" height="9"><script>${ran}</script><image href="https://elsewhere.invalid/i.png"/></svg>`,
  "d.csv": `=cmd|' /C calc'!A0,"<img src=x onerror=${ran}>"`,
  "e.json": `{"__proto__":"<script>${ran}</script>"}`,
  "f<img src=x onerror=fetch('ran')>.zip": "PK",
  "g.mp4": "no film",
  "h.mp3": "no sound",
  "i.png": "no picture",
};

browserTest("what is shown of hostile files runs nothing", {
  // A picture that the text names is not there.
  expected: /status of 404/,
  async prepare(files) {
    for (const [name, content] of Object.entries(hostile)) {
      await Deno.writeTextFile(`${files}/${name}`, content);
    }
  },
}, async ({ page, url }) => {
  await page.addInitScript(() => {
    const breaches: string[] = [];
    Object.assign(globalThis, { breaches });
    addEventListener("securitypolicyviolation", (event) => {
      breaches.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(`${url}files/`);
  await page.waitForSelector("#readme article h2:text-is('Hello')");
  await open(page, "a.md");
  await page.waitForSelector(`${dialog} article h2:text-is('Hello')`);
  const article = page.locator(`${dialog} article`);
  assertEquals(
    await article.evaluate((article) =>
      [...article.querySelectorAll("*")].filter((element) =>
        element.matches(
          "script, style, iframe, object, svg, math, form, input, button, meta, base, link",
        ) || [...element.attributes].some(({ name, value }) =>
          /^(?:on|style|id$|name$)/.test(name) ||
          /^(?:javascript|data):/.test(value)
        )
      ).map(({ outerHTML }) => outerHTML)
    ),
    [],
  );
  // A picture of another server is a link, which leaves nothing behind.
  const pixel = article.locator("a:has-text('pixel')").first();
  assertEquals(await pixel.getAttribute("rel"), "noopener noreferrer");
  const away = article.locator("a:text-is('away')");
  assertEquals(await away.getAttribute("target"), "_blank");
  assertEquals(
    await article.locator("a:text-is('one')").getAttribute("href"),
    null,
  );
  for (const name of Object.keys(hostile).slice(2)) {
    await page.keyboard.press("ArrowRight");
    await titleIs(page, name);
    await page.waitForLoadState("networkidle");
  }
  assertEquals(await page.evaluate("breaches"), []);
  assert(!(await page.title()).includes("ran"));
  const own = new Set(Object.keys(hostile));
  const strange = requests.map((request) => decodeURIComponent(request))
    .filter((request) => !request.startsWith(`${url}page/`))
    .filter((request) => !own.has(request.slice(`${url}files/`.length)))
    // The page looks for news of its folder.
    .filter((request) => !request.startsWith(`${url}files/?limit=`))
    // A picture that is named in the text, and is not there.
    .filter((request) =>
      request !== `${url}files/` && request !== `${url}files/x`
    );
  assertEquals(strange, []);
});

const heavy = {
  "cells.md": `${"|a".repeat(1000)}|\n${"|-".repeat(1000)}|\n` +
    "|\n".repeat(300),
  "open.md":
    Array.from({ length: 300 }, (_, at) => `<b title=${at}>`).join("") +
    "<p>x".repeat(30_000),
};

browserTest("a text that becomes too many elements is shown as it is", {
  async prepare(files) {
    for (const [name, text] of Object.entries(heavy)) {
      await Deno.writeTextFile(`${files}/${name}`, text);
    }
  },
}, async ({ page, url }) => {
  await page.goto(`${url}files/`);
  for (const name of Object.keys(heavy)) {
    await open(page, name);
    await titleIs(page, name);
    await page.waitForSelector(`${dialog} .text-place > pre`, {
      timeout: 10_000,
    });
    assertEquals(await page.locator(`${dialog} article`).count(), 0);
    await page.keyboard.press("Escape");
    await page.waitForSelector(dialog, { state: "detached" });
  }
});
