/** X-ray in a real Chromium. */

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest } from "./browser.ts";

const args = ["--xray"];

/** Types a request, and sends it as a person does. */
async function type(page: Page, text: string): Promise<void> {
  await page.fill("#octets", text);
  await page.focus("#octets");
  await page.keyboard.press("Control+Enter");
}

/** Chooses an example, and sends it. */
async function sendExample(page: Page, name: string): Promise<void> {
  await page.selectOption("#sample", name);
  await page.click("#send button");
  await page.waitForSelector("#sent:has-text('nswered')");
}

const wrongIn = (page: Page) => page.locator(".part.wrong").allTextContents();

browserTest(
  "X-ray shows exchanges as they happen, octet by octet",
  { args },
  async ({ page, url }) => {
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
    // A wait for the client is told from work, not by color alone.
    await page.waitForSelector(".waterfall tr:has-text('Accept') .bar.wait");
    await page.waitForSelector(".waterfall tr:has-text('Handler') .bar.work");
    await page.waitForSelector("text=/worked for .+ and waited .+ for the/");
    // Neither the method nor a 200 looks like an error.
    const colorOf = (selector: string) =>
      page.locator(selector).first()
        .evaluate((each) => getComputedStyle(each).color);
    await page.fill("#octets", "x");
    await page.keyboard.press("Escape");
    await page.click("#send button");
    const danger = await colorOf("#octets-error");
    assert(await colorOf(".part.method") !== danger);
    assert(await colorOf(".part.status") !== danger);

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
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.waitForSelector("#explanation >> text=The resource that is meant");
  await page.keyboard.press("End");
  await page.waitForSelector("#explanation >> text=End of the section");
  // One stop for Tab, however many parts there are.
  await page.keyboard.press("Tab");
  assertEquals(
    await page.evaluate(() =>
      document.activeElement?.closest("pre")?.getAttribute("aria-label")
    ),
    "Response, octet by octet",
  );
});

browserTest("the composer of X-ray", { args }, async ({ page, url }) => {
  await page.goto(`${url}xray`);
  // It is open, and an empty box says so.
  await page.focus("#octets");
  await page.keyboard.press("Escape");
  assertEquals(await page.inputValue("#octets"), "");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector("#octets-error:has-text('Type a request first')");
  assertEquals(await page.getAttribute("#octets", "aria-invalid"), "true");
  await page.keyboard.press("Escape");
  assert((await page.inputValue("#octets")).startsWith("GET /echo/hello"));
  assert(!await page.isVisible("#octets-error"));
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".part.content:text-is('hello')");
  await page.waitForSelector("#sent:has-text('Answered: 200')");
  assert(await page.evaluate(() => document.activeElement?.id === "octets"));

  await type(page, "\\r\\n");
  await page.waitForSelector("#octets-error:has-text('saw no request')");

  // All that is wrong is marked, and explains itself.
  await type(page, "GET / HTTP/1.1\nHost : h\nX: \\x00\n\n");
  await page.waitForSelector(".part.status:text-is('400')");
  assertEquals(await wrongIn(page), ["Host ", "\\0"]);
  await page.waitForSelector(
    ".flaws li:has-text('Host'):has-text('Whitespace is not allowed before')",
  );
  await page.waitForSelector(".flaws a:has-text('RFC 9112 §5.1')");
  const marked: [string, string[], RegExp][] = [
    ["A length and chunks", ["4", "chunked"], /must not be combined/],
    ["Two lengths", ["3", "5"], /several Content-Length/],
    ["A method in lower case", ["get"], /capital letters/],
    ["Too little content", ["9", "hello"], /says 9, but only 5 came/],
    ["No Host", ["\\r\\n\n"], /Host field is missing/],
  ];
  for (const [name, wrong, why] of marked) {
    await sendExample(page, name);
    assertEquals(await wrongIn(page), wrong, name);
    assert(why.test(await page.textContent(".flaws") ?? ""), name);
  }

  await sendExample(page, "Content in chunks");
  assertEquals(await page.textContent(".part.chunk-size"), "5");
  assertEquals(await page.textContent(".part.chunk-data"), "hello");
  await sendExample(page, "Two at once");
  await page.waitForSelector("#sent:has-text('2 requests were answered')");
  await page.waitForSelector("#exchanges li:has-text('/echo/two')");

  // UTF-8 is text, and its octets are a question away.
  await type(
    page,
    "GET /echo/%C2%A7 HTTP/1.1\nHost: localhost\nX-Sign: §\\xe2\\x80\\xae\n\n",
  );
  await page.waitForSelector(".part.field-value:has-text('§')");
  await page.hover(".part.field-value:has-text('§')");
  await page.waitForSelector("#explanation:has-text('§ is c2 a7')");
  // What turns text around stays a sign.
  await page.waitForSelector(
    ".part.field-value:has-text('\\\\xe2\\\\x80\\\\xae')",
  );
  await page.click("text=Hex");
  await page.waitForSelector(".hex .part:has-text('c2 a7')");
  await page.hover(".hex .part:has-text('c2 a7')");
  assertEquals(await page.locator(".hex .part.told").count() > 1, true);
  await page.click("text=Hex");

  await page.click("text=Line ends, signs");
  await type(page, "GET /echo/lf HTTP/1.1\nHost: localhost\n\n");
  await page.waitForSelector(".part.target:text-is('/echo/lf')");
  await page.selectOption("#line-end", "lf");
  await page.click("#send button");
  await page.waitForSelector(".part.wrong");
  assertEquals(await wrongIn(page), ["\\n\n", "\\n\n", "\\n\n"]);

  // Markup stays text.
  await type(
    page,
    "GET /<img/src=x/onerror=alert(1)> HTTP/1.1\nHost: localhost\n<script>: alert(1)\n\n",
  );
  await page.waitForSelector(".part:has-text('onerror')");
  assertEquals(await page.locator("img, .octets script").count(), 0);
});

