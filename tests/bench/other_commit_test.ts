/** The server of another commit is that of another commit. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { NoSuchCommit } from "../equivalence/tree.ts";
import { layOutOther } from "./other_commit.ts";
import { sluice, sluiceWith } from "./servers.ts";

const isDenied = async (name: "run" | "read" | "write") =>
  (await Deno.permissions.query({ name })).state !== "granted";
const ignore = await isDenied("run") || await isDenied("read") ||
  await isDenied("write") ||
  // A copy of the files alone has no commits.
  !await exists(new URL("../../.git", import.meta.url));

const place = { port: 1, site: "/site" };
const tools = { versions: new Map() };

/** The path of the script that a server is started with. */
async function scriptOf(server: typeof sluice): Promise<string> {
  const program = await server.program(place, tools);
  return program!.args.find((arg) => arg.endsWith(".ts"))!;
}

async function exists(path: string | URL): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("other commit: its own library under today's handlers", {
  ignore,
}, async () => {
  const paths: string[] = [];
  const here = new URL("../../", import.meta.url).pathname;
  {
    await using other = await layOutOther("HEAD");
    for (const server of [sluice, sluiceWith("hello")]) {
      const then = other.serverLike(server);
      assertEquals(then.name, "Sluice at HEAD");
      assert(then.mayFail);
      assert((await scriptOf(server)).startsWith(here));
      const path = await scriptOf(then);
      assert(!path.startsWith(here));
      assert(await exists(path), path);
      paths.push(path);
    }
    const [main, handlers] = paths;
    assertEquals(
      await Deno.readTextFile(new URL("peers/sluice.ts", import.meta.url)),
      await Deno.readTextFile(handlers),
    );
    for (const name of ["mod.ts", "deno.json", "deno.lock", "vendor/std"]) {
      assert(await exists(main.replace("main.ts", name)), name);
    }
  }
  for (const path of paths) assert(!await exists(path), path);
});

Deno.test("other commit: one that is not here is refused", {
  ignore,
}, async () => {
  for (const ref of ["no-such-commit", "--all", "HEAD:lib"]) {
    await assertRejects(() => layOutOther(ref), NoSuchCommit, ref);
  }
});
