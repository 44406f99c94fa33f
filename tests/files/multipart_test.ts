/** RFC 7578: the parts of a form, wherever its content is cut. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { formBoundary, formParts } from "../../lib/files/multipart.ts";

type Part = [name: string, fileName: string | undefined, content: string];

const latin1 = (text: string) =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

async function parse(
  chunks: Uint8Array<ArrayBuffer>[],
  boundary = "b",
): Promise<Part[]> {
  const parts: Part[] = [];
  const body = ReadableStream.from(chunks);
  for await (const { name, fileName, content } of formParts(body, boundary)) {
    let text = "";
    for await (const octets of content) {
      text += String.fromCharCode(...octets);
    }
    parts.push([name, fileName, text]);
  }
  assert(!body.locked);
  return parts;
}

/** Whole, octet by octet, and cut in two at every place. */
function* cuts(text: string): Generator<Uint8Array<ArrayBuffer>[]> {
  const octets = latin1(text);
  yield [octets];
  yield Array.from(octets, (octet) => Uint8Array.of(octet));
  for (let at = 0; at <= octets.length; at++) {
    yield [octets.subarray(0, at), octets.subarray(at)];
  }
}

const part = (parameters: string, content: string) =>
  `--b\r\nContent-Disposition: form-data; ${parameters}\r\n\r\n${content}\r\n`;

const forms: Record<string, [string, Part[]]> = {
  "nothing": ["--b--\r\n", []],
  "a field": [part('name="a"', "x") + "--b--", [["a", undefined, "x"]]],
  "a file": [
    part('name="a"; filename="b.txt"\r\nContent-Type: text/plain', "x\r\ny") +
    "--b--\r\n",
    [["a", "b.txt", "x\r\ny"]],
  ],
  "an empty file": [
    part('name="a"; filename=""', "") + "--b--",
    [["a", "", ""]],
  ],
  "what nearly is a boundary": [
    part('name="a"', "\r\n--\r\n-\r--b\n--b\r\r\n--c--b--") + "--b--",
    [["a", undefined, "\r\n--\r\n-\r--b\n--b\r\r\n--c--b--"]],
  ],
  "a preamble, padding and an epilogue": [
    "This is\r\na form\r\n" +
    part('name="a"', "x").replace("--b", "--b \t") + "--b-- \r\nthe end",
    [["a", undefined, "x"]],
  ],
  "fields in any order and case": [
    '--b\r\nContent-Type: a/b\r\nCONTENT-disposition:form-data;FILENAME="c";name=a\r\n\r\nx\r\n--b--',
    [["a", "c", "x"]],
  ],
  "names that are coded": [
    part('name="a%22b%0D%0Ac%25"; filename="\xc3\xa9\\"%22.txt"', "") + "--b--",
    [['a"b\r\nc%25', 'é"".txt', ""]],
  ],
  "paths": [
    part('name="a"; filename="../../etc/passwd"', "") +
    part('name="a"; filename="C:\\x\\y.txt"', "") + "--b--",
    [["a", "passwd", ""], ["a", "y.txt", ""]],
  ],
};

const near = "\r\n--b\r\n\r\n--boun\r\n a --boundary b\r\n-boundary\r\n\r\r\n";

Deno.test("RFC 2046 §5.1.1: what begins as a long boundary", async () => {
  const head = '\r\nContent-Disposition: form-data; name="a"\r\n\r\n';
  const text = `--boundary${head}${near}\r\n--boundary--`;
  for (const chunks of cuts(text)) {
    assertEquals(await parse(chunks, "boundary"), [["a", undefined, near]]);
  }
});

for (const [name, [text, expected]] of Object.entries(forms)) {
  Deno.test(`RFC 7578: ${name}`, async () => {
    for (const chunks of cuts(text)) {
      assertEquals(await parse(chunks), expected);
    }
  });
}

const malformed: Record<string, string> = {
  "nothing at all": "",
  "no last boundary": part('name="a"', "x"),
  "cut short in the content": part('name="a"', "x").slice(0, -3),
  "cut short in a head": "--b\r\nContent-Disposition: form-data; na",
  "no name": part('filename="a"', "x") + "--b--",
  "no disposition": "--b\r\nA: b\r\n\r\nx\r\n--b--",
  "another disposition":
    '--b\r\nContent-Disposition: attachment; name="a"\r\n\r\nx\r\n--b--',
  "more behind a boundary": "--bc\r\n\r\n--b--",
  "a name that is not UTF-8": part('name="\xe9"', "x") + "--b--",
  "a head without its end":
    '--b\r\nContent-Disposition: form-data; name="a"\r\n' +
    part('name="c"', "x") + "--b--",
  "a quote in a quoted name": part('name="a"b"', "x") + "--b--",
  "too long a head": part(`name="${"a".repeat(17_000)}"`, "x") + "--b--",
  "too many parts": part('name="a"', "x").repeat(1001) + "--b--",
};

for (const [name, text] of Object.entries(malformed)) {
  Deno.test(`RFC 7578: ${name} is refused`, async () => {
    const all = text.length < 1000 ? cuts(text) : [[latin1(text)]];
    for (const chunks of all) {
      const error = await assertRejects(() => parse(chunks), HttpError);
      assertEquals(error.status, 400);
    }
  });
}

