/**
 * When, where and with what it was measured.
 *
 * @module
 */
import { moveToLoadCore } from "./cores.ts";
import type { Tools } from "./tools.ts";

/** One paragraph. */
export async function describeMachine({ versions }: Tools): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo");
  const model = /^model name\s*: (.*)$/m.exec(info)?.[1] ?? "unknown CPU";
  const cores = info.match(/^processor/gm)?.length;
  const tools = [...versions].map((each) => each.join(" "));
  const pinned = await moveToLoadCore()
    ? "servers on one core, load on another"
    : "neither servers nor load on a core of their own";
  return [
    new Date().toISOString().slice(0, "2026-01-01".length),
    `${model}, ${cores} cores (${pinned})`,
    `Linux ${Deno.osRelease()}`,
    `Deno ${Deno.version.deno}`,
    ...tools,
  ].join("; ") + ".";
}
