/** A hundred thousand names, and a gibibyte in parts: what they cost. */

import { assert, assertEquals } from "@std/assert";
import { memory } from "./holdings.ts";
import { mayRun, Server } from "./server.ts";

const ignore = !mayRun || Deno.build.os !== "linux";

Deno.test("a list of 100 000 files", { ignore }, async () => {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const count = 100_000;
  for (let at = 0; at < count; at++) {
    Deno.openSync(`${directory}/file ${at}.txt`, {
      createNew: true,
      write: true,
    }).close();
  }
  await using server = await Server.start(directory);
  const before = await memory(server.pid, "VmRSS");
  for (
    const [query, accept, lines] of [
      ["", "application/json", 1000],
      ["?offset=99990", "application/json", 10],
      ["", "text/plain", count],
      ["?sort=modified&limit=10", "application/json", 10],
    ] as const
  ) {
    const from = performance.now();
    const response = await fetch(server.url(`/files/${query}`), {
      headers: { accept },
    });
    const reader = response.body!.getReader();
    let { value } = await reader.read();
    const first = performance.now() - from;
    let octets = "";
    const decoder = new TextDecoder();
    for (; value; value = (await reader.read()).value) {
      octets += decoder.decode(value, { stream: true });
    }
    const found = accept === "text/plain"
      ? octets.split("\n").length - 1
      : JSON.parse(octets).length;
    assertEquals(found, lines);
    const peak = await memory(server.pid, "VmHWM");
    console.log(
      `${query || "(no query)"} ${accept}: first octet after ` +
        `${first.toFixed()} ms, all after ` +
        `${(performance.now() - from).toFixed()} ms; ` +
        `${before.toFixed()} MiB before, ${peak.toFixed()} MiB at most`,
    );
  }
  assert(await memory(server.pid, "VmHWM") < 400);
  await server.kill();
  await Deno.remove(directory, { recursive: true });
});

Deno.test("20 parts of 1 GiB", { ignore }, async () => {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  const size = 2 ** 30;
  {
    using file = await Deno.create(`${directory}/a.bin`);
    await file.truncate(size);
  }
  await using server = await Server.start(directory);
  const part = size / 20 - 1000;
  const ranges = Array.from({ length: 20 }, (_, at) => {
    const first = at * Math.floor(size / 20);
    return `${first}-${first + Math.floor(part) - 1}`;
  });
  const before = await memory(server.pid, "VmRSS");
  const response = await fetch(server.url("/files/a.bin"), {
    headers: { range: `bytes=${ranges.join()}` },
  });
  assertEquals(response.status, 206);
  let received = 0;
  for await (const octets of response.body!) received += octets.length;
  assertEquals(received, Number(response.headers.get("content-length")));
  assert(received > 20 * Math.floor(part));
  const peak = await memory(server.pid, "VmHWM");
  console.log(
    `${(received / 2 ** 20).toFixed()} MiB in 20 parts: ` +
      `${before.toFixed()} MiB before, ${peak.toFixed()} MiB at most`,
  );
  assert(peak - before < 64);
  await server.kill();
  await Deno.remove(directory, { recursive: true });
});
