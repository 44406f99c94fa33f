/** A file as a byte stream: its octets, and when the file is closed. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fileContent, wholeOf } from "../../lib/files/file_response.ts";
import { readContent } from "../../lib/files/representation.ts";
import { makeScratch, noDisk as ignore } from "./scratch.ts";

/** Opens a new file of a size, whose octets tell where they are. */
async function openFile(path: string, size: number) {
  const octets = Uint8Array.from({ length: size }, (_, i) => i % 251);
  await Deno.writeFile(path, octets);
  const file = await Deno.open(path);
  let closed = 0;
  const close = file.close.bind(file);
  file.close = () => {
    closed++;
    close();
  };
  return { file, octets, closed: () => closed };
}

for (const size of [0, 1, 65_535, 65_536, 65_537, 300_000]) {
  Deno.test(`${size} octets are read by default and by BYOB`, {
    ignore,
  }, async () => {
    await using scratch = await makeScratch();
    const path = `${scratch.root}/a`;
    {
      const { file, octets, closed } = await openFile(path, size);
      const content = fileContent(file, wholeOf(size));
      assertEquals(await new Response(content).bytes(), octets);
      assertEquals(closed(), 1);
    }
    const { file, octets, closed } = await openFile(path, size);
    const reader = fileContent(file, wholeOf(size)).getReader({ mode: "byob" });
    let buffer = new ArrayBuffer(1000);
    const read: number[] = [];
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(buffer, 1, 900));
      assert(value !== undefined);
      if (done) break;
      read.push(...value);
      buffer = value.buffer;
    }
    assertEquals(new Uint8Array(read), octets);
    assertEquals(closed(), 1);
  });
}

Deno.test("a file that grows is cut", { ignore }, async () => {
  await using scratch = await makeScratch();
  const path = `${scratch.root}/a`;
  const { file, octets, closed } = await openFile(path, 1000);
  await Deno.writeFile(path, new Uint8Array(1000), { append: true });
  assertEquals(
    await new Response(fileContent(file, wholeOf(1000))).bytes(),
    octets,
  );
  assertEquals(closed(), 1);
});

Deno.test("a file that shrinks makes the stream fail", { ignore }, async () => {
  await using scratch = await makeScratch();
  const path = `${scratch.root}/a`;
  for (const mode of ["default", "byob"]) {
    const { file, closed } = await openFile(path, 100_000);
    const content = fileContent(file, wholeOf(100_000));
    await Deno.truncate(path, 70_000);
    await assertRejects(
      async () => {
        if (mode === "default") await new Response(content).bytes();
        const reader = content.getReader({ mode: "byob" });
        while (!(await reader.read(new Uint8Array(4096))).done);
      },
      Error,
      "became shorter",
    );
    assertEquals(closed(), 1);
  }
});

Deno.test("cancelling closes the file once", { ignore }, async () => {
  await using scratch = await makeScratch();
  const path = `${scratch.root}/a`;
  for (const reads of [0, 1]) {
    const { file, closed } = await openFile(path, 100_000);
    const reader = fileContent(file, wholeOf(100_000)).getReader();
    for (let i = 0; i < reads; i++) await reader.read();
    await reader.cancel();
    assertEquals(closed(), 1);
  }
  for (const mode of ["default", "byob"]) {
    const { file, closed } = await openFile(path, 100_000);
    const content = fileContent(file, wholeOf(100_000));
    if (mode === "default") {
      const reader = content.getReader();
      await Promise.all([reader.read(), reader.cancel()]);
    } else {
      const reader = content.getReader({ mode: "byob" });
      await Promise.all([reader.read(new Uint8Array(10)), reader.cancel()]);
    }
    assertEquals(closed(), 1);
  }
});

Deno.test("a file that cannot be read makes the stream fail", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const path = `${scratch.root}/a`;
  await Deno.writeFile(path, new Uint8Array(10));
  const file = await Deno.open(path, { write: true });
  await assertRejects(() =>
    new Response(fileContent(file, wholeOf(10))).bytes()
  );
});

Deno.test("at once: as many octets as were wanted, and are there", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  for (
    const [size, wanted] of [[0, 0], [1000, 1000], [1000, 999], [10, 1000]]
  ) {
    const { file, octets } = await openFile(`${scratch.root}/a`, size);
    assertEquals(readContent(file, wanted), octets.subarray(0, wanted));
    assertThrows(() => file.statSync(), Deno.errors.BadResource);
  }
});

Deno.test("at once: a file that cannot be read is closed as well", {
  ignore,
}, async () => {
  await using scratch = await makeScratch();
  const path = `${scratch.root}/a`;
  await Deno.writeFile(path, new Uint8Array(10));
  const file = await Deno.open(path, { write: true });
  assertThrows(() => readContent(file, 10));
  assertThrows(() => file.statSync(), Deno.errors.BadResource);
});
