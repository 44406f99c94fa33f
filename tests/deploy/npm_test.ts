/** The package for npm: what it holds, what it grants, and that it runs. */

import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import manifest from "../../deploy/npm/package.json" with { type: "json" };
import { permissionsFor } from "../../deploy/npm/permissions.ts";
import { StartError } from "../../lib/cli/messages.ts";
import { Lines, mayRunCommand } from "../cli/command.ts";

const folder = new URL("../../deploy/npm/", import.meta.url);
const ignore = !mayRunCommand || !(await hasNpx());

async function hasNpx(): Promise<boolean> {
  const run = { name: "run" } as const;
  if ((await Deno.permissions.query(run)).state !== "granted") return false;
  try {
    const args = ["9", "npx", "--version"];
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
  [["link", "a.txt", "--for", "2h", "--directory", "share"], {
    read: ["share"],
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
  { name: "npm: the package runs from any folder", ignore },
  async () => {
    const place = await Deno.realPath(await Deno.makeTempDir());
    try {
      const tarball = await pack(place);
      await Deno.mkdir(`${place}/share`);
      await Deno.writeTextFile(`${place}/share/a.txt`, "A");
      const audit = `${place}/audit`;
      const prefix = `${place}/installed`;
      const env = {
        XDG_CACHE_HOME: `${place}/cache`,
        DENO_AUDIT_PERMISSIONS: audit,
        NO_COLOR: "1",
      };
      const asked = await new Deno.Command("npx", {
        args: ["--yes", `./${tarball}`, "--version"],
        cwd: place,
        env,
      }).output();
      assertEquals(
        new TextDecoder().decode(asked.stdout),
        `sluice ${project.version}\n`,
      );
      await Deno.remove(audit, { recursive: true });
      const installing = ["install", "--global", "--prefix", prefix];
      await new Deno.Command("npm", {
        args: [...installing, `./${tarball}`],
        cwd: place,
      }).output();
      // Not through npx, which does not pass on a signal.
      await using child = new Deno.Command(`${prefix}/bin/sluice`, {
        args: ["share", "-p", "0"],
        cwd: place,
        env,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const stdout = new Lines(child.stdout);
      const stderr = new Lines(child.stderr);
      const line = await stderr.until(/^Listening on /);
      const url = line.slice("Listening on ".length);
      const file = `${url}files/b.txt`;
      const put = await fetch(file, { method: "PUT", body: "B" });
      await put.body?.cancel();
      assertEquals(put.status, 201);
      assertEquals(await (await fetch(file)).text(), "B");
      assertEquals(await (await fetch(url)).text(), "a.txt\nb.txt\n");

      const inside = new RegExp(`^(share|${RegExp.escape(place)}/share)(/|$)`);
      for (
        const record of (await Deno.readTextFile(audit)).trim().split("\n")
      ) {
        const { permission, value } = JSON.parse(record);
        if (permission === "net") assertEquals(value, "127.0.0.1:0");
        else assertMatch(value, inside, permission);
      }
      child.kill("SIGTERM");
      await Promise.all([child.status, stdout.end, stderr.end]);
      assertMatch(stderr.all.at(-1)!, /^Stopping/);
    } finally {
      await Deno.remove(place, { recursive: true });
    }
  },
);

/** Packs it into a folder; fulfilled with the name of the file. */
async function pack(place: string): Promise<string> {
  const { stdout, success } = await new Deno.Command("npm", {
    args: ["pack", "--json", "--pack-destination", place],
    cwd: folder,
  }).output();
  assertEquals(success, true);
  const [{ filename, files }] = JSON.parse(new TextDecoder().decode(stdout));
  const held =
    /^(?:package\.json|sluice\.mjs|app\/(?:LICENSE|deno\.(?:json|lock)|digest|main\.ts|deploy\/npm\/permissions\.ts|lib\/.*\.(?:ts|js|css|svg|json)|vendor\/std\/.*\.(?:ts|json|md)))$/;
  const others = files.map(({ path }: { path: string }) => path)
    .filter((path: string) => !held.test(path));
  assertEquals(others, []);
  return filename;
}
