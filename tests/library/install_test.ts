/**
 * The command, installed as the docs say on a machine that has only Node or only
 * Deno, and run from any folder; and what it is granted there.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { Lines } from "../cli/command.ts";

const root = fromFileUrl(new URL("../../", import.meta.url));

/** A folder with a folder to share, gone when disposed of. */
class Machine implements AsyncDisposable {
  private constructor(readonly path: string) {}

  /** @param programs All that is on its PATH, by name. */
  static async make(programs: Record<string, string>): Promise<Machine> {
    const machine = new Machine(await Deno.realPath(await Deno.makeTempDir()));
    const { path } = machine;
    for (const name of ["bin", "share", "elsewhere"]) {
      await Deno.mkdir(`${path}/${name}`);
    }
    await Deno.writeTextFile(`${path}/share/a.txt`, "A");
    for (const [name, target] of Object.entries(programs)) {
      await Deno.symlink(target, `${path}/bin/${name}`);
    }
    return machine;
  }

  /** Where the log of accesses is. */
  get audit(): string {
    return `${this.path}/audit`;
  }

  command(
    program: string,
    args: string[],
    options: Deno.CommandOptions = {},
  ): Deno.Command {
    return new Deno.Command(program, {
      cwd: this.path,
      args,
      stdin: "null",
      ...options,
      env: {
        PATH: `${this.path}/bin`,
        XDG_CACHE_HOME: `${this.path}/cache`,
        DENO_AUDIT_PERMISSIONS: this.audit,
        DENO_NO_UPDATE_CHECK: "1",
        NO_COLOR: "1",
      },
    });
  }

  async run(
    program: string,
    args: string[],
    options: Deno.CommandOptions = {},
  ): Promise<string> {
    const { success, stdout, stderr } = await this
      .command(program, args, options).output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(decoder.decode(stderr));
    return decoder.decode(stdout);
  }

