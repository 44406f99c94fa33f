/**
 * Runs Deno's own tests of `Deno.serve` against our `serve`:
 *
 *     deno run -A tests/library/deno_serve/run.ts PATH_TO_DENO_CHECKOUT [--native] [TEST…]
 *
 * The checkout is of denoland/deno, near the version that runs this; nothing has
 * to be built, and no submodule is needed. Each test has a process of its own,
 * one after another, as they all use the same port. Prints a line for each test,
 * then counts; with `--native` also what `Deno.serve` does; with names of tests
 * only these, and all that they print.
 *
 * @module
 */

/** What became of a test. */
interface Outcome {
  word: "passed" | "failed" | "hung" | "ignored";
  /** Whether it has started a server at all. */
  isTelling: boolean;
  /** All that was printed. */
  output: string;
}

type Tested = "native" | "ours";

/** Files of tests; of the second only those that start a server themselves. */
const files = [
  { file: "tests/unit/serve_test.ts", needsOtherServer: false },
  { file: "tests/unit/websocket_test.ts", needsOtherServer: true },
];

/** How long (ms) a test may take: more than our longest shutdown. */
const LIMIT = 20_000;

const here = import.meta.dirname!;
const [checkout, ...rest] = Deno.args;
if (!checkout) {
  console.error("Cannot run: say run.ts PATH_TO_DENO_CHECKOUT");
  Deno.exit(2);
}
const named = rest.filter((argument) => argument !== "--native");
const servers: Tested[] = rest.includes("--native")
  ? ["native", "ours"]
  : ["ours"];

// One test asks Deno's own test server for a client of a WebSocket that falls silent
// after its handshake. The other end is freed with this process.
const silent: Deno.Conn[] = [];
const testServer = Deno.serve({ port: 4545, onListen() {} }, async () => {
  const conn = await Deno.connect({ port: 4248 });
  silent.push(conn);
  const head = [
    "GET / HTTP/1.1",
    "Host: localhost",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==",
    "Sec-WebSocket-Version: 13",
    "",
    "",
  ];
  await conn.write(new TextEncoder().encode(head.join("\r\n")));
  await conn.read(new Uint8Array(200));
  return new Response();
});

for (const { file, needsOtherServer } of files) {
  const names = (await testsOf(file))
    .filter(({ startsServer }) => startsServer || !needsOtherServer)
    .map(({ name }) => name)
    .filter((name) => named.length === 0 || named.includes(name));
  const counts = new Map<string, number>();
  for (const name of names) {
    const outcomes = [];
    for (const server of servers) {
      const outcome = await run(file, name, server);
      const kind = `${server}: ${described(outcome)}`;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      outcomes.push(outcome);
      if (named.length) console.log(outcome.output);
    }
    const columns = outcomes.map((each) => described(each).padEnd(22));
    console.log(`${columns.join("")}${name}${reason(outcomes.at(-1)!)}`);
  }
  console.log(`\n${file}: ${names.length} tests`);
  for (const kind of [...counts.keys()].sort()) {
    console.log(`  ${kind}: ${counts.get(kind)}`);
  }
  console.log();
}

for (const conn of silent) conn.close();
await testServer.shutdown();

/** Runs Deno on a file of the checkout. */
async function deno(
  args: string[],
  env?: Record<string, string>,
): Promise<{ output: string; isLate: boolean; isSuccess: boolean }> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [...args.slice(0, 1), `--config=${here}/deno.json`, ...args.slice(1)],
    cwd: checkout,
    env: { ...env, NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    process.kill("SIGKILL");
  }, LIMIT);
  const { stdout, stderr, success } = await process.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout) + decoder.decode(stderr);
  return { output, isLate, isSuccess: success };
}

/** What `names.ts` prints of the tests of a file. */
async function testsOf(
  file: string,
): Promise<{ name: string; startsServer: boolean }[]> {
  const { output } = await deno([
    "run",
    "--allow-all",
    "--no-check",
    `--preload=${here}/names.ts`,
    file,
  ]);
  const lines = output.split("\n").filter((line) => line.startsWith("{"));
  if (lines.length > 0) return lines.map((line) => JSON.parse(line));
  throw new Error(`Cannot find the tests of ${file}: ${output}`);
}

async function run(
  file: string,
  name: string,
  server: Tested,
): Promise<Outcome> {
  const calls = await Deno.makeTempFile();
  const { output, isLate, isSuccess } = await deno([
    "test",
    "--allow-all",
    "--no-check",
    "--no-prompt",
    "--unstable-net",
    "--unstable-vsock",
    "--location=http://127.0.0.1:4545/",
    `--preload=${here}/swap.ts`,
    "--cert=tests/testdata/tls/RootCA.pem",
    `--filter=/^${RegExp.escape(name)}$/`,
    file,
  ], { TESTED_SERVER: server, TESTED_SERVER_CALLS: calls });
  const { size } = await Deno.stat(calls);
  await Deno.remove(calls);
  const word = isLate
    ? "hung"
    : !isSuccess
    ? "failed"
    : output.includes("| 0 passed")
    ? "ignored"
    : "passed";
  return { word, isTelling: size > 0, output };
}

function described({ word, isTelling }: Outcome): string {
  return isTelling || word === "ignored" ? word : `${word}, no server`;
}

/** Why a test failed, in a line. */
function reason({ word, output }: Outcome): string {
  if (word !== "failed") return "";
  const [, message] = /^error: (.*)$/m.exec(output) ?? [];
  return message ? `  (${message})` : "";
}
