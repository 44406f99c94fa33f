/**
 * The package goes in as `deno publish` sends it, and comes out laid out as JSR
 * serves it, together with the stand-ins of the packages that it imports.
 *
 * @module
 */

import { assert } from "@std/assert";
import { dirname, join } from "@std/path";
import { serve } from "../../mod.ts";

const root = new URL("../../", import.meta.url).pathname;

/** What a `deno.json` says of a package. */
interface Package {
  name: string;
  version: string;
  exports: Record<string, string>;
}

async function packageIn(folder: string): Promise<Package> {
  return JSON.parse(await Deno.readTextFile(join(folder, "deno.json")));
}

/** Publishes to a registry of our own; gives the archive that it got. */
export async function publish(): Promise<Uint8Array<ArrayBuffer>> {
  let archive: Uint8Array<ArrayBuffer> | undefined;
  await using registry = serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      if (request.method === "POST") {
        archive = await request.bytes();
        return Response.json({ id: "1", status: "success", error: null });
      }
      if (request.url.includes("/versions/")) {
        const body = { code: "packageVersionNotFound", message: "None yet" };
        return Response.json(body, { status: 404 });
      }
      return Response.json({
        scope: "sluice",
        name: "http",
        description: "",
        latestVersion: null,
        runtimeCompat: {},
        githubRepository: null,
        score: null,
      });
    },
  );
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["publish", "--token", "x", "--no-provenance", "--allow-dirty"],
    cwd: root,
    env: { JSR_URL: `http://127.0.0.1:${registry.addr.port}/`, NO_COLOR: "1" },
  }).output();
  assert(success && archive, new TextDecoder().decode(stderr));
  return archive;
}

/** Takes an archive apart into a folder. */
export async function unpack(
  archive: Uint8Array<ArrayBuffer>,
  folder: string,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const tar = new Deno.Command("tar", {
    args: ["xzf", "-", "-C", folder],
    stdin: "piped",
  }).spawn();
  await new Blob([archive]).stream().pipeTo(tar.stdin);
  assert((await tar.status).success);
}

/** The files below a folder. */
export async function filesIn(folder: string, way = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(folder, way))) {
    const path = way === "" ? name : `${way}/${name}`;
    if (isDirectory) files.push(...await filesIn(folder, path));
    else files.push(path);
  }
  return files.sort();
}

/** Lays out all packages below a folder. */
export async function layOut(folder: string): Promise<void> {
  const unpacked = `${folder}/unpacked`;
  await unpack(await publish(), unpacked);
  const ours = await packageIn(root);
  await enter(folder, ours, unpacked);
  for await (const { name, isDirectory } of Deno.readDir(`${root}vendor/std`)) {
    if (!isDirectory) continue;
    const source = `${root}vendor/std/${name}`;
    await enter(folder, await packageIn(source), source);
  }
}

/** Enters one package, as the registry would. */
async function enter(
  folder: string,
  { name, version, exports }: Package,
  source: string,
): Promise<void> {
  const place = join(folder, name);
  const manifest: Record<string, { size: number; checksum: string }> = {};
  for (const path of await filesIn(source)) {
    const octets = await Deno.readFile(join(source, path));
    const digest = await crypto.subtle.digest("SHA-256", octets);
    const checksum = `sha256-${new Uint8Array(digest).toHex()}`;
    manifest[`/${path}`] = { size: octets.length, checksum };
    const target = join(place, version, path);
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.writeFile(target, octets);
  }
  const [scope, short] = name.slice(1).split("/");
  const meta = {
    scope,
    name: short,
    latest: version,
    versions: { [version]: {} },
  };
  await Deno.writeTextFile(join(place, "meta.json"), JSON.stringify(meta));
  await Deno.writeTextFile(
    join(place, `${version}_meta.json`),
    JSON.stringify({ manifest, exports }),
  );
}
