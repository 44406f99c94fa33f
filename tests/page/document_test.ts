/** The rules that each page gives the browser along. */

import { assertEquals, assertMatch } from "@std/assert";
import { respondWithPage } from "../../lib/page/document.ts";
import { markup } from "../../lib/page/markup.ts";

Deno.test("a page runs its own script alone, and stands in no frame", async () => {
  const response = respondWithPage({
    title: "A page",
    content: markup`<p>Text</p>`,
    script: "files.js",
  }, { prefix: "", links: [] });
  const policy = response.headers.get("content-security-policy")!;
  const directives = Object.fromEntries(
    policy.split("; ").map((each) => each.split(/ (.*)/, 2)),
  );
  const { "script-src": script, ...others } = directives;
  assertMatch(script, /^'nonce-[-0-9a-f]{36}'$/);
  const [, nonce] = /'nonce-(.*)'/.exec(script)!;
  assertMatch(await response.text(), new RegExp(` nonce="${nonce}"`));
  assertEquals(others, {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
  });
  assertEquals(response.headers.get("referrer-policy"), "same-origin");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
});
