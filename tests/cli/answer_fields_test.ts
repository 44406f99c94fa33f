/** `--header` and `--cache`: which answers have which fields. */

import { assertEquals, assertMatch } from "@std/assert";
import {
  mayRunCommand,
  runCommand,
  type RunningCommand,
  Site,
  startCommand,
} from "./command.ts";

const ignore = !mayRunCommand;

async function makeSite(): Promise<Site> {
  const site = await Site.make();
  await Deno.mkdir(`${site.path}/public/assets/deep`, { recursive: true });
  for (const name of ["a.txt", "assets/app.js", "assets/deep/b.css"]) {
    await Deno.writeTextFile(`${site.path}/public/${name}`, "content");
  }
  await Deno.writeTextFile(`${site.path}/public/page.html`, "<p>page");
  return site;
}

async function ask({ url }: RunningCommand, path: string, init?: RequestInit) {
  const response = await fetch(url + path, { redirect: "manual", ...init });
  await response.body?.cancel();
  return response;
}

Deno.test({ name: "--header: on all answers, or some", ignore }, async () => {
  await using site = await makeSite();
  await using command = await startCommand([
    ...["--port=0", "--log=off", "--password", "--public-read"],
    ...["--header", "X-Robots-Tag: noindex"],
    ...["--header", "Content-Security-Policy: img-src 'none'"],
    ...["--header", "/files/assets Cache-Control: max-age=60"],
    ...["--header", "/**/*.js X-Script:  yes "],
    ...["--header", "/files/*.txt X-Top: yes"],
  ], { cwd: site.path });
  const told = async (path: string, names: string[], init?: RequestInit) => {
    const { status, headers } = await ask(command, path, init);
    assertEquals(headers.get("x-robots-tag"), "noindex", path);
    return [status, ...names.map((name) => headers.get(name))];
  };
  const js = ["cache-control", "x-script", "x-top"];
  for (
    const [path, expected] of [
      ["files/assets/app.js", [200, "max-age=60", "yes", null]],
      ["files//assets/app.js", [308, null, "yes", null]],
      ["files/assets/deep/b.css", [200, "max-age=60", null, null]],
      // An error is not for caches.
      ["files/assets/none.js", [404, null, "yes", null]],
      ["files/a.txt", [200, "no-cache", null, "yes"]],
      ["files/a.txt/", [308, null, null, "yes"]],
      ["files/assets", [308, null, null, null]],
      ["files/", [200, "no-cache", null, null]],
      ["about", [200, null, null, null]],
      ["%ff", [404, null, null, null]],
    ] as const
  ) assertEquals(await told(path, js), [...expected], path);
  const range = { headers: { range: "bytes=0-1" } };
  assertEquals((await told("files/assets/app.js", js, range))[1], "max-age=60");
  assertEquals(await told("files/a.txt", [], { method: "PUT", body: "x" }), [
    401,
  ]);
  // A policy is added to the one that is there, and does not replace it.
  const policy = ["content-security-policy"];
  assertEquals(await told("files/page.html", policy), [
    200,
    "sandbox, img-src 'none'",
  ]);
});

Deno.test(
  { name: "--header: no cache keeps what a user gets", ignore },
  async () => {
    await using site = await makeSite();
    await using command = await startCommand([
      ...["--port=0", "--log=off", "--password"],
      ...["--header", "Cache-Control: public, max-age=60"],
    ], { cwd: site.path });
    const line = await command.stderr.until(/^Password:/);
    const authorization = `Basic ${btoa(`:${line.split(" ")[1]}`)}`;
    const { status, headers } = await ask(command, "files/a.txt", {
      headers: { authorization },
    });
    assertEquals([status, headers.get("cache-control")], [
      200,
      "private, no-cache",
    ]);
  },
);

Deno.test(
  { name: "--cache: for files, and not for lists", ignore },
  async () => {
    await using site = await makeSite();
    const expected = "max-age=86400, immutable";
    for (
      const [args, file, other] of [
        [[], "files/a.txt", "files/"],
        [["--site"], "a.txt", "none"],
      ] as const
    ) {
      await using command = await startCommand(
        ["--port=0", "--log=off", "--cache", "1d,immutable", ...args],
        { cwd: site.path },
      );
      const { headers } = await ask(command, file);
      assertEquals(headers.get("cache-control"), expected);
      const known = { headers: { "if-none-match": headers.get("etag")! } };
      const unchanged = await ask(command, file, known);
      assertEquals(unchanged.status, 304);
      assertEquals(unchanged.headers.get("cache-control"), expected);
      const { headers: bare } = await ask(command, other);
      assertEquals(bare.get("cache-control") === expected, false);
    }
  },
);

Deno.test(
  { name: "--header: a pattern that is none is told", ignore },
  async () => {
    await using site = await makeSite();
    const { code, stderr } = await runCommand(["--header", "/*a*b* X: y"], {
      cwd: site.path,
    });
    assertEquals(code, 2);
    assertMatch(
      stderr,
      /^Cannot use --header: got "\/\*a\*b\*", write at most 2/m,
    );
  },
);
