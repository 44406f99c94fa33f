/** The package as JSR gives it out, from a registry that this server serves. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { serve } from "../../mod.ts";
import { serveDir } from "../../lib/files/mod.ts";
import { filesIn, layOut, publish, unpack } from "./registry.ts";

const program = `
import { serve } from "jsr:@sluice/http";
await using server = serve(
  { hostname: "127.0.0.1", port: 0, onListen() {} },
  (request) => new Response("from JSR: " + new URL(request.url).pathname),
);
const response = await fetch("http://127.0.0.1:" + server.addr.port + "/hello");
console.log(await response.text());
`;

const rooms = `
import { compress, csrf, timeout } from "jsr:@sluice/http/handlers";
import { Directory, download } from "jsr:@sluice/http/files";
import type { Observer } from "jsr:@sluice/http/observe";
import { route } from "jsr:@sluice/http/router";
const observer: Observer | undefined = undefined;
const all = [compress, csrf, timeout, Directory, download, route, observer];
console.log(all.map((one) => typeof one).join(" "));
`;

const wire = `
import { ByteReader, openContent, readRequestHead } from "jsr:@sluice/http/wire";
console.log(typeof ByteReader, typeof openContent, typeof readRequestHead);
`;

const lazy = `
import { isLazy } from "jsr:@sluice/http/lazy_response";
console.log(isLazy, new Response("lazy") instanceof Response);
`;

/** A directory that is gone after the test. */
async function withFolder(use: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a program imports jsr:@sluice/http, served by this server", () =>
  withFolder(async (folder) => {
    const registry = `${folder}/registry`;
    await layOut(registry);
    await using server = serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      serveDir(registry),
    );
    const cwd = `${folder}/empty`;
    await Deno.mkdir(`${cwd}/public`, { recursive: true });
    await Deno.writeTextFile(`${cwd}/public/a.html`, "<p>");
    await Deno.writeTextFile(`${cwd}/program.ts`, program);
    await Deno.writeTextFile(`${cwd}/rooms.ts`, rooms);
    await Deno.writeTextFile(`${cwd}/wire.ts`, wire);
    await Deno.writeTextFile(`${cwd}/lazy.ts`, lazy);
    const deno = (...args: string[]) =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-prompt", ...args],
        cwd,
        env: {
          JSR_URL: `http://127.0.0.1:${server.addr.port}/`,
          DENO_DIR: `${folder}/cache`,
          NO_COLOR: "1",
        },
        stdout: "piped",
        stderr: "piped",
      });
    const output = async (...args: string[]) => {
      const { code, stdout, stderr } = await deno(...args).output();
      const decoder = new TextDecoder();
      assertEquals(code, 0, decoder.decode(stderr));
      return decoder.decode(stdout);
    };
    assertEquals(
      await output("--allow-net=127.0.0.1", "program.ts"),
      "from JSR: /hello\n",
    );
    assertEquals(
      await output("--check", "rooms.ts"),
      "function function function function function function undefined\n",
    );
    assertEquals(await output("wire.ts"), "function function function\n");
    assertEquals(await output("lazy.ts"), "true true\n");
    assertMatch(
      await output("jsr:@sluice/http/cli", "--version"),
      /^sluice \d/,
    );

    // The command too, with its pages, and no permission but its own; also as
    // workers, which it starts from where it came from itself.
    for (const count of ["1", "2"]) {
      const command = deno(
        "--allow-net",
        "--allow-read=./public",
        "--allow-write=./public",
        `--allow-run=${Deno.execPath()}`,
        "jsr:@sluice/http/cli",
        "--port",
        "0",
        "--workers",
        count,
      ).spawn();
      await useCommand(command);
    }
  }));

/** Asks the command what is loaded when it is needed first, and ends it. */
async function useCommand(command: Deno.ChildProcess): Promise<void> {
  let told = "";
  for await (
    const text of command.stderr.pipeThrough(new TextDecoderStream())
  ) {
    told += text;
    if (told.includes("Serving")) break;
  }
  const match = /Listening on (\S+)/.exec(told);
  assert(match, told);
  const [, url] = match;
  const style = await fetch(`${url}page/style.css`);
  assertEquals(style.headers.get("content-type"), "text/css; charset=utf-8");
  assert((await style.text()).includes(":root"));
  // The types of files, and digests.
  const file = await fetch(`${url}files/a.html`, {
    headers: { "want-repr-digest": "sha-256=1" },
  });
  assertEquals(await file.text(), "<p>");
  assertEquals(file.headers.get("content-type"), "text/html; charset=UTF-8");
  assertMatch(file.headers.get("repr-digest") ?? "", /^sha-256=:/);
  command.kill("SIGTERM");
  await command.stdout.cancel();
  assertEquals((await command.status).code, 0);
}

Deno.test("what is published imports from itself, from JSR, and six packages of npm", () =>
  withFolder(async (folder) => {
    await unpack(await publish(), folder);
    const modules = (await filesIn(folder))
      .filter((path) => /^(?:lib\/.*|main|mod)\.ts$/.test(path));
    const strange: string[] = [];
    for (const path of modules) {
      const text = await Deno.readTextFile(`${folder}/${path}`);
      const code = text.replace(/^\s*\/\*[^]*?\*\//gm, "");
      for (
        const [, specifier] of code.matchAll(/(?:from|import\() ?"(.+?)"/g)
      ) {
        const isOwn = /^\.\.?\/(?!.*\bvendor\/)/.test(specifier);
        if (
          isOwn ||
          specifier === "${BCRYPT}" ||
          /^(?:jsr:@std\/|node:|npm:\/?(?:bcryptjs|dompurify|ipaddr\.js|marked|node-forge|uqr)@)/
            .test(specifier)
        ) {
          continue;
        }
        strange.push(`${path} imports ${specifier}`);
      }
    }
    assertEquals(strange, []);
    const text = await Deno.readTextFile(`${folder}/lib/server/listener.ts`);
    assert(text.includes('"jsr:@std/async@^1/delay"'));
  }));
