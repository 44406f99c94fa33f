/**
 * The name of a commit goes in, the server of that commit comes out, to run
 * beside the present one: the project as it was then, in a folder of its own,
 * with its own lock file and links.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { layOutCommit } from "../equivalence/tree.ts";
import { inTree, type Server } from "./servers.ts";

/** A commit that is laid out; its folder is gone when it is disposed of. */
export interface OtherCommit extends AsyncDisposable {
  /** One of ours as it was then. */
  serverLike(server: Server): Server;
}

const handlers = fromFileUrl(new URL("peers", import.meta.url));

/** Throws a NoSuchCommit. */
export async function layOutOther(ref: string): Promise<OtherCommit> {
  const { root, [Symbol.asyncDispose]: remove } = await layOutCommit(ref, []);
  try {
    await takeHandlers(`${root}/tests/bench/peers`);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    serverLike: (server) => inTree(server, `Sluice at ${ref}`, root),
    [Symbol.asyncDispose]: remove,
  };
}

/** Both have the handlers of today: a comparison is of what is beneath them. */
async function takeHandlers(to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(handlers)) {
    await Deno.copyFile(`${handlers}/${name}`, `${to}/${name}`);
  }
}
