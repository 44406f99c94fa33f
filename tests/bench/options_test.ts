/** What the command line of the benchmark says, and what it must not say. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { type BenchOptions, parseOptions, UsageError } from "./options.ts";

const choices = {
  workloads: ["keep-alive", "start"],
  servers: ["Sluice", "Deno.serve", "Sluice, log off"],
};
const parse = (...args: string[]) => parseOptions(args, choices);

const asItComes: BenchOptions = {
  help: false,
  quick: false,
  ratios: false,
  only: undefined,
  servers: undefined,
  compare: undefined,
  rounds: 5,
  seconds: 1,
};

Deno.test("bench options: none", () => {
  assertEquals(parse(), asItComes);
});

Deno.test("bench options: each of them", () => {
  assertEquals(parse("--quick"), { ...asItComes, quick: true, rounds: 1 });
  assertEquals(parse("--quick", "--rounds", "2").rounds, 2);
  assertEquals(parse("--ratios").ratios, true);
  assertEquals(parse("-h").help, true);
  assertEquals(parse("--seconds=10").seconds, 10);
  assertEquals(parse("--compare", "HEAD~1").compare, "HEAD~1");
  assertEquals(parse("--only", "start,keep-alive").only, [
    "start",
    "keep-alive",
  ]);
  assertEquals(parse("--servers", "Deno,LOG").servers, ["deno", "log"]);
});

for (
  const [args, message] of [
    [["--comparee", "HEAD"], 'got "--comparee"; --help tells'],
    [["HEAD"], 'got "HEAD"; --help tells'],
    [["--compare"], "such as --compare HEAD~1"],
    [["--compare="], "such as --compare HEAD~1"],
    [["--rounds", "0"], "Cannot read --rounds: it takes a whole number from 1"],
    [["--rounds", "many"], 'got "many"'],
    [["--seconds", "0.5"], "Cannot read --seconds: it takes a whole number"],
    [["--only", "keep"], 'there is no "keep" among "keep-alive", "start"'],
    [["--only="], 'there is no ""'],
    [["--servers", "nginx"], 'there is no "nginx" among "Sluice"'],
    [["--servers="], 'there is no ""'],
  ] as const
) {
  Deno.test(`bench options: ${args.join(" ")} is refused`, () => {
    assertThrows(() => parse(...args), UsageError, message);
  });
}

const ignore =
  (await Deno.permissions.query({ name: "run" })).state !== "granted";

for (const [ref, said] of [["no-such-commit", "HEAD~1"], ["", "HEAD~1"]]) {
  Deno.test(
    `bench: --compare "${ref}" ends with 2 and what to type`,
    { ignore },
    async () => {
      const script = new URL("side_by_side.ts", import.meta.url);
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", fromFileUrl(script), `--compare=${ref}`],
      }).output();
      assertEquals(code, 2);
      assertEquals(new TextDecoder().decode(stdout), "");
      const message = new TextDecoder().decode(stderr);
      assertStringIncludes(message, `--compare ${said}`);
      assertStringIncludes(message, ref);
      assertEquals(message.trim().split("\n").length, 1);
    },
  );
}
