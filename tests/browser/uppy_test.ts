/** Uppy, as others build it into their pages, in a real Chromium. */

import { assert, assertEquals } from "@std/assert";
import type { Browser, Page } from "playwright-core";
import { startCommand } from "../cli/command.ts";
import { BreakingRelay } from "../library/breaking_relay.ts";
import { browserTest } from "./browser.ts";

/** The version of Uppy, whose file for browsers is taken from npm. */
const UPPY = "6.0.1";

/** A few MB; or as many as an argument says. */
const size = Number(Deno.args[0] ?? 4) * 1_000_000;

/** What a page has of Uppy. */
interface Uppy {
  addFile(file: { name: string; data: File }): string;
  upload(): Promise<{ successful: unknown[]; failed: { error: string }[] }>;
  removeFile(id: string): void;
  on(event: "upload-progress", told: () => void): void;
  use(plugin: unknown, options: Record<string, unknown>): Uppy;
}

declare global {
  var Uppy: { Uppy: new () => Uppy; Tus: unknown };
}

let script: Promise<string> | undefined;

/** The script of Uppy. */
async function fetchUppy(): Promise<string> {
  const folder = await Deno.makeTempDir();
  const run = async (command: string, ...args: string[]) => {
    const { success, stderr } = await new Deno.Command(command, {
      args,
      cwd: folder,
    }).output();
    assert(success, new TextDecoder().decode(stderr));
  };
  try {
    await run("npm", "pack", `uppy@${UPPY}`);
    await run("tar", "-xzf", `uppy-${UPPY}.tgz`);
    return await Deno.readTextFile(`${folder}/package/dist/uppy.min.js`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A page of the server's own origin, on which Uppy is. */
async function openPage(browser: Browser, url: string): Promise<Page> {
  // The pages of this server allow no other scripts.
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  await page.goto(`${url}about`);
  await page.addScriptTag({ content: await (script ??= fetchUppy()) });
  return page;
}

/** Sends a file of so many octets; or removes it once some are on their way. */
function send(
  page: Page,
  options: { name: string; size: number; isRemoved?: boolean },
): Promise<string[]> {
  return page.evaluate(async ({ name, size, isRemoved }) => {
    const words = new Uint32Array(size / 4);
    for (let at = 0; at < words.length; at++) words[at] = at * 2654435761;
    const uppy = new globalThis.Uppy.Uppy().use(globalThis.Uppy.Tus, {
      endpoint: "/files/",
      chunkSize: isRemoved ? size / 10 : Infinity,
      retryDelays: Array(20).fill(200),
    });
    const id = uppy.addFile({ name, data: new File([words], name) });
    if (isRemoved) uppy.on("upload-progress", () => uppy.removeFile(id));
    const { failed = [] } = await uppy.upload() ?? {};
    return failed.map(({ error }) => error);
  }, options);
}

async function hashOf(octets: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", octets);
  return new Uint8Array(hash).toHex();
}

/** What is kept of uploads that have not become files. */
async function partsIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).filter((name) =>
    !name.endsWith(".json")
  );
}

browserTest("Uppy: an upload that breaks off goes on elsewhere", {}, async (
  { browser, site, files, url, restart },
) => {
  await using second = await startCommand(["--port=0", "--log=off"], {
    cwd: site.path,
  });
  let server = url;
  await using relay = new BreakingRelay(() => Number(new URL(server).port), [
    { after: size / 4 },
    { after: size / 2, then: () => restart() },
    {
      after: size * 3 / 4,
      then() {
        server = second.url;
      },
    },
  ]);
  const page = await openPage(browser, relay.url("/"));
  const before = performance.now();
  assertEquals(await send(page, { name: "a é.bin", size }), []);
  const seconds = ((performance.now() - before) / 1000).toFixed(1);
  console.log(`${relay.count} breaks, ${seconds} s`);
  await page.close();
  assertEquals(relay.count, 3);
  const words = new Uint32Array(size / 4);
  for (let at = 0; at < words.length; at++) words[at] = at * 2654435761;
  const sent = await hashOf(new Uint8Array(words.buffer));
  const received = await Deno.readFile(`${files}/a é.bin`);
  assertEquals(await hashOf(received), sent);
  assertEquals(await partsIn(`${files}/.sluice-uploads`), []);
});

browserTest("Uppy: an upload that is removed leaves nothing", {}, async (
  { browser, url, files },
) => {
  const page = await openPage(browser, url);
  const gone = page.waitForResponse((response) =>
    response.request().method() === "DELETE"
  );
  await send(page, { name: "a.bin", size: 4_000_000, isRemoved: true });
  assertEquals((await gone).status(), 204);
  const folder = `${files}/.sluice-uploads`;
  assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
});
