/**
 * We and two peers find the same messages in the same octets, but for what the
 * table of disagreements lists. `run.ts` asks about many more.
 */

import { assertEquals, assertGreater } from "@std/assert";
import { compare, differenceFrom, type Peer } from "./differential.ts";
import { disagreements, kindOf } from "./disagreements.ts";
import { askLlhttp } from "./llhttp.ts";
import { NodeHttp } from "./node_http.ts";
import { askOurs } from "./ours.ts";

const granted = await Promise.all([
  Deno.permissions.query({ name: "run", command: "node" }),
  Deno.permissions.query({ name: "net", host: "127.0.0.1" }),
]);
const hasNode = granted.every(({ state }) => state === "granted") &&
  await new Deno.Command("node", { args: ["--version"] }).output()
    .then(({ success }) => success, () => false);

/** A request that any of the examples may be followed by. */
const valid = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";

/** What we and a peer make of generated conversations. */
async function comparePeer(peer: Peer, count: number): Promise<void> {
  const { agreed, unlisted } = await compare(peer, 1, count);
  assertEquals(unlisted, []);
  assertGreater(agreed, count / 5);
}

/** Each entry of the table is there for a reason. */
async function compareExamples(peer: Peer, isNode: boolean): Promise<void> {
  assertEquals(await differenceFrom(peer, valid + valid), undefined);
  for (const entry of disagreements) {
    const difference = await differenceFrom(peer, valid + entry.example);
    const agrees = isNode && entry.nodeAgrees;
    assertEquals(
      difference && kindOf(difference)?.about,
      agrees ? undefined : entry.about,
      JSON.stringify(difference),
    );
  }
}

Deno.test("llhttp: what each listed disagreement is about", async () => {
  await compareExamples(askLlhttp, false);
});

Deno.test("llhttp: 30000 messages without another disagreement", async () => {
  await comparePeer(askLlhttp, 30_000);
});

Deno.test({
  name: "node:http: the same, live, with 3000 messages",
  ignore: !hasNode,
  async fn() {
    await using node = await NodeHttp.start();
    const peer: Peer = (octets) => node.ask(octets);
    await compareExamples(peer, true);
    await comparePeer(peer, 3000);
  },
});

Deno.test("differential: a peer that reads another message is found", async () => {
  const peer: Peer = async (octets) => {
    const verdict = await askOurs(octets);
    for (const message of verdict.messages) {
      message.content = message.content.slice(1);
    }
    return verdict;
  };
  const difference = await differenceFrom(peer, valid);
  assertEquals(difference?.octets, valid);
  assertEquals(kindOf(difference!), undefined);
});

Deno.test("differential: a peer that refuses what we accept is found", async () => {
  const difference = await differenceFrom(
    () => ({ messages: [], refusal: "No" }),
    valid,
  );
  assertEquals(difference?.theirs, "refused: No");
  assertEquals(kindOf(difference!), undefined);
});
