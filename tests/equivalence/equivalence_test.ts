/**
 * The working tree behaves like the last commit before the rebuild, in short;
 * and the comparison finds what it is there to find.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { compareTrees, type Kind, type Outcome } from "./compare.ts";
import { type Difference, firstDifference, withoutDate } from "./difference.ts";
import {
  beforeRebuild,
  layOutCommit,
  layOutCopy,
  projectRoot,
} from "./tree.ts";
import { wanted } from "./wanted.ts";

const unwanted = ({ kinds }: Outcome) => kinds.filter((kind) => !kind.wanted);

Deno.test("equivalence: 20000 messages, as before the rebuild", async () => {
  await using before = await layOutCommit(beforeRebuild);
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

/** A difference that no entry of the list stands for. */
const found: Difference = {
  aspect: "octets",
  before: "HTTP/1.1 400 Bad Request\r\n",
  after: "HTTP/1.1 200 OK\r\n",
  answers: ["HTTP/1.1 400 Bad Request\r\n", "HTTP/1.1 200 OK\r\n"],
  sent: "GET /\r\n",
  cuts: [7, 0],
};
const bad = "HTTP/1.1 400 Bad Request\r\n";
const large = "HTTP/1.1 431 Request Header Fields Too Large\r\n";
const record = (told: Record<string, unknown>) =>
  JSON.stringify({
    method: "GET",
    status: 400,
    error: "ProtocolError: a",
    ...told,
  });

const judged: [what: string, expected: boolean, Partial<Difference>][] = [
  ["an answer instead of a refusal", false, {}],
  ["another refusal", true, { after: large, answers: [bad, large] }],
  ["another length of a refusal", true, {
    before: "content-length: 5\r\n",
    after: "content-length: 6\r\n",
    answers: [bad, bad],
  }],
  ["another length of an answer", false, {
    before: "content-length: 5\r\n",
    after: "content-length: 6\r\n",
    answers: ["HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n"],
  }],
  ["another field of a refusal", false, {
    before: "connection: close\r\n",
    after: "\r\n",
    answers: [bad, bad],
  }],
  ["a later refusal", false, {
    aspect: "moments",
    before: "9 after arrival 0",
    after: "0 after arrival 0",
    answers: [bad, bad],
  }],
  ["a head that counts as a whole", true, {
    aspect: "positions",
    before: "closed at 16, 0",
    after: "closed at 0, 0",
  }],
  ["another state", false, {
    aspect: "positions",
    before: "closed at 16, 0",
    after: "idle at 0, 0",
  }],
  ["a record with more fields", true, {
    aspect: "records",
    before: record({}),
    after: record({ host: "h", error: "ProtocolError: b" }),
  }],
  ["a record of another request", false, {
    aspect: "records",
    before: record({}),
    after: record({ method: "PUT" }),
  }],
  ["a record of an answer", false, {
    aspect: "records",
    before: record({}),
    after: record({ status: 200 }),
  }],
];

for (const [what, expected, parts] of judged) {
  Deno.test(`equivalence: ${what} is ${expected ? "" : "not "}wanted`, () => {
    const difference = { ...found, ...parts };
    const isWanted = wanted.some((entry) => entry.matches(difference));
    assertEquals(isWanted, expected);
  });
}

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
