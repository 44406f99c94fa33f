import { assertEquals } from "@std/assert";
import { inChangelog, inImports, inReadme } from "./release_check.ts";

Deno.test("the changelog begins with the version, and its date", () => {
  const text = "# Changelog\n\n## 1.2.0 (2026-12-01)\n\n## 1.1.0 (soon)\n";
  assertEquals(inChangelog(text, "1.2.0"), []);
  assertEquals(inChangelog(text, "1.1.0").length, 1);
  assertEquals(inChangelog("## 1.1.0 (unreleased)\n", "1.1.0").length, 1);
  assertEquals(inChangelog("# Changelog\n", "1.1.0").length, 1);
});

Deno.test("the README has an example", () => {
  assertEquals(inReadme("# A\n\n```ts\nserve();\n```\n"), []);
  assertEquals(inReadme("# A\n\n```sh\ndeno\n```\n").length, 1);
});

Deno.test("the package imports from JSR and npm, by versions", () => {
  const std = { "@std/path": "jsr:@std/path@^1" };
  assertEquals(inImports(std), []);
  assertEquals(inImports({ ...std, a: "./vendor/a.ts" }).length, 1);
  assertEquals(inImports({ ...std, b: "npm:b.js@^1.2.3" }), []);
  assertEquals(inImports({ ...std, b: "npm:b" }).length, 1);
});
