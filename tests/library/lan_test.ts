/** The printed address answers from another machine: two network namespaces. */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { Lines } from "../cli/command.ts";

const main = fromFileUrl(new URL("../../main.ts", import.meta.url));

async function run(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args })
    .output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr));
  return decoder.decode(stdout);
}

/** Two machines on one cable, gone when disposed of. */
class Cable implements AsyncDisposable {
  static #count = 0;
  readonly #names: string[];

  private constructor(names: string[]) {
    this.#names = names;
  }

  get server(): string {
    return this.#names[0];
  }

  get phone(): string {
    return this.#names[1];
  }

  static async lay(addresses: [string, string]): Promise<Cable> {
    const id = `${Deno.pid}-${Cable.#count++}`;
    const cable = new Cable([`sluice-a-${id}`, `sluice-b-${id}`]);
    try {
      for (const name of cable.#names) await run("ip", "netns", "add", name);
      const ends = [`sa${id}`, `sb${id}`];
      await run(
        "ip",
        "link",
        "add",
        ends[0],
        ...["netns", cable.server],
        "type",
        ...["veth", "peer", "name", ends[1], "netns", cable.phone],
      );
      for (const [at, name] of cable.#names.entries()) {
        const within = (...args: string[]) => run("ip", "-n", name, ...args);
        await within("address", "add", `${addresses[at]}/24`, "dev", ends[at]);
        for (const link of [ends[at], "lo"]) {
          await within("link", "set", link, "up");
        }
      }
      return cable;
    } catch (error) {
      await cable[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names) {
      await run("ip", "netns", "delete", name).catch(() => {});
    }
  }
}

async function mayLayCables(): Promise<boolean> {
  try {
    await using _ = await Cable.lay(["10.203.1.1", "10.203.1.2"]);
    return true;
  } catch {
    return false;
  }
}

Deno.test({
  name: "two machines: the printed address answers, and its page names it",
  ignore: !await mayLayCables(),
}, async () => {
  await using cable = await Cable.lay(["10.203.2.1", "10.203.2.2"]);
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/public`);
  await Deno.writeTextFile(`${folder}/public/a.txt`, "A");
  const flags = [
    "--allow-net",
    "--allow-read=./public",
    "--allow-write=./public",
    "--allow-sys=networkInterfaces",
  ];
  const command = [Deno.execPath(), "run", "--no-prompt", ...flags, main];
  await using child = new Deno.Command("ip", {
    args: [
      "netns",
      "exec",
      cable.server,
      ...command,
      "-p",
      "0",
      "-H",
      "0.0.0.0",
    ],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = new Lines(child.stderr);
  const ask = (...args: string[]) =>
    run("ip", "netns", "exec", cable.phone, "curl", "-sS", "-m", "30", ...args);
  await stderr.until(/^Serving /);
  const urls = stderr.all.filter((line) => line.startsWith("On the network: "))
    .map((line) => line.slice("On the network: ".length));
  assertEquals(urls.map((url) => new URL(url).hostname), ["10.203.2.1"]);
  const [url] = urls;
  assertEquals(await ask(`${url}files/a.txt`), "A");
  await ask("-T", main, `${url}files/b.ts`);
  assertEquals(
    await Deno.readTextFile(`${folder}/public/b.ts`),
    await Deno.readTextFile(main),
  );
  const page = await ask("-H", "Accept: text/html", url);
  assert(page.includes(`<a href="${url}">${url}</a>`), page);
  child.kill("SIGTERM");
  await Promise.all([child.status, stderr.end]);
  await Deno.remove(folder, { recursive: true });
});
