/** The recipes for a copy, word for word, where JSR is out of reach. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";

const root = new URL("../../", import.meta.url).pathname;

/** The blocks of code in a part of a page, by their language. */
function blocksIn(text: string): { language: string; code: string }[] {
  return [...text.matchAll(/^```(\w+).*\n([^]*?)^```$/gm)]
    .map(([, language, code]) => ({ language, code }));
}

/** The blocks of code of a page, or of the part of it under a heading. */
async function blocksOf(
  page: string,
  heading?: string,
): Promise<{ language: string; code: string }[]> {
  const text = await Deno.readTextFile(join(root, page));
  if (heading === undefined) return blocksIn(text);
  return blocksIn(text.split(`\n## ${heading}\n`)[1].split("\n## ")[0]);
}

const [program] = await blocksOf("docs/library.md");
const [alone, project, linked] = await blocksOf(
  "docs/library.md",
  "Before its release",
);
const [install, use] = await blocksOf("docs/command.md", "Install it");
const [first, runFirst] = await blocksOf(
  "README.md",
  "In a program of your own",
);

const tea = "418 I'm a teapot: Only tea here";

/** A copy beside the folder of a program; `run` takes a line for a shell. */
class Workplace implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<Workplace> {
    const path = await Deno.makeTempDir();
    await Deno.mkdir(`${path}/mine`);
    await Deno.mkdir(`${path}/sluice`);
    const copied = [
      "deno.json",
      "deno.lock",
      "main.ts",
      "mod.ts",
      "lib",
      "vendor",
    ];
    const { success } = await new Deno.Command("cp", {
      args: ["-r", ...copied.map((name) => root + name), `${path}/sluice`],
    }).output();
    assertEquals(success, true);
    await Deno.writeTextFile(`${path}/mine/tea.ts`, program.code);
    return new Workplace(path);
  }

  command(line: string, folder: string): Deno.Command {
    const bin = `${this.path}/installed/bin`;
    return new Deno.Command("sh", {
      args: ["-c", line],
      cwd: `${this.path}/${folder}`,
      env: {
        JSR_URL: "http://127.0.0.1:9/",
        DENO_INSTALL_ROOT: `${this.path}/installed`,
        PATH: `${bin}:${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`,
        NO_COLOR: "1",
      },
      stdout: "piped",
      stderr: "piped",
    });
  }

  async run(line: string, folder: string): Promise<string> {
    const { code, stdout, stderr } = await this.command(line, folder).output();
    const decoder = new TextDecoder();
    assertEquals(code, 0, decoder.decode(stderr));
    return decoder.decode(stdout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

Deno.test("a program beside a copy", async () => {
  await using place = await Workplace.make();
  assertStringIncludes(await place.run(alone.code, "mine"), tea);
});

Deno.test("the first program of the README", async () => {
  await using place = await Workplace.make();
  await Deno.writeTextFile(`${place.path}/mine/tea.ts`, first.code);
  assertStringIncludes(await place.run(runFirst.code, "mine"), tea);
});

Deno.test("a project with a deno.json of its own", async () => {
  await using place = await Workplace.make();
  assertEquals(project.language, "json");
  await Deno.writeTextFile(`${place.path}/mine/deno.json`, project.code);
  assertStringIncludes(await place.run(linked.code, "mine"), tea);
  // All that the links must cover: the other entries, and types.
  await Deno.writeTextFile(
    `${place.path}/mine/files.ts`,
    `import { serveDir } from "@sluice/http/files";
import { ByteReader } from "@sluice/http/wire";
const handler = serveDir(".");
const request = new Request("http://localhost/tea.ts");
const { status } = await handler(request, {
  remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50000 },
  completed: Promise.resolve(),
});
console.log(status, typeof ByteReader);
`,
  );
  assertEquals(
    await place.run("deno run --check --allow-read=. files.ts", "mine"),
    "200 function\n",
  );
});

Deno.test("the command, installed from a copy", async () => {
  await using place = await Workplace.make();
  await place.run(install.code, "sluice");
  const line = `exec ${use.code.trim()} --port 0`;
  const server = place.command(line, "mine").spawn();
  let told = "";
  const lines = server.stderr.pipeThrough(new TextDecoderStream());
  for await (const text of lines) {
    told += text;
    if (told.includes("Serving")) break;
  }
  const url = /Listening on (\S+)/.exec(told)?.[1];
  const file = await fetch(`${url}files/tea.ts`);
  assertStringIncludes(await file.text(), "teapot");
  server.kill("SIGTERM");
  await server.stdout.cancel();
  assertEquals((await server.status).code, 0);
});
