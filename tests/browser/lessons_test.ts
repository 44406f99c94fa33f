/** Lessons in a real Chromium, each tried in vain and solved by typing. */

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { chunked, get, local, put, tea } from "../support/lesson_requests.ts";
import { browserTest } from "./browser.ts";

const args = ["--learn", "--directory", "./public"];

/** A try: what is typed, and what is said of it. */
type Try = [typed: string | ((answers: string) => string), said: RegExp];

const solved = /^Solved\./;

/** The value of a field in an answer, as it stands on the page. */
const valueOf = (name: string, answer: string) =>
  new RegExp(`${name}: (.*?)\\\\r`).exec(answer)![1];
const upload = "Upload-Draft-Interop-Version: 8\nUpload-Complete: ?1\n";
let place = "";

/** Tries by the title of a lesson, in the order of the page. */
const tries: Record<string, Try[]> = {
  "Say hello": [
    [get("/echo/helo"), /^Not yet\. The server repeated something else/],
    [get("/echo/hello"), solved],
  ],
  "Leave out the Host": [
    [`GET / HTTP/1.1\n${local}${local}\n`, /the field Host twice, so the/],
    ["GET /echo/hello HTTP/1.1\n\n", solved],
  ],
  "Only the head": [
    [get(tea), /With GET the server sent the whole file/],
    [`HEAD ${tea} HTTP/1.1\n${local}\n`, solved],
  ],
  "Make it answer 505": [
    [`GET / HTTP/1.9\n${local}\n`, /the digit before the dot is the same/],
    [`505 / HTTP/1.1\n${local}\n`, /Only the version, at the end/],
    [`GET / HTTP/2.0\n${local}\n`, solved],
  ],
  "Speak HTTP/1.0": [
    [get("/echo/hello", "Connection: close\n"), /how HTTP\/1\.1 says it/],
    ["GET /echo/hello HTTP/1.0\n\n", solved],
  ],
  "Two requests at once": [
    [get("/echo/one"), /Type a second one below/],
    [get("/echo/one") + get("/echo/two"), solved],
  ],
  "The last five octets": [
    [get(tea, "Range: bytes=0-4\n"), /counts from the start/],
    [get(tea, "Range: bytes=-5\n"), solved],
  ],
  "Smaller on the way": [
    [get(tea, "Accept-Encoding: zip\n"), /knows no coding zip/],
    [put("tea.txt", "Content-Length: 3\n", "abc"), /^Not yet/],
    [get(tea, "Accept-Encoding: gzip\n"), /a PUT has replaced it/],
    [put("tea.txt", "Content-Length: 2000\n", "tea ".repeat(500)), /^Not yet/],
    [get(tea, "Accept-Encoding: gzip\n"), solved],
  ],
  "Content without a length": [
    [put("note.txt", "Content-Length: 5\n", "hello"), /Now leave it out/],
    [put("note.txt", "", "hello"), solved],
  ],
  "Only if it changed: 304 and 412": [
    [get(tea), /^Not yet\. The file came, with etag: "/],
    [
      (answer) => get(tea, `If-None-Match: ${valueOf("etag", answer)}\n`),
      /^Half-way\. That is the 304/,
    ],
    [put("tea.txt", 'If-Match: "old"\nContent-Length: 3\n', "abc"), solved],
  ],
  "Chunks by hand": [
    [put("c.txt", chunked, "4\nGree\n"), /there was no last chunk/],
    [put("c.txt", chunked, "4\nGree\n6\nn tea\n0\n\n"), /one octet less than/],
    [put("c.txt", chunked, "4\nGree\n5\nn tea\n0\n\n"), solved],
  ],
  "Ask before you send": [
    [
      put("a.txt", "Expect: 100-continue\nContent-Length: 5\n", "hello"),
      /asked, but did not wait/,
    ],
    [
      put("a.txt", "Expect: 100-continue\nContent-Length: 5\n", "\\whello"),
      solved,
    ],
  ],
  "Close one half": [
    [put("h.txt", "Content-Length: 5\n", "hello"), /The request was whole/],
    [put("h.txt", "Content-Length: 10\n", "hello"), solved],
  ],
  "Smuggle a request": [
    [
      put("s.txt", chunked, "0\n\n" + get("/echo/smuggled")),
      /answered in plain sight/,
    ],
    [
      put(
        "s.txt",
        `Content-Length: 53\n${chunked}`,
        "0\n\n" + get("/echo/smuggled"),
      ),
      solved,
    ],
  ],
  "Resume a broken upload": [
    [put("l.txt", "Content-Length: 12\n", "Hello "), /Without Upload-Complete/],
    [
      put("l.txt", `${upload}Content-Length: 12\n`, "Hello "),
      /^Half-way\. The upload broke off/,
    ],
    [
      (answer) => {
        place = valueOf("location", answer);
        return `HEAD ${place} HTTP/1.1\n${local}\n`;
      },
      /^Half-way\. 6 octets have arrived/,
    ],
    [
      () =>
        `PATCH ${place} HTTP/1.1\n${local}Upload-Offset: 6\nUpload-Complete: ?1\nContent-Type: application/partial-upload\nContent-Length: 6\n\nworld!`,
      solved,
    ],
  ],
};

/** Types a request in the place of what is in the box, and sends it. */
async function send(page: Page, text: string): Promise<void> {
  await page.focus("#octets");
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  // A key at a time would take most of the minute.
  for (const [at, line] of text.split("\n").entries()) {
    if (at > 0) await page.keyboard.press("Enter");
    if (line) await page.keyboard.insertText(line);
  }
  await page.click("#send button.main");
}

const verdict = (page: Page, said: RegExp) =>
  page.locator("#verdict .verdict-said").filter({ hasText: said }).waitFor();

browserTest("each lesson is tried in vain, and solved", { args }, async (
  { page, url },
) => {
  await page.goto(`${url}xray`);
  await page.locator("text=0 of 15 solved").waitFor();
  assertEquals(
    await page.locator(".lesson-index button").allTextContents(),
    Object.keys(tries),
  );
  for (const [title, all] of Object.entries(tries)) {
    await page.locator(`.lesson-card h2:text-is("${title}")`).waitFor();
    for (const [typed, said] of all) {
      const answer = await page.locator("#details").textContent() ?? "";
      await send(page, typeof typed === "string" ? typed : typed(answer));
      await verdict(page, said);
      // What it is about is shown as well, octet by octet.
      if (all.length > 2) {
        await page.locator("#details .octets").nth(1).waitFor();
      }
    }
    await page.locator("text=In browsers and proxies").waitFor();
    if (title !== "Resume a broken upload") {
      await page.click("text=Next lesson");
    }
  }
  await page.locator("text=15 of 15 solved").waitFor();
  await page.locator("text=You have solved all lessons").waitFor();
});

browserTest("hints by the keyboard, and progress that is kept", {
  args,
}, async ({ page, url }) => {
  await page.goto(`${url}xray`);
  await page.focus(".lesson-all summary");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator("h2:text-is('Leave out the Host'):focus").waitFor();
  assertEquals(await page.locator(".lesson-hints li").count(), 0);
  await page.keyboard.press("Tab");
  for (let count = 1; count <= 2; count++) {
    await page.keyboard.press("Enter");
    await page.locator(".lesson-hints li").nth(count - 1).waitFor();
    assertEquals(await page.locator(".lesson-hints li").count(), count);
  }
  await page.keyboard.press("Enter");
  await page.locator(".lesson-solution pre").waitFor();
  // On the button that puts it into the box.
  await page.keyboard.press("Enter");
  assertEquals(
    await page.inputValue("#octets"),
    "GET /echo/hello HTTP/1.1\n\n",
  );
  await page.click("#send button.main");
  await verdict(page, solved);
  await page.reload();
  await page.locator("text=1 of 15 solved").waitFor();
  const second = page.locator(".lesson-index button").nth(1);
  assertEquals(await second.textContent(), "Leave out the Host (solved)");
  // What was sent before a lesson was opened counts no more.
  await page.click("summary:has-text('All lessons')");
  await page.click("text=Start over");
  await page.click("dialog button.main");
  await page.locator("text=0 of 15 solved").waitFor();
  await send(page, get("/echo/"));
  await verdict(page, /repeated nothing/);
});

browserTest("from a part to the code that decides it, and its test", {
  args: ["--xray"],
}, async ({ page, url }) => {
  await page.goto(`${url}xray`);
  await page.fill("#octets", "GET / HTTP/1.1\nHost: a\nHost: b\n\n");
  await page.click("#send button.main");
  await page.locator(".part.wrong").first().focus();
  const said = page.locator("#explanation .sources");
  await said.locator("summary").click();
  await said.locator("text=There are several Host fields").waitFor();
  await said.locator("text=lib/wire/message_framing.ts").waitFor();
  await said.locator("text=Host twice is refused").waitFor();
  // The next part is explained in the same way, without another click.
  await page.locator("#details .part.status").focus();
  await said.locator("text=export function encodeStatusLine").waitFor();
  await said.locator("text=tests/rfc9112/04_status_line_test.ts").waitFor();
});

browserTest("a lesson on a phone", {
  args,
  viewport: { width: 390, height: 844 },
  hasTouch: true,
}, async ({ page, url }) => {
  await page.goto(`${url}xray`);
  assert(!await page.isVisible(".lesson-index"));
  await page.tap("summary:has-text('All lessons')");
  await page.tap("text=Only the head");
  await page.locator(".lesson-card h2:text-is('Only the head')").waitFor();
  assert(!await page.isVisible(".lesson-index"));
  await send(page, `HEAD ${tea} HTTP/1.1\n${local}\n`);
  await verdict(page, solved);
  const isTooWide = await page.evaluate(() =>
    document.documentElement.scrollWidth > innerWidth
  );
  assert(!isTooWide);
});
