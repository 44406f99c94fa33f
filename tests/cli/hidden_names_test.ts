/** `--hide`: what it hides is not there, whoever asks in which way. */

import { assertEquals, assertMatch } from "@std/assert";
import { mayRunCommand, runCommand, Site, startCommand } from "./command.ts";

const ignore = !mayRunCommand;

const files = {
  "open.txt": "open",
  "a.key": "secret",
  "sub/b.KEY": "secret",
  "sub/open.txt": "open",
  "private/open.txt": "secret",
  "private/deep/c.txt": "secret",
  "drafts/one.txt": "secret",
  "drafts/one.md": "open",
};

const hidden = ["--hide", "*.key", "--hide=/private", "--hide", "drafts/*.txt"];

async function makeSite(): Promise<Site> {
  const site = await Site.make();
  const root = `${site.path}/public`;
  for (const folder of ["sub", "private/deep", "drafts"]) {
    await Deno.mkdir(`${root}/${folder}`, { recursive: true });
  }
  for (const [path, content] of Object.entries(files)) {
    await Deno.writeTextFile(`${root}/${path}`, content);
  }
  await Deno.symlink("a.key", `${root}/link.txt`);
  await Deno.symlink("private", `${root}/link`);
  return site;
}

const secrets = [
  "a.key",
  "A.KEY",
  "%61.key",
  "sub/b.KEY",
  "sub/b.key",
  "private/open.txt",
  "PRIVATE/open.txt",
  "private",
  "private/",
  "private/deep/c.txt",
  "drafts/one.txt",
  "link.txt",
  "link/",
  "link/open.txt",
  "//a.key",
  "a.key/",
];

const resumable = { "upload-complete": "?0" };

Deno.test({ name: "what is hidden is not there", ignore }, async () => {
  await using site = await makeSite();
  await using command = await startCommand(
    ["--port=0", "--delete", "--log=off", ...hidden],
    { cwd: site.path },
  );
  const ask = async (method: string, path: string, init: RequestInit = {}) => {
    const url = `${command.url}files/${path}`;
    const response = await fetch(url, { method, redirect: "manual", ...init });
    return { status: response.status, text: await response.text() };
  };
  const absent = await ask("GET", "nothing");
  for (const path of secrets) {
    assertEquals(await ask("GET", path), absent, path);
    assertEquals((await ask("HEAD", path)).status, 404, path);
  }
  // Whether it is there or not: a change tells nothing.
  for (
    const path of [
      "a.key",
      "new.key",
      "sub/NEW.key",
      "private/new.txt",
      "private",
      "drafts/new.txt",
      "drafts/one.txt",
    ]
  ) {
    const statuses = [
      await ask("PUT", path, { body: "x" }),
      await ask("POST", path, { body: "x" }),
      await ask("PUT", path, { headers: resumable }),
      await ask("DELETE", path),
      await ask("PUT", `${path}/`),
      await ask("DELETE", `${path}/`),
    ].map(({ status }) => status);
    assertEquals(statuses, [403, 403, 403, 403, 403, 403], path);
  }
  // A link leads nowhere, as one that leads outside.
  assertEquals((await ask("PUT", "link/new.txt", { body: "x" })).status, 409);
  const form = new FormData();
  form.append("file", new File(["x"], "form.key"));
  assertEquals((await ask("POST", "sub/", { body: form })).status, 403);

  const lists: Record<string, string> = {
    "": "drafts/\nopen.txt\nsub/\n",
    "sub/": "open.txt\n",
    "drafts/": "one.md\n",
  };
  for (const [path, names] of Object.entries(lists)) {
    const headers = { accept: "text/plain" };
    assertEquals((await ask("GET", path, { headers })).text, names);
    for (const accept of ["*/*", "application/json", "text/html"]) {
      const { text } = await ask("GET", path, { headers: { accept } });
      assertEquals(
        text.match(/\.key|private|one\.txt|\/link|"link"/i),
        null,
        text,
      );
    }
  }
  // What was there is as it was, and nothing is new.
  for (const [path, content] of Object.entries(files)) {
    const there = await Deno.readTextFile(`${site.path}/public/${path}`);
    assertEquals(there, content);
  }
  const left = await Array.fromAsync(Deno.readDir(`${site.path}/public/sub`));
  assertEquals(left.map(({ name }) => name).toSorted(), ["b.KEY", "open.txt"]);
  assertEquals((await ask("PUT", "sub/new.txt", { body: "x" })).status, 201);
});

Deno.test({ name: "a site hides as well", ignore }, async () => {
  await using site = await makeSite();
  for (const option of ["--site", "--spa"]) {
    await using command = await startCommand(
      ["--port=0", "--log=off", option, ...hidden],
      { cwd: site.path },
    );
    for (const path of secrets) {
      const response = await fetch(command.url + path, { redirect: "manual" });
      assertEquals([path, response.status], [path, 404]);
      await response.body?.cancel();
    }
    assertEquals(await (await fetch(`${command.url}open.txt`)).text(), "open");
  }
});

Deno.test(
  { name: "a pattern that hides all leaves uploads alone", ignore },
  async () => {
    await using site = await makeSite();
    await using command = await startCommand(
      ["--port=0", "--log=off", "--hide", ".*"],
      { cwd: site.path },
    );
    const url = `${command.url}files/new.txt`;
    const response = await fetch(url, { method: "PUT", body: "x" });
    assertEquals([response.status, await response.text()], [201, ""]);
  },
);

Deno.test({ name: "a pattern that is none is told", ignore }, async () => {
  await using site = await makeSite();
  const { code, stderr } = await runCommand(["--hide", "!a"], {
    cwd: site.path,
  });
  assertEquals(code, 2);
  assertMatch(
    stderr,
    /^Cannot use --hide: got "!a", write only what to match/m,
  );
});
