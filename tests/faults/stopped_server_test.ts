/** The server is killed, or asked to stop, while clients of all kinds are served. */

import { assert } from "@std/assert";
import { Client, headOf } from "./client.ts";
import { fault, type Tally } from "./fault.ts";
import { times } from "./form.ts";
import { chances, mayRun, namesIn, noise, Server } from "./server.ts";
import { isSame, Traffic } from "./traffic.ts";

const chance = chances(20261125);

/** Any moment within so many milliseconds: that is what is tried. */
function moment(most: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, chance() * most));
}

fault({
  fault: "kill -9 in mixed traffic",
  promise: "no file is torn, what was answered is there, and the next start " +
    "serves and tidies up",
  ignore: !mayRun,
}, async (tally) => {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const traffic = await Traffic.prepare(directory, tally);
  for (let round = 0; round < times(8, 100); round++) {
    await using server = await Server.start(directory);
    const names = (await namesIn(directory)).join();
    tally.expect(names === traffic.names.join(), () => `left over: ${names}`);
    traffic.start(server.port);
    await moment(400);
    tally.inject();
    await server.kill("SIGKILL");
    await traffic.stop();
    await traffic.check();
  }
  console.log(
    `${traffic.answered} answers, ${traffic.broken.length} broken off`,
  );
  assert(traffic.broken.length > 0, "Nothing was at work");
  await Deno.remove(directory, { recursive: true });
});

const large = noise(20 * 2 ** 20, 3);
const sent = noise(2 ** 20, 4);

/** Requests that are at work, and go on only when they are told to. */
async function beginRequests(port: number) {
  const download = await Client.begin(
    port,
    "GET /files/a.bin HTTP/1.1",
    "Connection: close",
  );
  // So much has come that it is not all in buffers.
  await download.read(1000);
  const upload = await Client.begin(
    port,
    "PUT /files/b.bin HTTP/1.1",
    "Connection: close",
    "Expect: 100-continue",
    `Content-Length: ${sent.length}`,
  );
  // It waits for content when this comes.
  await upload.read("HTTP/1.1 100 Continue\r\n\r\n".length);
  return { download, upload };
}

fault({
  fault: "SIGTERM in mixed traffic",
  promise: "what runs is finished, nothing is torn, and the exit code is 0",
  ignore: !mayRun,
}, async (tally) => {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const traffic = await Traffic.prepare(directory, tally);
  await Deno.writeFile(`${directory}/a.bin`, large);
  for (let round = 0; round < times(4, 40); round++) {
    await using server = await Server.start(directory);
    traffic.start(server.port);
    const { download, upload } = await beginRequests(server.port);
    await moment(200);
    tally.inject();
    server.signal("SIGTERM");
    await server.says(/^Stopping/m);
    const [got] = await Promise.all([download.rest(), upload.send(sent)]);
    const { status } = await upload.rest();
    // Or the server waits some seconds for their ends.
    for (const client of [download, upload]) client[Symbol.dispose]();
    tally.expect(got.isWhole && isSame(got.content, large), () => "download");
    tally.expect(status === 201 || status === 204, () => `upload: ${status}`);
    const { code } = await server.ended;
    tally.expect(code === 0, () => `exit code ${code}`);
    await traffic.stop();
    await traffic.check();
    const stored = await Deno.readFile(`${directory}/b.bin`);
    tally.expect(isSame(stored, sent), () => "what was uploaded is torn");
    const left = traffic.names.concat("a.bin", "b.bin").sort().join();
    const names = (await namesIn(directory)).join();
    tally.expect(names === left, () => `left over: ${names}`);
  }
  await Deno.remove(directory, { recursive: true });
});

/** Clients that will never be done. */
async function beginEndless(port: number): Promise<Client[]> {
  const clients = [];
  for (
    const lines of [
      ["GET /files/a.bin HTTP/1.1"],
      ["PUT /files/b.bin HTTP/1.1", "Content-Length: 1000000"],
    ]
  ) {
    const client = await Client.connect(port);
    await client.send(headOf(lines));
    clients.push(client);
  }
  await clients[0].read(1000);
  return clients;
}

fault({
  fault: "SIGTERM while clients neither read on nor send on",
  promise: "they get --shutdown-timeout, and the exit code is 0",
  ignore: !mayRun,
}, async (tally: Tally) => {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  await Deno.writeFile(`${directory}/a.bin`, large);
  for (let round = 0; round < times(2, 10); round++) {
    // All the other clocks would let them go on for much longer.
    const patient = ["--content-timeout", "5m", "--write-timeout", "5m"];
    await using server = await Server.start(
      directory,
      ...["--shutdown-timeout", "1s", ...patient],
    );
    const clients = await beginEndless(server.port);
    tally.inject();
    const start = performance.now();
    const { code } = await server.kill("SIGTERM");
    const seconds = (performance.now() - start) / 1000;
    tally.expect(code === 0, () => `exit code ${code}`);
    // It may be late on a busy machine, but not by as much as another clock.
    tally.expect(
      seconds >= 0.9 && seconds < 60,
      () => `it took ${seconds.toFixed(1)} s`,
    );
    for (const client of clients) client[Symbol.dispose]();
  }
  await Deno.remove(directory, { recursive: true });
});

fault({
  fault: "SIGTERM twice while clients neither read on nor send on",
  promise: "it ends at once, with the signal's exit code",
  ignore: !mayRun,
}, async (tally) => {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  await Deno.writeFile(`${directory}/a.bin`, large);
  const patient = ["--content-timeout", "5m", "--write-timeout", "5m"];
  await using server = await Server.start(
    directory,
    ...["--shutdown-timeout", "5m", ...patient],
  );
  const clients = await beginEndless(server.port);
  server.signal("SIGTERM");
  await server.says(/^Stopping/m);
  tally.inject();
  // Sooner it would be taken for an echo of the first.
  await new Promise((resolve) => setTimeout(resolve, 600));
  const { code } = await server.kill("SIGTERM");
  tally.expect(code === 143, () => `exit code ${code}`);
  for (const client of clients) client[Symbol.dispose]();
  await Deno.remove(directory, { recursive: true });
});