browserTest("the tools of X-ray", {
  args,
  permissions: ["clipboard-read", "clipboard-write"],
}, async ({ page, url }) => {
  await page.goto(`${url}xray`);
  const text = "GET /echo/tool HTTP/1.1\nHost: localhost\nX: it's\n\n";
  await type(page, text);
  await page.waitForSelector(".part.target:text-is('/echo/tool')");

  // Edit and resend.
  await page.fill("#octets", "");
  await page.click("text=Edit and resend");
  assertEquals(await page.inputValue("#octets"), text);

  // Copy as commands; what they send is tested where they are made.
  await page.click("text=Copy as");
  const dialog = page.locator("dialog");
  await dialog.locator("pre[aria-label=curl]:has-text('X: it')").waitFor();
  assertEquals(await dialog.locator("pre").count(), 4);
  await dialog.locator("button[aria-label='Copy nc']").click();
  await dialog.locator("text=Copied").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  const { hostname, port } = new URL(url);
  assertEquals(
    copied,
    "printf 'GET /echo/tool HTTP/1.1\\r\\nHost: localhost\\r\\n" +
      `X: it'\\''s\\r\\n\\r\\n' | nc ${hostname} ${port}`,
  );
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });

  // The parser, octet by octet, as the server ran it.
  await sendExample(page, "A space before the colon");
  await page.waitForSelector(".part.wrong");
  await page.click("text=Replay");
  await page.waitForSelector(".facts:has-text('Waits for the end of the req')");
  await page.focus("#replay-at");
  for (let count = 0; count < 15; count++) {
    await page.keyboard.press("ArrowRight");
  }
  await page.waitForSelector(".facts:has-text('Octet16 of 34: \\\\n')");
  await page.waitForSelector(".facts:has-text('target in origin-form')");
  await page.keyboard.press("End");
  await page.waitForSelector(".facts.refused:has-text('Refused with 400')");
  await page.click("#tool >> text=Back");
  await page.waitForSelector(".facts:has-text('Waits for the rest')");
  await page.click("#tool >> text=Play");
  await page.waitForSelector(".facts.refused");

  // A connection from its beginning to its end.
  await sendExample(page, "Two at once");
  await page.click(".toolbar >> text=Connection");
  const facts = page.locator(".connection-facts");
  await facts.locator("text=2 requests on one connection").waitFor();
  await facts.locator("text=Pipelining").waitFor();
  await facts.locator("text=Half-close").waitFor();
  const line = await page.locator(".timeline .event").allTextContents();
  const places = [
    /is accepted/,
    /octets arrive/,
    /begins: GET \/echo\/one/,
    /begins: GET \/echo\/two/,
    /octets are sent/,
    /is closed/,
  ].map((pattern) => line.findIndex((event) => pattern.test(event)));
  assertEquals(places, [...places].sort((a, b) => a - b));
  assert(places[0] === 0, `${line}`);
  await page.click(".toolbar >> text=Connection");
  assert(!await page.isVisible("#tool"));

  // Another way to end: the connection stays, idle, until the client ends it.
  await page.click("text=Line ends, signs");
  await page.selectOption("#last", "stay");
  await type(page, "GET /echo/stay HTTP/1.1\nHost: localhost\n\n");
  await page.waitForSelector(".part.target:text-is('/echo/stay')");
  await page.click(".toolbar >> text=Connection");
  await page.waitForSelector(".timeline .pause:has-text('later')");
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
  await page.click("#clear");
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

browserTest("on a phone the answer comes into view", {
  args,
  viewport: { width: 390, height: 844 },
  hasTouch: true,
}, async ({ page, url }) => {
  await page.goto(`${url}xray`);
  await page.tap("#send button");
  await page.waitForFunction(() => {
    const box = document.querySelector("#details .outcome")
      ?.getBoundingClientRect();
    return box && box.top >= 0 && box.bottom <= innerHeight;
  });
  assertEquals(await page.textContent("#details .outcome strong"), "200");
  await page.tap(".part.target");
  await page.waitForSelector("#explanation:has-text('In origin-form')");
  const width = await page.evaluate(() => document.body.scrollWidth);
  assert(width <= 390, `${width}`);
});

browserTest("without JavaScript X-ray says what it lacks", {
  args,
  javaScriptEnabled: false,
}, async ({ page, url }) => {
  await page.goto(`${url}xray`);
  await page.waitForSelector("text=X-ray needs JavaScript");
});
