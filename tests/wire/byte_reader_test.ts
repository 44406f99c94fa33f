import { assertEquals, assertRejects } from "@std/assert";
import { ConnectionLost, ProtocolError } from "../../lib/errors.ts";
import { ByteReader } from "../../lib/wire/byte_reader.ts";
import { latin1, Pipe, text } from "../support/conversation.ts";

const line = { octets: 100, status: 414, message: () => "too long" };

/** A reader over a pipe, whose buffer is used again for each arrival. */
function read(...arrivals: (string | null)[]) {
  const pipe = new Pipe();
  pipe.send(...arrivals);
  return { pipe, reader: new ByteReader(pipe.readable) };
}

Deno.test("what is left over outlives the source's buffer", async () => {
  const { reader } = read("one\r\ntw", "o\r\nth", "ree\r\n", null);
  assertEquals(text(await reader.readLine(line)), "one");
  assertEquals(text(await reader.readLine(line)), "two");
  assertEquals(text(await reader.readLine(line)), "three");
  assertEquals(await reader.readSome(10), undefined);
});

Deno.test("readSome takes what is there and waits for no more", async () => {
  const { reader } = read("abcdef", "g", null);
  assertEquals(text((await reader.readSome(4))!), "abcd");
  assertEquals(text((await reader.readSome(4))!), "ef");
  assertEquals(text((await reader.readSome(4))!), "g");
  assertEquals(await reader.readSome(4), undefined);
  assertEquals(await reader.readSome(4), undefined);
});

Deno.test("a parser is given what is here, and more when it has come", async () => {
  const { reader } = read("xxlen", "gth", "=2", "ab", null);
  await reader.readSome(2);
  const seen: string[] = [];
  const parser = {
    taken: 0,
    parse(octets: Uint8Array, start: number, end: number) {
      seen.push(text(octets.subarray(start, end)));
      this.taken = 8;
      return end - start < 8 ? undefined : "two";
    },
  };
  assertEquals(reader.take(parser), undefined);
  assertEquals(await reader.read(parser), "two");
  assertEquals(seen, ["len", "len", "length", "length=2"]);
  assertEquals(text((await reader.readSome(9))!), "ab");
  await assertRejects(() => reader.read(parser), ProtocolError, "complete");
});

Deno.test("the limit of a line is inclusive", async () => {
  for (const arrivals of [["12345\r\n"], [..."12345\r\n"]]) {
    const { reader } = read(...arrivals);
    const five = { ...line, octets: 5 };
    assertEquals(text(await reader.readLine(five)), "12345");
  }
});

Deno.test("a limit is passed as soon as it is passed", async () => {
  for (const octets of ["123456", "123456\r\n"]) {
    const { reader } = read(octets);
    const error = await assertRejects(
      () => reader.readLine({ ...line, octets: 5 }),
      ProtocolError,
      "too long",
    );
    assertEquals(error.status, 414);
  }
});

Deno.test("an interrupted wait loses nothing", async () => {
  const { pipe, reader } = read("half ");
  const reading = reader.readLine(line);
  reader.interrupt(new ProtocolError(408, "too slow"));
  await assertRejects(() => reading, ProtocolError, "too slow");
  pipe.send("a line\r\n");
  assertEquals(text(await reader.readLine(line)), "half a line");
});

Deno.test("an interruption counts once, also while octets are on their way", async () => {
  for (let turns = 0; turns < 10; turns++) {
    const { pipe, reader } = read("half");
    await reader.readSome(4);
    const reads = [reader.readSome(4)];
    pipe.send("more", null);
    for (let turn = 0; turn < turns; turn++) await undefined;
    reader.interrupt(new ProtocolError(408, "too slow"));
    const outcomes: string[] = [];
    while (outcomes.length < 3) {
      const read = reads.pop() ?? reader.readSome(4);
      outcomes.push(
        await read.then(
          (octets) => octets ? text(octets) : "end",
          ({ message }) => message,
        ),
      );
    }
    assertEquals(outcomes.sort(), ["end", "more", "too slow"], `${turns}`);
  }
});

Deno.test("an interruption between waits ends the next one of the message", async () => {
  const { reader } = read("half");
  assertEquals(await reader.awaitMessage(), true);
  reader.interrupt(new ProtocolError(408, "too slow"));
  await assertRejects(() => reader.readLine(line), ProtocolError, "too slow");
});

Deno.test("an interruption before the first read ends that", async () => {
  const { reader } = read("half");
  reader.interrupt(new ProtocolError(408, "too slow"));
  await assertRejects(() => reader.readLine(line), ProtocolError, "too slow");
});

Deno.test("an interruption leaves what a watch has seen", async () => {
  const { pipe, reader } = read();
  const watching = reader.watch();
  pipe.send("seen", null);
  assertEquals(await watching, true);
  reader.interrupt(new ProtocolError(408, "too slow"));
  await assertRejects(() => reader.readSome(4), ProtocolError, "too slow");
  assertEquals(text((await reader.readSome(4))!), "seen");
});

Deno.test("an interruption does not reach into the next message", async () => {
  const { reader } = read("a\r\nb", "\r\n");
  await reader.awaitMessage();
  await reader.readLine(line);
  reader.interrupt(new ConnectionLost("too late"));
  assertEquals(await reader.awaitMessage(), true);
  assertEquals(text(await reader.readLine(line)), "b");
});

Deno.test("a connection that breaks is a ConnectionLost", async () => {
  const { pipe, reader } = read();
  const reading = reader.readSome(1);
  pipe.close();
  await assertRejects(() => reading, ConnectionLost);
});

Deno.test("watching takes nothing, and tells the end each time", async () => {
  const { pipe, reader } = read("ab");
  assertEquals(await reader.watch(), true);
  assertEquals(text((await reader.readSome(9))!), "ab");
  pipe.send(null);
  assertEquals(await reader.watch(), false);
  assertEquals(await reader.readSome(9), undefined);
  assertEquals(await reader.watch(), false);
});

Deno.test("two reads at once are refused, and the first goes on", async () => {
  const { pipe, reader } = read();
  const first = reader.readSome(9);
  await assertRejects(() => reader.readSome(9), Error, "in progress");
  pipe.send("ab", null);
  assertEquals(text((await first)!), "ab");
});

Deno.test("before each wait the owner is asked", async () => {
  const pipe = new Pipe();
  pipe.send("ab", "cd", null);
  let waits = 0;
  const reader = new ByteReader(pipe.readable, () => {
    waits++;
  });
  await reader.readSome(1);
  await reader.readSome(1);
  assertEquals(waits, 1);
  await reader.readSome(1);
  assertEquals(waits, 2);
});

Deno.test("it takes long lines of many arrivals", async () => {
  const whole = "x".repeat(50_000);
  const pipe = new Pipe();
  for (let at = 0; at < whole.length; at += 7) {
    pipe.send(latin1(whole.slice(at, at + 7)));
  }
  pipe.send("\r\n");
  const reader = new ByteReader(pipe.readable);
  const long = { ...line, octets: 50_000 };
  assertEquals(text(await reader.readLine(long)), whole);
});
