/**
 * What is loaded when a request needs it first is loaded with the permissions
 * that the README gives, though the command has given back the rest by then.
 */

import { assertEquals } from "@std/assert";
import { mayRunCommand, readmeFlags, Site, startCommand } from "./command.ts";

const ignore = !mayRunCommand;

/** RFC 9530 appendix D: of `{"hello": "world"}` and LF. */
const content = '{"hello": "world"}\n';
const digest = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";

Deno.test(
  { name: "the table of media types, and digests", ignore },
  async () => {
    await using site = await Site.make();
    await using command = await startCommand(["--port=0"], { cwd: site.path });
    const url = `${command.url}files/hello.json`;
    const sent = await fetch(url, {
      method: "PUT",
      headers: { "content-digest": digest },
      body: content,
    });
    await sent.body?.cancel();
    assertEquals(sent.status, 201);
    const asked = { headers: { "want-repr-digest": "sha-256=1" } };
    // The first two come while it is loaded.
    const answers = await Promise.all([fetch(url, asked), fetch(url, asked)]);
    for (const response of [...answers, await fetch(url, asked)]) {
      assertEquals(await response.text(), content);
      assertEquals(
        response.headers.get("content-type"),
        "application/json; charset=UTF-8",
      );
      assertEquals(response.headers.get("repr-digest"), digest);
    }
  },
);

Deno.test({ name: "a site's table of media types", ignore }, async () => {
  await using site = await Site.make();
  await Deno.writeTextFile(`${site.path}/public/a.css`, "");
  await using command = await startCommand(["--port=0", "--site"], {
    cwd: site.path,
  });
  const response = await fetch(`${command.url}a.css`);
  await response.body?.cancel();
  assertEquals(response.headers.get("content-type"), "text/css; charset=UTF-8");
});

/** Asks the application for all kinds of things, after a word from the test. */
const program = `
import { AllowedHosts } from "./lib/cli/allowed_hosts.ts";
import { createApp, createSite } from "./lib/cli/app.ts";
import { Directory } from "./lib/files/directory.ts";
const directory = await Directory.open("public");
const hosts = new AllowedHosts({ host: "127.0.0.1", names: ["*"] });
const app = createApp({ directory, hosts, mayWrite: true });
const site = createSite(directory, { spa: false, hosts });
await Promise.all([app.loadRest(), site.loadRest()]);
console.log("loaded");
await Deno.stdin.read(new Uint8Array(1));
const addr = { transport: "unix", path: "" };
const info = { completed: Promise.resolve(), remoteAddr: addr, localAddr: addr };
const ask = async ({ handler }, path, init = {}) =>
  (await handler(new Request("http://localhost" + path, init), info)).status;
const html = { headers: { accept: "text/html" } };
console.log(
  await ask(app, "/"),
  await ask(app, "/", html),
  await ask(app, "/page/style.css"),
  await ask(app, "/files/a.txt", { method: "PUT", body: "a" }),
  await ask(app, "/files/a.txt"),
  await ask(app, "/files/"),
  await ask(app, "/files/", html),
  await ask(site, "/a.txt"),
);
`;

const root = new URL("../../", import.meta.url);

/** Copies the project, without its tests. */
async function copyProject(to: string): Promise<void> {
  const copy = async (path: string) => {
    const { isDirectory } = await Deno.stat(new URL(path, root));
    if (!isDirectory) return Deno.copyFile(new URL(path, root), to + path);
    await Deno.mkdir(to + path);
    for await (const { name } of Deno.readDir(new URL(path, root))) {
      await copy(`${path}/${name}`);
    }
  };
  for (const path of ["deno.json", "deno.lock", "mod.ts", "lib", "vendor"]) {
    await copy(path);
  }
}

/** Puts nonsense into all modules of a folder. */
async function spoil(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) await spoil(path);
    else await Deno.writeTextFile(path, "Not this any more");
  }
}

Deno.test({
  name: "what is loaded after the first answer does without the checkout",
  ignore,
}, async () => {
  await using site = await Site.make();
  await copyProject(`${site.path}/`);
  await Deno.writeTextFile(`${site.path}/program.js`, program);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...readmeFlags, "program.js"],
    cwd: site.path,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await lines.read()).value, "loaded\n");
  await spoil(`${site.path}/lib`);
  await spoil(`${site.path}/vendor`);
  const stdin = child.stdin.getWriter();
  await stdin.write(new Uint8Array(1));
  await stdin.close();
  assertEquals(
    (await lines.read()).value,
    "200 200 200 201 200 200 200 200\n",
  );
  await lines.cancel();
  assertEquals((await child.status).code, 0);
});
