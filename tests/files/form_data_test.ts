/** RFC 7578: the parts of a form, wherever its content is cut. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { HttpError } from "../../lib/errors.ts";
import { formBoundary, formParts } from "../../lib/files/form_data.ts";

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
  "too long a head": part(`name="${"a".repeat(17_000)}"`, "x") + "--b--",
  "too many parts": part('name="a"', "x").repeat(1001) + "--b--",
};

for (const [name, text] of Object.entries(malformed)) {
  Deno.test(`RFC 7578: ${name} is refused`, async () => {
    const error = await assertRejects(() => parse([latin1(text)]), HttpError);
    assertEquals(error.status, 400);
  });
}

Deno.test("RFC 7578: what the platform makes is read as it was", async () => {
  const form = new FormData();
  form.append("text", "a\r\nb");
  form.append('é"\r\n%', new File(["\u20ac"], 'a"b\né.txt'));
  const large = "0123456789".repeat(500_000);
  form.append("large", new File([large], "large.bin"));
  const response = new Response(form);
  const boundary = formBoundary(response.headers.get("content-type"))!;
  const octets = await response.bytes();
  const chunks = [];
  for (let at = 0; at < octets.length; at += 65_536) {
    chunks.push(octets.slice(at, at + 65_536));
  }
  const parts: [string, string | undefined, number][] = [];
  for await (
    const { name, fileName, content } of formParts(
      ReadableStream.from(chunks),
      boundary,
    )
  ) {
    let length = 0;
    for await (const octets of content) length += octets.length;
    parts.push([name, fileName, length]);
  }
  assertEquals(parts, [
    ["text", undefined, 4],
    ['é"\r\n%', 'a"b\né.txt', 3],
    ["large", "large.bin", large.length],
  ]);
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
  const parameters of ["", "; boundary=", '; boundary="a "', "; boundary=a b"]
) {
  Deno.test(`RFC 2046 §5.1.1: form-data${parameters} is refused`, () => {
    assertThrows(
      () => formBoundary(`multipart/form-data${parameters}`),
      HttpError,
    );
  });
}