  /** What has been asked for: each value, by the name of its permission. */
  async accesses(): Promise<Record<string, string[]>> {
    const values: Record<string, Set<string>> = {};
    const text = await Deno.readTextFile(this.audit);
    for (const line of text.trim().split("\n")) {
      const { permission, value } = JSON.parse(line);
      (values[permission] ??= new Set()).add(value);
    }
    return Object.fromEntries(
      Object.entries(values).map(([name, each]) => [name, [...each]]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Starts it in a folder, writes and reads a file, and stops it. */
async function serveOnce(
  machine: Machine,
  program: string,
  { args, cwd }: { args: string[]; cwd: string },
): Promise<void> {
  const options = { cwd, stdout: "null", stderr: "piped" } as const;
  await using child = machine.command(program, args, options).spawn();
  const stderr = new Lines(child.stderr);
  await stderr.until(/^Serving /);
  const line = await stderr.until(/^Listening on /);
  const url = line.slice("Listening on ".length);
  const put = await fetch(`${url}files/b.txt`, { method: "PUT", body: "B" });
  await put.body?.cancel();
  assertEquals(put.status, 201);
  assertEquals(await (await fetch(`${url}files/b.txt`)).text(), "B");
  const list = await fetch(url, { headers: { accept: "text/plain" } });
  assertEquals(await list.text(), "a.txt\nb.txt\n");
  child.kill("SIGTERM");
  await Promise.all([child.status, stderr.end]);
  assertMatch(stderr.all.at(-1)!, /^Stopping/);
  await Deno.remove(`${machine.path}/share/b.txt`);
}

/** Nothing was asked for but the folder and the port. */
async function assertBounded(machine: Machine, name: string): Promise<void> {
  const { read, write, net, ...others } = await machine.accesses();
  assertEquals(net, ["127.0.0.1:0"]);
  assertEquals(others, {});
  const share = RegExp.escape(`${machine.path}/share`);
  const inside = new RegExp(`^(?:${RegExp.escape(name)}|${share})(?:/|$)`);
  for (const value of [...read, ...write]) assertMatch(value, inside);
}

async function pathOf(name: string): Promise<string | undefined> {
  const args = ["-c", `command -v ${name}`];
  const { stdout } = await new Deno.Command("sh", { args }).output();
  return new TextDecoder().decode(stdout).trim() || undefined;
}

const node = {
  node: await pathOf("node"),
  npm: await pathOf("npm"),
  npx: await pathOf("npx"),
  sh: await pathOf("sh"),
};
const isNodeHere = Object.values(node).every((path) => path !== undefined);
const ofNode = node as Record<string, string>;

async function pack({ path }: Machine): Promise<string> {
  const { stdout } = await new Deno.Command("npm", {
    args: ["pack", "--json", "--pack-destination", path],
    cwd: `${root}deploy/npm`,
  }).output();
  const [{ filename }] = JSON.parse(new TextDecoder().decode(stdout));
  return `${path}/${filename}`;
}

Deno.test({
  name: "only Node: one line installs it, and it serves any folder",
  ignore: !isNodeHere,
}, async () => {
  await using machine = await Machine.make(ofNode);
  const { path } = machine;
  const tarball = await pack(machine);
  const prefix = ["--prefix", `${path}/installed`];
  await machine.run("npm", ["install", "--global", ...prefix, tarball]);
  const sluice = `${path}/installed/bin/sluice`;
  // The first run fetches what it imports.
  assertMatch(await machine.run(sluice, ["--version"]), /^sluice \d/);
  await Deno.remove(machine.audit).catch(() => {});
  const args = [`${path}/share`, "-p", "0"];
  await serveOnce(machine, sluice, { args, cwd: `${path}/elsewhere` });
  await assertBounded(machine, `${path}/share`);
  await Deno.remove(machine.audit);
  await serveOnce(machine, sluice, { args: ["share", "-p", "0"], cwd: path });
  await assertBounded(machine, "share");
});

Deno.test({
  name: "only Node: npx runs it from its tarball, and stops it",
  ignore: !isNodeHere,
}, async () => {
  await using machine = await Machine.make(ofNode);
  const { path } = machine;
  // npx would take an absolute path for a program.
  const tarball = (await pack(machine)).replace(path, "..");
  const cwd = `${path}/elsewhere`;
  await machine.run("npx", ["--yes", tarball, "--version"], { cwd });
  await Deno.remove(machine.audit).catch(() => {});
  const args = ["--yes", tarball, `${path}/share`, "-p", "0"];
  await serveOnce(machine, "npx", { args, cwd });
  await assertBounded(machine, `${path}/share`);
  const copies = [...Deno.readDirSync(`${path}/cache/sluice`)];
  assertEquals(copies.length, 1);
  const names = [
    ...Deno.readDirSync(`${path}/cache/sluice/${copies[0].name}`),
  ].map(({ name }) => name);
  assertEquals(names.filter((name) => name.startsWith("in-use-")), []);
});

Deno.test("only Deno: it is installed once, and serves where it is started", async () => {
  await using machine = await Machine.make({ deno: Deno.execPath() });
  const { path } = machine;
  const flags = ["--allow-net", "--allow-read=.", "--allow-write=."];
  const map = ["--import-map", "vendor/std/import_map.json"];
  const place = ["--root", `${path}/installed`];
  await machine.run("deno", [
    ...["install", "--global", "--name", "sluice", ...place, ...map],
    ...[...flags, "main.ts"],
  ], { cwd: root });
  const sluice = `${path}/installed/bin/sluice`;
  await Deno.remove(machine.audit).catch(() => {});
  await serveOnce(machine, sluice, {
    args: [".", "-p", "0"],
    cwd: `${path}/share`,
  });
  await assertBounded(machine, ".");
  const outside = await machine.command(sluice, [`${path}/elsewhere`], {
    cwd: `${path}/share`,
  }).output();
  assertEquals(outside.code, 1);
});
