/**
 * A test that needs a browser goes in; it gets a page of a running server's.
 * What no test may see fails it: a breach of the Content-Security-Policy, an
 * error in a script, a request to anybody else.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Download,
  type Page,
} from "playwright-core";
import { type RunningCommand, Site, startCommand } from "../cli/command.ts";

const executablePath = "/usr/bin/chromium";
/** Whether there is a browser to test with. */
export const hasChromium: boolean = await Deno.stat(executablePath).then(
  () => true,
  () => false,
);

/** What a test is given. */
export interface Scene {
  page: Page;
  browser: Browser;
  /** Where the server is, with `/` at its end. */
  url: string;
  /** What it serves, on the disk. */
  files: string;
  site: Site;
  server: RunningCommand;
  /** Stops the server at once; fulfilled when another one has taken its place. */
  restart: (whileAway?: () => Promise<void>) => Promise<void>;
}

/** How the server and the browser are started. */
export interface SceneOptions extends BrowserContextOptions {
  /** Options of the command. */
  args?: string[];
  /** Permissions of the command beside those of the README. */
  flags?: string[];
  /** Where the browser finds the server. Default: where it says it listens. */
  urlOf?: (server: RunningCommand) => string;
  /** What is on the disk before. */
  prepare?: (files: string) => Promise<void>;
  /** Whether the server may write. Default: true. */
  mayWrite?: boolean;
  /** Errors in the browser's log that the test is about. */
  expected?: RegExp;
}

/** How a browser is started that does not call home. */
export const startOptions = {
  executablePath,
  // Root may not use the sandbox.
  args: [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ],
};

/** Starts a browser of its own, with more switches. */
export function launch(...switches: string[]): Promise<Browser> {
  const args = [...startOptions.args, ...switches];
  return chromium.launch({ ...startOptions, args });
}

/** Connects to the browser of `run.ts`; without that, starts one. */
async function connect(): Promise<Browser> {
  const endpoint = Deno.env.get("BROWSER_ENDPOINT");
  return endpoint
    ? await chromium.connect(endpoint, { timeout: 30_000 })
    : await launch();
}

/** What was downloaded. */
export async function textOf(download: Download, site: Site): Promise<string> {
  const path = `${site.path}/downloaded`;
  await download.saveAs(path);
  return await Deno.readTextFile(path);
}

/** Defines a test in a browser; it is ignored, by name, where there is none. */
export function browserTest(
  name: string,
  options: SceneOptions,
  fn: (scene: Scene) => Promise<void>,
): void {
  Deno.test({
    name: `chromium: ${name}`,
    ignore: !hasChromium,
    // A closed connection to a browser still has a timer for a moment, and
    // nothing tells when that is gone.
    sanitizeOps: false,
    fn: () => play(options, fn),
  });
}

async function play(
  {
    args = [],
    flags: more = [],
    urlOf = ({ url }) => url,
    prepare,
    mayWrite = true,
    expected,
    ...context
  }: SceneOptions,
  fn: (scene: Scene) => Promise<void>,
): Promise<void> {
  await using site = await Site.make();
  const files = `${site.path}/public`;
  await prepare?.(files);
  const flags = [
    "--allow-net",
    "--allow-read=./public",
    ...mayWrite ? ["--allow-write=./public"] : [],
    ...more,
  ];
  const start = (port: string) =>
    startCommand(["--port", port, "--log", "off", ...args], {
      cwd: site.path,
      flags,
    });
  let server = await start("0");
  const url = urlOf(server);
  const browser = await connect();
  try {
    const page = await (await browser.newContext(context)).newPage();
    const wrong = watch(page, url, expected);
    await fn({
      page,
      browser,
      url,
      files,
      site,
      get server() {
        return server;
      },
      async restart(whileAway) {
        await server[Symbol.asyncDispose]();
        await whileAway?.();
        server = await start(new URL(url).port);
      },
    });
    assertEquals(wrong, []);
  } finally {
    await browser.close();
    await server[Symbol.asyncDispose]();
  }
}

/** Collects what must not happen. */
function watch(page: Page, url: string, expected?: RegExp): string[] {
  const wrong: string[] = [];
  page.on("console", (message) => {
    const text = message.text();
    const isPolicy = /content security policy|refused to/i.test(text);
    if (isPolicy || message.type() === "error") {
      if (!expected?.test(text)) wrong.push(text);
    }
  });
  page.on("pageerror", (error) => wrong.push(`${error}`));
  page.on("request", (request) => {
    const other = request.url();
    if (!/^(?:data|blob|about):/.test(other) && !other.startsWith(url)) {
      wrong.push(`a request to ${other}`);
    }
  });
  return wrong;
}

/** Makes the connection as slow as one in the country. */
export async function slowDown(
  page: Page,
  octetsPerSecond: number,
): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: octetsPerSecond,
  });
}

/** The names in the list, in their order. */
export function namesIn(page: Page): Promise<string[]> {
  return page.locator("#files td.name a").allTextContents();
}

/** Chooses something from the menu of an entry. */
export async function choose(
  page: Page,
  name: string,
  label: string,
): Promise<void> {
  await page.click(`[aria-label='More actions for ${name}']`);
  await page.click(`.menu button:has-text("${label}")`);
}
