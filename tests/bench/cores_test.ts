/** Only who measures is moved to a core: not who takes a free port from here. */
import { assertEquals, assertMatch } from "@std/assert";

const ignore = Deno.build.os !== "linux" ||
  (await Deno.permissions.query({ name: "run" })).state !== "granted";

const processes = new URL("processes.ts", import.meta.url);
const cores = new URL("cores.ts", import.meta.url);

/** What Linux says of the cores of a program, at first and after that. */
async function coresAround(code: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["eval", "--no-lock"],
      `const say = () => console.log(
        /^Cpus_allowed_list:\\s*(.*)$/m
          .exec(Deno.readTextFileSync("/proc/self/status"))[1]);
      say();
      ${code};
      say();`,
    ],
  }).output();
  return new TextDecoder().decode(stdout).trim().split("\n");
}

Deno.test("bench cores: an import moves nobody", { ignore }, async () => {
  const [before, after] = await coresAround(
    `(await import("${processes}")).freePort()`,
  );
  assertMatch(before, /^\d/);
  assertEquals(after, before);
});

Deno.test("bench cores: who measures is on one core", {
  ignore: ignore || navigator.hardwareConcurrency < 2,
}, async () => {
  const [before, isMoved, after] = await coresAround(
    `console.log(await (await import("${cores}")).moveToLoadCore())`,
  );
  assertEquals(after, isMoved === "true" ? "1" : before);
});
