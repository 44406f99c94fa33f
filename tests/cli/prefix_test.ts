/** `--prefix /sub`: everything is below it, and so is what leads there. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
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
  await Deno.mkdir(`${site.path}/public/folder/sub`, { recursive: true });
  await Deno.writeTextFile(`${site.path}/public/folder/a.txt`, "A");
  return site;
}

async function start(site: Site, ...args: string[]): Promise<RunningCommand> {
  return await startCommand(
    ["--port=0", "--log=off", "--prefix", "/sub", ...args],
    { cwd: site.path },
  );
}

/** Asks at the server's own top. */
async function ask(
  { url }: RunningCommand,
  path: string,
  init: RequestInit = {},
) {
  const response = await fetch(new URL(path, url), {
    redirect: "manual",
    ...init,
  });
  const { status, headers } = response;
  const text = await response.text();
  return { status, text, headers, location: headers.get("location") };
}

const page = { headers: { accept: "text/html,*/*;q=0.8" } };

Deno.test({ name: "everything is below the prefix", ignore }, async () => {
  await using site = await makeSite();
  await using command = await start(site, "--delete");
  assertMatch(command.url, /^http:\/\/127\.0\.0\.1:\d+\/sub\/$/);
  for (const path of ["/", "/files/", "/about", "/subs/", "/files/folder/"]) {
    assertEquals((await ask(command, path)).status, 404, path);
  }
  assertEquals((await ask(command, "/-/ready")).status, 200);
  assertEquals((await ask(command, "/sub/echo/a")).text, "a");
  assertEquals((await ask(command, "/sub/files/folder/a.txt")).text, "A");
  assertStringIncludes(
    (await ask(command, "/sub/about")).text,
    `curl -T NAME ${command.url}files/`,
  );
  for (
    const [from, to] of [
      ["/sub", "/sub/"],
      ["/sub?a=b", "/sub/?a=b"],
      ["/sub/files", "/sub/files/"],
      ["/sub/files/folder", "/sub/files/folder/"],
      ["/sub/files//folder/a.txt/?x", "/sub/files/folder/a.txt?x"],
    ]
  ) {
    const { status, location } = await ask(command, from);
    assertEquals([status, location], [308, to]);
  }
});

Deno.test(
  { name: "each link of each page leads somewhere", ignore },
  async () => {
    await using site = await makeSite();
    await using command = await start(site);
    const seen = new Set<string>();
    const waiting = ["/sub/", "/sub/files/folder/", "/sub/nowhere"];
    for (let path; (path = waiting.pop()) !== undefined;) {
      const { status, text } = await ask(command, path, page);
      assertEquals(status, path === "/sub/nowhere" ? 404 : 200, path);
      if (!text.startsWith("<!doctype")) continue;
      const [, base = path] = /<base href="([^"]*)"/.exec(text) ?? [];
      for (const [, link] of text.matchAll(/(?:href|src|action)="([^"]*)"/g)) {
        const at = new URL(link, new URL(base, command.url));
        assert(at.pathname.startsWith("/sub/"), `${link} on ${path}`);
        const next = at.pathname + at.search;
        if (!seen.has(next)) waiting.push(next);
        seen.add(next);
      }
    }
    for (const path of ["page/files.js", "about", "files/folder/a.txt"]) {
      assert(seen.has(`/sub/${path}`), path);
    }
  },
);

Deno.test({ name: "uploads tell where they are", ignore }, async () => {
  await using site = await makeSite();
  await using command = await start(site);
  const put = (path: string, headers: HeadersInit = {}, method = "PUT") =>
    ask(command, path, { method, body: "x", headers });
  const file = "/sub/files/new.txt";
  assertEquals((await put(file)).location, file);
  assertEquals((await put(file, {}, "POST")).location, file);
  const folder = await ask(command, "/sub/files/made/", { method: "PUT" });
  assertEquals(folder.location, "/sub/files/made/");
  const form = new FormData();
  form.append("file", new File(["x"], "form.txt"));
  const sent = await ask(command, "/sub/files/", {
    method: "POST",
    body: form,
  });
  assertEquals([sent.status, sent.location], [201, "/sub/files/form.txt"]);
  const begun = await put("/sub/files/b", { "upload-complete": "?0" });
  assertMatch(begun.location!, /^\/sub\/uploads\/[\w-]+$/);
  const { headers } = await ask(command, begun.location!, { method: "HEAD" });
  assertEquals(headers.get("upload-offset"), "1");
});

