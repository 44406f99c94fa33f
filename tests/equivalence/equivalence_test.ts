/**
 * The working tree behaves like the reference, in short;
 * and the comparison finds what it is there to find.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { compareTrees, type Kind, type Outcome } from "./compare.ts";
import { firstDifference, withoutDate } from "./difference.ts";
import { layOutCommit, layOutCopy, projectRoot, reference } from "./tree.ts";
import { wanted } from "./wanted.ts";

const unwanted = ({ kinds }: Outcome) => kinds.filter((kind) => !kind.wanted);

Deno.test("equivalence: 20000 messages, as the reference", async () => {
  await using before = await layOutCommit(reference);
  const options = { count: 20_000, oneIn: 10, wanted };
  const outcome = await compareTrees(before.root, projectRoot, options);
  assertEquals(unwanted(outcome), []);
  assert(outcome.messages >= 20_000);
});

/** What comes of a change that is made wherever the code says `from`. */
async function compareChanged(from: string, to: string): Promise<Kind[]> {
  let changes = 0;
  await using changed = await layOutCopy((code, path) => {
    if (!/^lib\/(?:server|wire|light|lazy)\//.test(path)) return code;
    changes += code.split(from).length - 1;
    return code.replaceAll(from, to);
  });
  assert(from === "" || changes > 0, `Nobody says ${from}`);
  const options = { count: 1000, oneIn: 100 };
  return (await compareTrees(projectRoot, changed.root, options)).kinds;
}

/** The aspects that differ, each once. */
const aspectsOf = (kinds: Kind[]) =>
  [
    ...new Set(kinds.map(({ example }) => example.aspect)),
  ].sort();

Deno.test("equivalence: a copy differs in nothing", async () => {
  assertEquals(await compareChanged("", ""), []);
});

Deno.test("equivalence: other octets are found", async () => {
  const kinds = await compareChanged(
    "The Host field is missing",
    "There is no Host field",
  );
  assertEquals(aspectsOf(kinds), ["octets", "positions", "records"]);
});

Deno.test("equivalence: another record is found", async () => {
  const kinds = await compareChanged('"user-agent"', '"accept"');
  assertEquals(aspectsOf(kinds), ["records"]);
});

Deno.test("equivalence: another state is found", async () => {
  const kinds = await compareChanged('"lingering"', '"waiting"');
  assertEquals(aspectsOf(kinds), ["states"]);
  const { aspect, before, after } = kinds[0].example;
  assertEquals([aspect, before, after], ["states", "lingering", "waiting"]);
});

Deno.test("equivalence: a commit that is not here is no success", async () => {
  await assertRejects(
    () => layOutCommit("0".repeat(40)),
    Error,
    "fetch the whole history",
  );
});

Deno.test("equivalence: a line that is missing is a difference", () => {
  assertEquals(firstDifference(["a"], ["a", "b"]), {
    index: 1,
    before: "",
    after: "b",
  });
  assertEquals(firstDifference(["a"], ["a"]), undefined);
});

Deno.test("equivalence: only the time of a Date is left out", () => {
  assertEquals(
    withoutDate("\r\ndate: Mon, 05 Jan 2026 10:00:00 GMT\r\n"),
    "\r\ndate: *\r\n",
  );
  const odd = "\r\ndate: Mon, 5 Jan 2026 10:00:00 GMT\r\n";
  assertEquals(withoutDate(odd), odd);
});
