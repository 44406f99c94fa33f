/**
 * Runs the tests in a browser. It is started once: each test gets a profile of
 * its own in it.
 *
 *     deno task test:browser [FILE…]
 *
 * @module
 */
import { chromium } from "playwright-core";
import { hasChromium, startOptions } from "./browser.ts";

const browser = hasChromium
  ? await chromium.launchServer(startOptions)
  : undefined;
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "--allow-all", ...Deno.args],
  env: browser ? { BROWSER_ENDPOINT: browser.wsEndpoint() } : {},
}).spawn().status;
await browser?.close();
Deno.exit(code);
