/** The package for npm: what it holds, what it grants, and which copies it keeps. */

import { assertEquals, assertThrows } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import manifest from "../../deploy/npm/package.json" with { type: "json" };
import { permissionsFor } from "../../deploy/npm/permissions.ts";
import { StartError } from "../../lib/cli/messages.ts";
import { Lines, mayRunCommand } from "../cli/command.ts";

const folder = new URL("../../deploy/npm/", import.meta.url);
const ignore = !mayRunCommand || !(await hasNpm());

async function hasNpm(): Promise<boolean> {
  const run = { name: "run" } as const;
  if ((await Deno.permissions.query(run)).state !== "granted") return false;
  try {
    const args = ["9", "npm", "--version"];
    return (await new Deno.Command("timeout", { args }).output()).success;
  } catch {
    return false;
  }
}

Deno.test("npm: the package has the version of the project", () => {
  assertEquals(manifest.version, project.version);
});

const granted: [args: string[], needed: Record<string, string[]>][] = [
  [["share"], {
    net: ["127.0.0.1:4221"],
    read: ["share"],
    write: ["share"],
  }],
  [["share", "--read-only", "-p", "80", "-H", "::1"], {
    net: ["[::1]:80"],
    read: ["share"],
  }],
  [["--site", "--host", "0.0.0.0"], {
    net: ["0.0.0.0:4221"],
    read: ["./public"],
    sys: ["networkInterfaces"],
  }],
  [["--listen", "unix:/run/s", "--log-file", "log", "--keep-free", "1g"], {
    net: ["unix:/run/s"],
    read: ["./public", "/run/s"],
    write: ["./public", "/run/s", "log"],
    sys: ["statfs"],
  }],
  [["share", "--auth", "users"], {
    net: ["127.0.0.1:4221"],
    read: ["share", "users"],
    write: ["share"],
  }],
  [["share", "--password", "--key-file", "keys"], {
    net: ["127.0.0.1:4221"],
    read: ["share", "keys"],
    write: ["share"],
  }],
  [["link", "a.txt", "--for", "2h", "--key-file", "keys"], {
    read: ["keys"],
  }],
  [["share", "--tls-cert", "a.crt", "--tls-key", "a.key"], {
    net: ["127.0.0.1:4221"],
    read: ["share", "a.crt", "a.key"],
    write: ["share"],
  }],
  [["link", "a.txt", "--for", "2h", "--directory", "share"], {
    read: ["share"],
  }],
  [["--learn"], {
    net: ["127.0.0.1:4221"],
    read: ["./sluice-lessons"],
    write: ["./sluice-lessons"],
  }],
  [["passwd", "alice"], {}],
  [["--listen", "fd:3", "--admin", "127.0.0.1:1"], {
    net: ["127.0.0.1:1"],
    read: ["./public"],
    write: ["./public"],
  }],
];
for (const [args, needed] of granted) {
  Deno.test(`npm: what is granted for ${args.join(" ")}`, () => {
    const none = { net: [], read: [], write: [], sys: [], run: [] };
    assertEquals(permissionsFor(args), { ...none, ...needed });
  });
}

for (
  const args of [
    ["share,/etc"],
    ["share", "--auth", "users,/etc"],
    ["share", "--log-file", "log,/etc"],
    ["link", "a.txt", "--for", "2h", "--directory", "share,/etc"],
  ]
) {
  Deno.test(`npm: no part of a path is granted for ${args.join(" ")}`, () => {
    assertThrows(() => permissionsFor(args), StartError, "without a comma");
  });
}

Deno.test(
  { name: "npm: the package has what runs, and no more", ignore },
  async () => {
    const { stdout, success } = await new Deno.Command("npm", {
      args: ["pack", "--json", "--dry-run"],
      cwd: folder,
    }).output();
    assertEquals(success, true);
    const [{ files }] = JSON.parse(new TextDecoder().decode(stdout));
    const held =
      /^(?:package\.json|copies\.mjs|sluice\.mjs|app\/(?:LICENSE|deno\.(?:json|lock)|digest|main\.ts|deploy\/npm\/permissions\.ts|lib\/.*\.(?:ts|js|css|svg|json)|vendor\/std\/.*\.(?:ts|json|md)))$/;
    const others = files.map(({ path }: { path: string }) => path)
      .filter((path: string) => !held.test(path));
    assertEquals(others, []);
  },
);

Deno.test({
  name: "npm: a new version removes copies that nobody uses",
  ignore,
}, async () => {
  const place = await Deno.realPath(await Deno.makeTempDir());
  try {
    const cache = `${place}/cache`;
    const copies = new URL("copies.mjs", folder).href;
    const use = async (version: string) => {
      await Deno.mkdir(`${place}/app`, { recursive: true });
      await Deno.writeTextFile(`${place}/app/digest`, version.repeat(16));
      const script = `import { useCopy } from ${JSON.stringify(copies)};
        const copy = useCopy(${JSON.stringify(`${place}/app`)}, ${
        JSON.stringify(cache)
      });
        copy.share(process.pid);
        console.log("used");
        process.stdin.on("end", () => copy.leave()).resume();`;
      const child = new Deno.Command("node", {
        args: ["--input-type=module", "-e", script],
        stdin: "piped",
        stdout: "piped",
      }).spawn();
      const lines = new Lines(child.stdout);
      await lines.until(/^used/);
      return {
        async leave() {
          await child.stdin.close();
          await Promise.all([child.status, lines.end]);
        },
        async kill() {
          child.kill("SIGKILL");
          await Promise.all([child.status, lines.end]);
          await child.stdin.close().catch(() => {});
        },
      };
    };
    const kept = () =>
      [...Deno.readDirSync(cache)].map(({ name }) => name[0]).toSorted();
    const first = await use("a");
    const second = await use("b");
    assertEquals(kept(), ["a", "b"]);
    await first.leave();
    const again = await use("b");
    // No new version has started.
    assertEquals(kept(), ["a", "b"]);
    const third = await use("c");
    assertEquals(kept(), ["b", "c"]);
    await second.leave();
    const fourth = await use("d");
    // Another run still uses it.
    assertEquals(kept(), ["b", "c", "d"]);
    for (const each of [again, third, fourth]) await each.kill();
    await Deno.writeTextFile(
      `${cache}/${"c".repeat(16)}/in-use-1@elsewhere`,
      "",
    );
    await Deno.mkdir(`${cache}/something of others`);
    await (await use("e")).leave();
    assertEquals(kept(), ["c", "e", "s"]);
  } finally {
    await Deno.remove(place, { recursive: true });
  }
});