/** What `Response` makes of a form, and its boundary. */
async function encode(
  form: FormData,
): Promise<[octets: Uint8Array<ArrayBuffer>, boundary: string]> {
  const response = new Response(form);
  const boundary = formBoundary(response.headers.get("content-type"));
  return [await response.bytes(), boundary!];
}

Deno.test("RFC 7578: what the platform makes is read as it was", async () => {
  const form = new FormData();
  form.append("text", "a\r\nb");
  form.append('é"\r\n%', new File([near], 'a"b\né.txt'));
  form.append("empty", new File([], "empty.txt"));
  const [octets, boundary] = await encode(form);
  for (const chunks of cuts(String.fromCharCode(...octets))) {
    assertEquals(await parse(chunks, boundary), [
      ["text", undefined, "a\r\nb"],
      ['é"\r\n%', 'a"b\né.txt', near],
      ["empty", "empty.txt", ""],
    ]);
  }
});

Deno.test("RFC 7578 §4.2: names that look like parameters", async () => {
  const form = new FormData();
  form.append("a; filename=b", "1");
  form.append("a\\", "2");
  form.append("a\\\\b", new File(["3"], "; name=c"));
  form.append("d", new File(["4"], "e\\"));
  assertEquals(await parse(...wrapped(await encode(form))), [
    ["a; filename=b", undefined, "1"],
    ["a\\", undefined, "2"],
    ["a\\\\b", "; name=c", "3"],
    ["d", "", "4"],
  ]);
  const text = part('filename="x; name=c"; name="a"', "5") + "--b--";
  assertEquals(await parse([latin1(text)]), [["a", "x; name=c", "5"]]);
});

function wrapped(
  [octets, boundary]: [Uint8Array<ArrayBuffer>, string],
): [Uint8Array<ArrayBuffer>[], string] {
  return [[octets], boundary];
}

Deno.test("RFC 7578: a file of 5 MiB in chunks of 64 KiB", async () => {
  const large = new Uint8Array(5 * 1024 * 1024);
  for (let at = 0; at < large.length; at++) large[at] = (at * at) >> 3;
  const form = new FormData();
  form.append("large", new File([large], "large.bin"));
  const [octets, boundary] = await encode(form);
  const chunks = [];
  for (let at = 0; at < octets.length; at += 65_536) {
    chunks.push(octets.slice(at, at + 65_536));
  }
  const received = new Uint8Array(large.length);
  let length = 0;
  const body = ReadableStream.from(chunks);
  for await (const { content } of formParts(body, boundary)) {
    for await (const octets of content) {
      assert(octets.length <= 2 * 65_536);
      received.set(octets, length);
      length += octets.length;
    }
  }
  assertEquals(length, large.length);
  assert(received.every((octet, at) => octet === large[at]));
});

Deno.test("RFC 7578 §4.2: a head of 16 KiB is the most", async () => {
  const form = (length: number) =>
    part(`name="${"a".repeat(length)}"`, "x") + "--b--";
  const most = 16 * 1024 - '\r\nContent-Disposition: form-data; name=""'.length;
  assertEquals((await parse([latin1(form(most))])).length, 1);
  await assertRejects(() => parse([latin1(form(most + 1))]), HttpError);
});

Deno.test("RFC 7578: 1000 parts are the most", async () => {
  const text = part('name="a"', "x").repeat(1000) + "--b--";
  assertEquals((await parse([latin1(text)])).length, 1000);
});

Deno.test("who breaks off gets the body back, not cancelled", async () => {
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(latin1(part('name="a"', "x"))),
    cancel: () => {
      isCancelled = true;
    },
  });
  for await (const _ of formParts(body, "b")) break;
  assert(!body.locked);
  assert(!isCancelled);
});

Deno.test("what is not read of a part is skipped", async () => {
  const text = part('name="a"', "xyz") + part('name="b"', "123") + "--b--";
  const names = [];
  for await (
    const { name, content } of formParts(
      ReadableStream.from([...latin1(text)].map((it) => Uint8Array.of(it))),
      "b",
    )
  ) {
    names.push(name);
    for await (const _ of content) break;
  }
  assertEquals(names, ["a", "b"]);
});

Deno.test("an error of the source is passed on", async () => {
  const failure = new Error("gone");
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(failure),
  });
  const error = await assertRejects(() => formParts(body, "b").next(), Error);
  assertEquals(error, failure);
});

for (
  const [type, expected] of [
    [null, undefined],
    ["text/plain; boundary=a", undefined],
    ["multipart/mixed; boundary=a", undefined],
    ["multipart/form-data; boundary=a", "a"],
    ['multipart/form-data; x="; boundary=b"; boundary=a', "a"],
    ["Multipart/Form-Data;charset=x;BOUNDARY=a", "a"],
    ['multipart/form-data; boundary="a b:c"', "a b:c"],
    [`multipart/form-data; boundary=${"a".repeat(70)}`, "a".repeat(70)],
  ] as const
) {
  Deno.test(`RFC 2046 §5.1.1: ${type}`, () => {
    assertEquals(formBoundary(type), expected);
  });
}

for (
  const parameters of [
    "",
    "; boundary=",
    '; boundary="a "',
    "; boundary=a b",
    "; boundary=a!b",
    '; boundary=""; boundary=a',
    `; boundary=${"a".repeat(71)}`,
  ]
) {
  Deno.test(`RFC 2046 §5.1.1: form-data${parameters} is refused`, () => {
    assertThrows(
      () => formBoundary(`multipart/form-data${parameters}`),
      HttpError,
    );
  });
}