Deno.test({ name: "a login is for what is below", ignore }, async () => {
  await using site = await makeSite();
  await using command = await start(site, "--password");
  const line = await command.stderr.until(/^Password:/);
  const [, password, link] = /^Password: (\S+) .* open (\S+)$/.exec(line)!;
  assertEquals(link, `${command.url}login?key=${password}`);
  assertEquals((await ask(command, "/sub/files/")).status, 401);
  const asked = await ask(command, "/sub/files/folder/", page);
  const login = "/sub/login?to=%2Fsub%2Ffiles%2Ffolder%2F";
  assertEquals([asked.status, asked.location], [303, login]);
  const { text } = await ask(command, login, page);
  assertStringIncludes(text, 'action="/sub/login"');
  assertStringIncludes(text, 'value="/sub/files/folder/"');
  const opened = await ask(command, link);
  assertEquals(opened.location, "/sub/files/");
  const cookie = opened.headers.get("set-cookie")!;
  assertMatch(cookie, /; Path=\/sub\/; /);
  const [pair] = cookie.split(";");
  const known = { headers: { cookie: pair } };
  assertEquals((await ask(command, "/sub/files/", known)).status, 200);
  const left = await ask(command, "/sub/logout", { method: "POST", ...known });
  assertEquals(left.location, "/sub/login");
  assertMatch(left.headers.get("set-cookie")!, /; Path=\/sub\/; Max-Age=0/);

  const main = new URL("../../main.ts", import.meta.url).href;
  const signing = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--allow-read=public", main],
      ...["link", "folder/a.txt", "--for", "1h", "--prefix", "/sub"],
    ],
    cwd: site.path,
  });
  const { stdout } = await signing.output();
  const signed = new TextDecoder().decode(stdout).trim();
  assertMatch(signed, /^\/sub\/files\/folder\/a\.txt\?expires=/);
  assertEquals((await ask(command, signed)).text, "A");
});

Deno.test(
  { name: "a proxy that speaks TLS gets a safe cookie", ignore },
  async () => {
    await using site = await makeSite();
    await using command = await start(
      site,
      "--password",
      "--trust-proxy=127.0.0.1",
    );
    const line = await command.stderr.until(/^Password:/);
    const headers = {
      "x-forwarded-proto": "https",
      "x-forwarded-for": "1.2.3.4",
    };
    const opened = await ask(command, line.split(" open ")[1], { headers });
    const cookie = opened.headers.get("set-cookie")!;
    assertMatch(cookie, /^__Secure-sluice-login=.*; Path=\/sub\/; .*; Secure$/);
    const [pair] = cookie.split(";");
    const known = { headers: { ...headers, cookie: pair } };
    assertEquals((await ask(command, "/sub/files/", known)).status, 200);
  },
);

Deno.test(
  { name: "a place to send files is below as well", ignore },
  async () => {
    await using site = await makeSite();
    await using command = await start(site, "--upload-only");
    const { text } = await ask(command, "/sub/", page);
    assertStringIncludes(text, 'action="/sub/files/"');
    const form = new FormData();
    form.append("file", new File(["x"], "form.txt"));
    const sent = await ask(command, "/sub/files/", {
      method: "POST",
      body: form,
      ...page,
    });
    assertEquals([sent.status, sent.location], [303, "/sub/?received"]);
  },
);

Deno.test({ name: "a site is below the prefix", ignore }, async () => {
  await using site = await makeSite();
  await Deno.writeTextFile(`${site.path}/public/index.html`, "home");
  await Deno.mkdir(`${site.path}/public/sub`);
  await Deno.writeTextFile(`${site.path}/public/sub/index.html`, "inner");
  for (const option of ["--site", "--spa"]) {
    await using command = await start(site, option);
    assertEquals((await ask(command, "/sub/")).text, "home");
    assertEquals((await ask(command, "/sub/sub/")).text, "inner");
    assertEquals((await ask(command, "/sub/sub")).location, "/sub/sub/");
    assertEquals((await ask(command, "/sub")).location, "/sub/");
    assertEquals((await ask(command, "/index.html")).status, 404);
    const deep = await ask(command, "/sub/deep/page", page);
    assertEquals(deep.status, option === "--spa" ? 200 : 404);
  }
});

Deno.test({ name: "a prefix that is none is told", ignore }, async () => {
  await using site = await makeSite();
  for (const prefix of ["sub", "/", "/a//b", "/..", "/a b", "//evil"]) {
    const { code, stderr } = await runCommand(["--prefix", prefix], {
      cwd: site.path,
    });
    assertEquals(code, 2, prefix);
    assertMatch(stderr, /^Cannot use --prefix: got ".*", write a path of/m);
  }
  const { code, stderr } = await runCommand(["--prefix=/a", "--xray"], {
    cwd: site.path,
  });
  assertEquals(code, 2);
  assertMatch(stderr, /^Cannot use --xray: .*, omit --prefix$/m);
});
