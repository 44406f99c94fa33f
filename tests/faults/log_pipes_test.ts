/** Nobody reads what the command writes, or it can't be written. */

import { assertEquals } from "@std/assert";
import { ask } from "./client.ts";
import { fault, type Tally } from "./fault.ts";
import { times } from "./form.ts";
import { memory } from "./holdings.ts";
import { honest } from "./honest.ts";
import { commandOn, mayRun, Server } from "./server.ts";

const ignore = !mayRun || Deno.build.os !== "linux";

/** A request whose line in the log is long: 8 MiB of them are soon there. */
const requestLine = `GET /echo/${"a".repeat(8000)} HTTP/1.1`;

/** Asks so many times, ten at once; each is answered. */
async function askOften(
  { port }: Server,
  tally: Tally,
  count: number,
): Promise<void> {
  for (let at = 0; at < count; at += 10) {
    await Promise.all(Array.from({ length: 10 }, async () => {
      tally.inject();
      const { status } = await ask(port, requestLine);
      tally.expect(status === 200, () => `answered ${status}`);
    }));
  }
}

async function withDirectory(
  use: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  await use(directory);
  await Deno.remove(directory, { recursive: true });
}

fault({
  fault: "whoever reads the log goes after its first line",
  promise: "serving goes on, and one message says that the log is off",
  ignore,
}, async (tally) => {
  await withDirectory(async (directory) => {
    await using server = await Server.launch({
      ...commandOn(directory, "--log", "text"),
      stdout: "piped",
    });
    await honest(server.port, tally);
    const reader = server.stdout.getReader();
    await reader.read();
    await reader.cancel();
    await askOften(server, tally, times(200, 5000));
    const { code } = await server.kill("SIGTERM");
    tally.expect(code === 0, () => `exit code ${code}`);
    const told = server.messages.match(/^The log is off/gm);
    tally.expect(told?.length === 1, () => `said ${server.messages}`);
  });
});

fault({
  fault: "the disk of the log is full",
  promise: "serving goes on, and one message says that the log is off",
  ignore,
}, async (tally) => {
  await withDirectory(async (directory) => {
    await using server = await Server.launch({
      ...commandOn(directory, "--log", "json"),
      output: "/dev/full",
    });
    await askOften(server, tally, times(200, 5000));
    const { code } = await server.kill("SIGTERM");
    tally.expect(code === 0, () => `exit code ${code}`);
    const told = server.messages.match(/^The log is off/gm);
    tally.expect(told?.length === 1, () => `said ${server.messages}`);
  });
});

fault({
  fault: "nobody reads the log for a while",
  promise: "serving goes on in bounded memory; then each exchange has its " +
    "line, or is counted as lost",
  ignore,
}, async (tally) => {
  await withDirectory(async (directory) => {
    await using server = await Server.launch({
      ...commandOn(directory, "--log", "json"),
      stdout: "piped",
    });
    await askOften(server, tally, 100);
    const before = await memory(server.pid);
    await askOften(server, tally, times(2500, 20_000));
    const after = await memory(server.pid);
    console.log(
      `${before.toFixed()} MiB before, ${after.toFixed()} afterwards`,
    );
    tally.expect(after < before + 200, () => `${after.toFixed()} MiB`);
    const { lines, lost } = await readLog(server, tally.injected);
    console.log(`${lines} lines, ${lost} lost`);
    tally.expect(lost > 0, () => "all fitted, so that nothing was tried");
    tally.expect(
      lines + lost === tally.injected,
      () => `${lines} lines and ${lost} lost of ${tally.injected}`,
    );
    assertEquals((await server.kill("SIGTERM")).code, 0);
  });
});

/** Reads until so many lines are there, or counted. */
async function readLog(
  { stdout }: Server,
  count: number,
): Promise<{ lines: number; lost: number }> {
  let lines = 0;
  let lost = 0;
  let rest = "";
  for await (const text of stdout.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    for (const line of parts) {
      const told = JSON.parse(line);
      if ("lost" in told) lost += told.lost;
      else lines++;
    }
    if (lines + lost >= count) break;
  }
  return { lines, lost };
}

fault({
  fault: "nobody reads the pipe that log and messages go to",
  promise: "serving goes on, and SIGTERM ends it with exit code 0",
  ignore,
}, async (tally) => {
  await withDirectory(async (directory) => {
    await using server = await Server.launch({
      ...commandOn(directory, "--log", "text"),
      isMerged: true,
    });
    server.stopReading();
    await askOften(server, tally, times(500, 5000));
    await honest(server.port, tally);
    const { code } = await server.kill("SIGTERM");
    tally.expect(code === 0, () => `exit code ${code}`);
  });
});
