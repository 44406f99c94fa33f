/** What a page's `fetch` does, in a real Chromium. */

import { assertEquals } from "@std/assert";
import type { Browser } from "playwright-core";
import { Site, startCommand } from "../cli/command.ts";
import { hasChromium, launch } from "./browser.ts";

/** Opens a page of the server's, which the test may run scripts in. */
async function inPage(
  use: (browser: Browser, url: string, site: Site) => Promise<void>,
): Promise<void> {
  await using site = await Site.make();
  await using server = await startCommand(["--port", "0", "--log", "off"], {
    cwd: site.path,
  });
  const browser = await launch();
  try {
    await use(browser, server.url, site);
  } finally {
    await browser.close();
  }
}

function browserTest(name: string, fn: Parameters<typeof inPage>[0]): void {
  Deno.test({
    name: `chromium: ${name}`,
    ignore: !hasChromium,
    fn: () => inPage(fn),
  });
}

browserTest("fetch reads, uploads and downloads", async (browser, url) => {
  const page = await browser.newPage();
  await page.goto(url);
  const results = await page.evaluate(async () => {
    const text = async (path: string, init?: RequestInit) => {
      const response = await fetch(path, init);
      return [response.status, await response.text()];
    };
    const blob = new Blob([new Uint8Array(3 << 20)]);
    return [
      await text("/echo/h%C3%A9llo"),
      (await text("/user-agent"))[1] === navigator.userAgent,
      await text("/files/a.txt", { method: "POST", body: "from a page" }),
      await text("/files/a.txt"),
      (await text("/files/b", { method: "POST", body: blob }))[0],
      (await (await fetch("/files/b")).arrayBuffer()).byteLength,
      (await text("/files/none"))[0],
    ];
  });
  assertEquals(results, [
    [200, "héllo"],
    true,
    [201, ""],
    [200, "from a page"],
    201,
    3 << 20,
    404,
  ]);
});

browserTest(
  "a page of another site changes nothing",
  async (browser, url, site) => {
    await using other = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () =>
        new Response("<p>other", { headers: { "content-type": "text/html" } }),
    );
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${other.addr.port}/`);
    await page.evaluate(async (target) => {
      await fetch(target, { method: "POST", mode: "no-cors", body: "evil" });
    }, `${url}files/evil.txt`);
    assertEquals(
      await Array.fromAsync(Deno.readDir(`${site.path}/public`)),
      [],
    );
  },
);

browserTest("an uploaded page runs no script", async (browser, url, site) => {
  const page = await browser.newPage();
  await Deno.writeTextFile(
    `${site.path}/public/evil.html`,
    "<title>calm</title><script>document.title = 'ran'</script>",
  );
  await page.goto(`${url}files/evil.html`);
  assertEquals(await page.title(), "calm");
});
