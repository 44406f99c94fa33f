/** X-ray in a real Chromium. */

import { assert, assertEquals } from "@std/assert";
import { browserTest } from "./browser.ts";

const args = ["--xray"];

browserTest(
  "X-ray shows exchanges as they happen, octet by octet",
  { args },
  async (
    { page, url },
  ) => {
    await page.goto(`${url}xray`);
    await page.waitForSelector("text=None yet.");
    const headers = { "accept-encoding": "identity" };
    await (await fetch(`${url}echo/hello`, { headers })).text();
    await page.click("#exchanges button:has-text('GET /echo/hello')");
    const octets = page.locator(".octets").first();
    await octets.waitFor();
    assert(
      (await octets.textContent())?.startsWith(
        "GET /echo/hello HTTP/1.1\\r\\n",
      ),
    );
    assertEquals(await page.textContent(".part.method"), "GET");
    assertEquals(await page.textContent(".part.target"), "/echo/hello");
    assertEquals(await page.textContent(".part.status"), "200");
    assertEquals(await page.locator(".part.content").textContent(), "hello");
    for (const stage of ["Accept", "Head", "Handler", "Response"]) {
      assert(
        await page.isVisible(`.waterfall th:has-text("${stage}:")`),
        stage,
      );
    }
    await page.hover(".part.version");
    await page.waitForSelector("#explanation >> text=The version of HTTP");
    assertEquals(
      await page.getAttribute("#explanation a", "href"),
      "https://www.rfc-editor.org/rfc/rfc9112#section-2.3",
    );
  },
);

browserTest("X-ray by the keyboard", { args }, async ({ page, url }) => {
  await page.goto(`${url}xray`);
  for (const word of ["one", "two"]) {
    await (await fetch(`${url}echo/${word}`)).text();
  }
  await page.waitForSelector("#exchanges li:has-text('/echo/two')");
  await page.focus("#exchanges button");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".part.target:text-is('/echo/one')");
  await page.focus(".part.method");
  await page.waitForSelector("#explanation >> text=What the client wants");
  await page.waitForSelector("#explanation >> text=Send a representation");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.waitForSelector("#explanation >> text=The resource that is meant");
});

browserTest("X-ray sends what is typed, right and wrong", { args }, async (
  { page, url },
) => {
  await page.goto(`${url}xray`);
  await page.click("summary");
  await page.click("#send button");
  await page.waitForSelector(".part.content:text-is('hello')");
  await page.fill("#octets", "GET / HTTP/1.1\nHost : h\nX: \\x00\n\n");
  await page.click("#send button");
  await page.waitForSelector(".part.status:text-is('400')");
  assertEquals(await page.locator(".part.wrong").allTextContents(), [
    "Host ",
    "\\0",
  ]);
  await page.hover(".part.wrong >> nth=0");
  await page.waitForSelector(
    "#explanation >> text=Whitespace is not allowed before the colon.",
  );
  await page.fill("#octets", "GET /echo/lf HTTP/1.1\nHost: localhost\n\n");
  await page.selectOption("#line-end", "lf");
  await page.click("#send button");
  await page.waitForSelector(".part.target:text-is('/echo/lf')");
  assertEquals(
    await page.locator(".part.wrong").allTextContents(),
    ["\\n\n", "\\n\n", "\\n\n"],
  );
  await page.selectOption("#sample", "Content in chunks");
  await page.click("#send button");
  await page.waitForSelector(".part.chunk-size:text-is('5')");
  assertEquals(await page.textContent(".part.chunk-data"), "hello");
  await page.selectOption("#sample", "Two at once");
  await page.click("#send button");
  await page.waitForSelector("#exchanges li:has-text('/echo/two')");
});

browserTest("X-ray can be paused, filtered and cleared", { args }, async (
  { page, url },
) => {
  await page.goto(`${url}xray`);
  const ask = async (word: string) => {
    await (await fetch(`${url}echo/${word}`)).text();
  };
  await ask("one");
  await page.waitForSelector("#exchanges li:has-text('/echo/one')");
  await page.click("#pause");
  await ask("two");
  assertEquals(await page.locator("#exchanges li").count(), 1);
  await page.click("text=Resume");
  await page.waitForSelector("#exchanges li:has-text('/echo/two')");
  await page.fill("#filter", "two");
  assert(!await page.isVisible("#exchanges li:has-text('/echo/one')"));
  await page.click("text=Clear");
  await page.waitForSelector("text=None yet.");
});

browserTest("after a new start X-ray shows what is new", {
  args,
  expected: /ERR_|reconnect/i,
}, async ({ page, url, restart }) => {
  await page.goto(`${url}xray`);
  for (const word of ["one", "two"]) {
    await (await fetch(`${url}echo/${word}`)).text();
  }
  await page.waitForSelector("#exchanges li:has-text('/echo/two')");
  await restart();
  await (await fetch(`${url}echo/three`)).text();
  await page.waitForSelector("#exchanges li:has-text('/echo/three')");
  assertEquals(
    await page.locator("#exchanges .exchange-line").allTextContents(),
    ["GET /echo/three"],
  );
});

browserTest("X-ray shows hostile octets as text", { args }, async (
  { page, url },
) => {
  await page.goto(`${url}xray`);
  await page.click("summary");
  await page.fill(
    "#octets",
    "GET /<img/src=x/onerror=alert(1)> HTTP/1.1\nHost: localhost\n<script>: alert(1)\n\n",
  );
  await page.click("#send button");
  await page.waitForSelector(".octets");
  assertEquals(await page.locator("img, .octets script").count(), 0);
});

browserTest("without JavaScript X-ray says what it lacks", {
  args,
  javaScriptEnabled: false,
}, async ({ page, url }) => {
  await page.goto(`${url}xray`);
  await page.waitForSelector("text=X-ray needs JavaScript");
});
