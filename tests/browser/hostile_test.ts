/** What somebody uploaded to do harm, in a real Chromium. */

import { assert, assertEquals } from "@std/assert";
import { browserTest, namesIn } from "./browser.ts";

const script = "document.title = 'ran'; fetch('/ran')";

const hostile: Record<string, string> = {
  "page.html": `<title>calm</title><script>${script}</script>` +
    `<img src=x onerror="${script}"><svg onload="${script}">`,
  "page.xhtml":
    `<html xmlns="http://www.w3.org/1999/xhtml"><title>calm</title><script>${script}</script></html>`,
  "image.svg":
    `<svg xmlns="http://www.w3.org/2000/svg" onload="${script}" width="9" height="9"><script>${script}</script></svg>`,
  "script.js": script,
  "page.txt": `<script>${script}</script>`,
  "noextension": `<script>${script}</script>`,
};

const names = [
  "<img src=x onerror=fetch('ran')>.txt",
  '"><script>fetch(`ran`)<.txt',
  "' onfocus='fetch(1)' autofocus='.txt",
  "javascript:fetch('ran')",
  "&lt;script&gt;.txt",
  "\u202etxt.exe",
  "a\nb.txt",
];

async function prepare(files: string): Promise<void> {
  for (const [name, content] of Object.entries(hostile)) {
    await Deno.writeTextFile(`${files}/${name}`, content);
  }
  for (const name of names) {
    await Deno.writeTextFile(`${files}/${name.replaceAll("/", "_")}`, "x");
  }
}

browserTest("hostile names and files run nothing on the page", {
  args: ["--delete"],
  prepare,
}, async ({ page, url }) => {
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(`${url}files/`);
  const listed = await namesIn(page);
  assertEquals(listed.length, names.length + Object.keys(hostile).length);
  for (const name of names) assert(listed.includes(name.replaceAll("/", "_")));
  await page.click("text=Size");
  await page.fill("#filter", "a");
  await page.fill("#filter", "");
  await page.hover("#files tbody tr[data-type=file]");
  await page.locator("[data-action=preview]").first().click();
  for (let at = 1; at < listed.length; at++) {
    await page.click("dialog >> [aria-label='Next file']");
    await page.waitForLoadState("networkidle");
  }
  await page.keyboard.press("Escape");
  assert(/Sluice/.test(await page.title()));
  const unasked = requests.map((request) => decodeURIComponent(request))
    .filter((request) =>
      !request.startsWith(`${url}page/`) &&
      !listed.includes(request.slice(`${url}files/`.length))
    );
  // The list itself, and whether it is still as it was.
  const own = [`${url}files/`, `${url}files/?limit=999999999`];
  assertEquals(unasked.filter((request) => !own.includes(request)), []);
});

for (const name of Object.keys(hostile)) {
  browserTest(`${name}, opened, runs nothing`, {
    prepare,
    // The browser says that it has run no script in a sandbox.
    expected: /Blocked script execution in .* sandboxed|404/,
  }, async ({ page, url }) => {
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(`${url}files/${name}`).catch((error) => {
      // What has no type a browser shows is stored instead.
      if (!/Download is starting|ERR_ABORTED/.test(`${error}`)) throw error;
    });
    assert(await page.title() !== "ran");
    assertEquals(requests.filter((request) => request.endsWith("/ran")), []);
  });
}

browserTest("a script of one's own does not run in a page of Sluice's", {
  prepare,
  expected: /Content Security Policy/i,
}, async ({ page, url }) => {
  await page.goto(`${url}files/`);
  const ran = await page.evaluate(() =>
    new Promise<boolean>((resolve) => {
      const script = document.createElement("script");
      script.src = "./script.js";
      script.onload = () => resolve(true);
      script.onerror = () => resolve(false);
      document.head.append(script);
    })
  );
  assertEquals(ran, false);
});
