/**
 * The name of a commit goes in, the server of that commit comes out, to run
 * beside the present one: the project as it was then, in a folder of its own,
 * with its own lock file and links.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { layOutCommit } from "../equivalence/tree.ts";
import { installPackages } from "./packages.ts";
import { inTree, type Server } from "./servers.ts";

/** A commit that is laid out; its folder is gone when it is disposed of. */
export interface OtherCommit extends AsyncDisposable {
  /** One of ours as it was then. */
  serverLike(server: Server): Server;
  /** Installs what its handlers need from npm. */
  install(): Promise<void>;
}

const ownFolder = fromFileUrl(new URL("./", import.meta.url));

/** Throws a NoSuchCommit. */
export async function layOutOther(ref: string): Promise<OtherCommit> {
  const { root, [Symbol.asyncDispose]: remove } = await layOutCommit(ref, []);
  try {
    await takeScripts(`${root}/tests/bench`);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    serverLike: (server) => inTree(server, `Sluice at ${ref}`, root),
    async install() {
      await installPackages(`${root}/tests/bench/packages`);
    },
    [Symbol.asyncDispose]: remove,
  };
}

/** Both have the handlers of today: a comparison is of what is beneath them. */
async function takeScripts(bench: string): Promise<void> {
  for (const folder of ["peers", "packages"]) {
    await Deno.mkdir(`${bench}/${folder}`, { recursive: true });
    for await (const { name } of Deno.readDir(`${ownFolder}/${folder}`)) {
      if (!/\.m?[jt]s$/.test(name)) continue;
      const path = `${folder}/${name}`;
      await Deno.copyFile(`${ownFolder}/${path}`, `${bench}/${path}`);
    }
  }
}
