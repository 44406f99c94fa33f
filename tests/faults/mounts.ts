/**
 * File systems of our own, to be filled or made read-only.
 *
 * @module
 */

/** Whether this user can mount any. */
export const mayMount: boolean = Deno.build.os === "linux" && Deno.uid() === 0;

async function run(name: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(name, { args }).output();
  if (success) return;
  const reason = new TextDecoder().decode(stderr).trim();
  throw new Error(`Cannot ${name} ${args.join(" ")}: ${reason}`);
}

/** A file system in memory; gone when it is disposed of. */
export class Mount implements AsyncDisposable {
  private constructor(readonly path: string) {}

  /** Mounts one of so many MiB. */
  static async make(size: number): Promise<Mount> {
    const path = await Deno.realPath(await Deno.makeTempDir());
    await run("mount", "-t", "tmpfs", "-o", `size=${size}m`, "tmpfs", path);
    return new Mount(path);
  }

  /** Lets it be written to, or not any more. */
  async remount(mode: "ro" | "rw"): Promise<void> {
    await run("mount", "-o", `remount,${mode}`, this.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("umount", "-l", this.path);
    await Deno.remove(this.path);
  }
}
