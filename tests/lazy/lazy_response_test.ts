/**
 * A `Response` that was replaced is a Response: whatever is made by it, and
 * whatever somebody then does with that, is as with the native one.
 */

import { assert, assertEquals } from "@std/assert";
import { isLazy } from "../../lib/lazy/global_response.ts";
import { lazyPartsOf } from "../../lib/lazy/lazy_response.ts";
import { NativeResponse } from "../../lib/lazy/response_insides.ts";
import { areStandInsUsed } from "./lazy.ts";

type Class = typeof Response;
type Make = (Response: Class) => Response;

/** What is said of stand-ins alone. */
const ignore = !areStandInsUsed;

const octets = () => new Uint8Array([1, 2, 255]);
const form = () => {
  const form = new FormData();
  form.append("a", "b");
  return form;
};

/** Whether it is lazy, and how it is made. */
const made: Record<string, [boolean, Make]> = {
  "of nothing": [true, (Response) => new Response()],
  "of null": [true, (Response) => new Response(null)],
  "of undefined": [true, (Response) => new Response(undefined, undefined)],
  "of a text": [true, (Response) => new Response("ab\u00e9\ud800")],
  "of an empty text": [true, (Response) => new Response("")],
  "of octets": [true, (Response) => new Response(octets())],
  "of a part of octets": [
    true,
    (Response) => new Response(octets().subarray(1, 2)),
  ],
  "of a buffer": [true, (Response) => new Response(octets().buffer)],
  "of a view": [
    false,
    (Response) => new Response(new DataView(octets().buffer)),
  ],
  "of a blob": [
    false,
    (Response) => new Response(new Blob(["a"], { type: "text/x" })),
  ],
  "of a form": [false, (Response) => new Response(form())],
  "of parameters": [
    false,
    (Response) => new Response(new URLSearchParams({ a: "b c" })),
  ],
  "of a stream": [
    false,
    (Response) => new Response(ReadableStream.from([octets()])),
  ],
  "of a number": [
    false,
    // @ts-expect-error what is no text becomes one
    (Response) => new Response(5),
  ],
  "with an empty init": [true, (Response) => new Response("a", {})],
  "with a status": [true, (Response) => new Response("a", { status: 404 })],
  "with all that there is": [
    true,
    (Response) =>
      new Response("a", {
        status: 299,
        statusText: "F\u00efne",
        headers: { "X-A": "b" },
      }),
  ],
  "with a status that has no body": [
    true,
    (Response) => new Response(null, { status: 204 }),
  ],
  "with a status that is nearly one": [
    false,
    (Response) => new Response("a", { status: 201.9 }),
  ],
  "with a status of 101": [
    false,
    (Response) => new Response(null, { status: 101 }),
  ],
  "with a type": [
    true,
    (Response) => new Response("a", { headers: { "Content-Type": "b" } }),
  ],
  "with fields": [
    true,
    (Response) => new Response("a", { headers: { "X-B": "1", "x-A": "2" } }),
  ],
  "with pairs": [
    true,
    (Response) =>
      new Response("a", {
        headers: [["Set-Cookie", "a"], ["X", "b"], ["x", "c"], [
          "set-cookie",
          "d",
        ]],
      }),
  ],
  "with Headers": [
    true,
    (Response) => new Response("a", { headers: new Headers({ "X-A": "b" }) }),
  ],
  "with the headers of another": [
    true,
    (Response) => {
      const { headers } = new Response("a", { headers: { "X-A": "b" } });
      headers.append("x-a", "c");
      return new Response(null, { headers });
    },
  ],
  "with the headers of another that is real": [
    true,
    (Response) => {
      const other = new Response("a", { headers: { "X-A": "b" } });
      other.body;
      other.headers.append("x-a", "c");
      return new Response(null, { headers: other.headers });
    },
  ],
  "with another as its init": [
    true,
    (Response) => {
      const other = new Response("a", {
        status: 201,
        statusText: "c",
        headers: { a: "b" },
      });
      return new Response("d", other);
    },
  ],
  "with a Map": [
    false,
    (Response) => new Response("a", { headers: new Map([["a", "b"]]) }),
  ],
  "with fields of a prototype": [
    false,
    (Response) => new Response("a", { headers: Object.create({ a: "b" }) }),
  ],
  "with fields without a prototype": [
    true,
    (Response) =>
      new Response("a", {
        headers: Object.assign(Object.create(null), { a: "b" }),
      }),
  ],
  "with fields that iterate": [
    false,
    (Response) =>
      new Response("a", {
        headers: {
          a: "b",
          *[Symbol.iterator]() {
            yield ["c", "d"];
          },
        },
      }),
  ],
  "with a number in a field": [
    false,
    // @ts-expect-error what is no text becomes one
    (Response) => new Response("a", { headers: { a: 5 } }),
  ],
  "with whitespace around a value": [
    false,
    (Response) => new Response("a", { headers: { a: " \tb\t", c: "" } }),
  ],
  "with a control in a value": [
    false,
    (Response) => new Response("a", { headers: { a: "b\x01c" } }),
  ],
  "by json()": [true, (Response) => Response.json({ a: [1, "\u00e9"] })],
  "by json() with an init": [
    true,
    (Response) => Response.json(null, { status: 201, headers: { "X-A": "b" } }),
  ],
  "by json() with a type": [
    true,
    (Response) =>
      Response.json(1, { headers: { "content-type": "application/x+json" } }),
  ],
  "by redirect()": [
    false,
    (Response) => Response.redirect("http://localhost/a", 307),
  ],
  "by error()": [false, (Response) => Response.error()],
};

const uses: Record<string, (response: Response) => unknown> = {
  "its members": (response) => [
    response.status,
    response.statusText,
    response.ok,
    response.type,
    response.url,
    response.redirected,
    response.bodyUsed,
    Object.prototype.toString.call(response),
    Object.prototype.toString.call(response.headers),
    response.body === null,
  ],
  "what is listed of it": (response) => {
    const names: string[] = [];
    for (const name in response) names.push(name);
    return [names.sort(), Object.keys(response), JSON.stringify(response)];
  },
  "text()": (response) => response.text(),
  "bytes()": (response) => response.bytes(),
  "json()": (response) => response.json().catch(({ name }) => name),
  "arrayBuffer()": async (response) =>
    new Uint8Array(await response.arrayBuffer()),
  "blob()": async (response) => {
    const { type, size } = await response.blob();
    return [type, size];
  },
  "formData()": async (response) => {
    const isForm = /form/.test(response.headers.get("content-type") ?? "");
    const reading = response.formData();
    return isForm
      ? [...await reading]
      : await reading.catch(({ name }) => name);
  },
  "body": async ({ body }) => body && concatenated(await Array.fromAsync(body)),
  "a body that is locked": async (response) => {
    const reader = response.body?.getReader();
    const isLocked = await thrown(() => response.text());
    await reader?.cancel();
    return [isLocked, response.bodyUsed];
  },
  "a second reading": async (response) => [
    await response.text(),
    response.bodyUsed,
    await thrown(() => response.text()),
    await thrown(() => response.clone().status),
  ],
  "clone()": async (response) => {
    const copy = response.clone();
    const isChanged = await thrown(() => copy.headers.append("x-copy", "1"));
    return [
      isChanged,
      copy.status,
      copy.statusText,
      [...copy.headers],
      [...response.headers],
      await copy.bytes(),
      await response.bytes(),
    ];
  },
  "clone(), and then a change": async (response) => {
    const copy = response.clone();
    if (!await thrown(() => response.headers.set("x-a", "later"))) {
      copy.headers.append("x-a", "copied");
    }
    const again = copy.clone();
    return [
      [...copy.headers],
      [...response.headers],
      [...again.headers],
      await again.text(),
      await copy.text(),
      await response.text(),
    ];
  },
  "new Response() with it as init": async (response) => {
    const copy = new Response(response.body, response);
    return [
      copy.status,
      copy.statusText,
      [...copy.headers],
      await copy.bytes(),
      response.bodyUsed,
    ];
  },
  "the fields": ({ headers }) => [
    [...headers],
    [...headers.keys()],
    headers.getSetCookie(),
  ],
  "forEach()": ({ headers }) => {
    let count = 0;
    headers.forEach((_value, _name, all) => count += all === headers ? 1 : 99);
    return count;
  },
  "get() and has()": ({ headers }) =>
    ["X-A", "x", "set-cookie", "vary"]
      .map((name) => [headers.get(name), headers.has(name)]),
  "headers that are changed": async (response) => {
    const { headers } = response;
    headers.set("x-a", "3");
    headers.append("x", "4");
    headers.append("vary", "*");
    headers.delete("content-type");
    headers.delete("set-cookie");
    return [
      ["X-A", "x", "vary", "content-type"].map((name) => headers.get(name)),
      [...response.headers],
      [...response.clone().headers],
      (await response.blob()).type,
    ];
  },
  "headers that are changed later": (response) => {
    const { headers } = response;
    response.body;
    headers.set("x-a", "3");
    headers.delete("content-type");
    return [[...headers], [...response.headers], headers === response.headers];
  },
  "structuredClone()": (response) => thrown(() => structuredClone(response)),
  "a change of what cannot be": (response) =>
    // deno-lint-ignore no-explicit-any -- TypeScript knows
    thrown(() => (response as any).status = 5),
  "Deno.inspect()": (response) => [
    Deno.inspect(response),
    Deno.inspect(response.headers),
  ],
};

const unchangeable = /error|redirect/;

for (const [how, [isToBeLazy, make]] of Object.entries(made)) {
  Deno.test(`made ${how}: as a native one`, async (t) => {
    const parts = lazyPartsOf(make(Response));
    assertEquals(parts !== undefined, isToBeLazy && areStandInsUsed);
    const makeNative = () => withType(make(NativeResponse));
    const makeOurs = areStandInsUsed ? () => make(Response) : makeNative;
    for (const [name, use] of Object.entries(uses)) {
      if (unchangeable.test(how) && name.includes("changed")) continue;
      if (how.includes("error") && name.includes("init")) continue;
      // Each has a boundary of its own.
      if (how.includes("form") && !/form|members|list|get/.test(name)) continue;
      await t.step(name, async () => {
        assertEquals(
          await use(makeOurs()),
          await use(makeNative()),
        );
      });
    }
  });
}

/** Deno forgets the type in a clone unless somebody has asked for the headers. */
function withType(response: Response): Response {
  response.headers;
  return response;
}

const refused: Record<string, Make> = {
  "a status below": (Response) => new Response("a", { status: 199 }),
  "a status above": (Response) => new Response("a", { status: 600 }),
  // @ts-expect-error no number
  "no status": (Response) => new Response("a", { status: "a" }),
  "a body where none may be": (Response) => new Response("", { status: 204 }),
  "octets where none may be": (Response) =>
    new Response(octets(), { status: 304 }),
  "a reason of two lines": (Response) =>
    new Response("a", { statusText: "a\nb" }),
  "a reason beyond Latin-1": (Response) =>
    new Response("a", { statusText: "\u0100" }),
  "a name that is none": (Response) =>
    new Response("a", { headers: { "a b": "c" } }),
  "an empty name": (Response) => new Response("a", { headers: [["", "c"]] }),
  "a value of two lines": (Response) =>
    new Response("a", { headers: { a: "b\nc" } }),
  "a value beyond Latin-1": (Response) =>
    new Response("a", { headers: { a: "\u0100" } }),
  "a pair of one": (Response) => new Response("a", { headers: [["a"]] }),
  // @ts-expect-error no fields
  "headers that are null": (Response) => new Response("a", { headers: null }),
  // @ts-expect-error no fields
  "headers that are a text": (Response) => new Response("a", { headers: "ab" }),
  // @ts-expect-error no object
  "an init that is a number": (Response) => new Response("a", 5),
  "octets that are shared": (Response) =>
    // @ts-expect-error not allowed
    new Response(new Uint8Array(new SharedArrayBuffer(1))),
  "octets that are gone": (Response) => {
    const gone = octets();
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    return new Response(gone);
  },
  "a body that is read": (Response) => {
    const body = ReadableStream.from([octets()]);
    body.getReader();
    return new Response(body);
  },
  // @ts-expect-error no function
  "no new": (Response) => Response("a"),
  "what is no JSON": (Response) => Response.json(undefined),
  "what is a circle": (Response) => {
    const circle: unknown[] = [];
    circle.push(circle);
    return Response.json(circle);
  },
  "JSON where none may be": (Response) => Response.json(1, { status: 204 }),
};

for (const [what, make] of Object.entries(refused)) {
  Deno.test(`refused at once, in the same words: ${what}`, () => {
    const said = told(() => make(Response));
    assertEquals(said, told(() => make(NativeResponse)));
    assert(said !== undefined);
  });
}

Deno.test("it is replaced where stand-ins behave", () => {
  assertEquals(isLazy, areStandInsUsed);
  assertEquals(Response !== NativeResponse, areStandInsUsed);
});

Deno.test("what is told of the class is as ever", () => {
  assertEquals(Response.name, "Response");
  assertEquals(Response.prototype, NativeResponse.prototype);
  assertEquals(shapeOf(Response), shapeOf(NativeResponse));
  const { enumerable, configurable } = Object
    .getOwnPropertyDescriptor(globalThis, "Response")!;
  assertEquals([enumerable, configurable], [false, true]);
});

/** What is what of the properties of a class. */
function shapeOf(made: Class): unknown {
  return Object.entries(Object.getOwnPropertyDescriptors(made))
    .map(([name, { enumerable, configurable, writable }]) =>
      [name, enumerable, configurable, writable].join()
    ).sort();
}

Deno.test("all are instances: lazy ones, native ones, fetched ones", async () => {
  const fetched = await fetch("data:text/plain,abc");
  const all = [
    new Response("a"),
    Response.json(1),
    Response.error(),
    Response.redirect("http://localhost/"),
    new NativeResponse("a"),
    NativeResponse.json(1),
    new Response("a").clone(),
    fetched,
  ];
  for (const each of all) {
    assert(each instanceof Response);
    assert(each instanceof NativeResponse);
    assertEquals(each.constructor, Response);
  }
  assert(!(Object.create(null) instanceof Response));
  assertEquals(await fetched.text(), "abc");
});

Deno.test("a subclass is one, with what it says of itself", async () => {
  class Teapot extends Response {
    #tea = "Assam";
    constructor(body: string) {
      super(body, { status: 418 });
    }
    override get statusText() {
      return this.#tea;
    }
    override clone(): Teapot {
      return new Teapot("again");
    }
  }
  const teapot = new Teapot("a");
  assert(teapot instanceof Teapot && teapot instanceof Response);
  assertEquals(teapot.constructor, Teapot);
  assertEquals([teapot.status, teapot.statusText], [418, "Assam"]);
  assertEquals(await teapot.clone().text(), "again");
  assertEquals(await teapot.text(), "a");
  class Bare extends Response {}
  assertEquals(await new Bare("a").text(), "a");
  assertEquals(await Bare.json(1).json(), 1);
  const { status } = Reflect.construct(Response, ["a"], Teapot);
  assertEquals(status, 200);
});

Deno.test("a later change of what it was made of changes nothing", async () => {
  const body = octets();
  const buffer = octets().buffer;
  const record: Record<string, string> = { a: "b" };
  const pairs: [string, string][] = [["a", "b"]];
  const headers = new Headers({ a: "b" });
  const init = { status: 201, headers: record };
  const other = new Response(null, { headers: { a: "b" } });
  const all = [
    new Response(body, init),
    new Response(buffer, { status: 201, headers: pairs }),
    new Response(octets(), { status: 201, headers }),
    new Response(octets(), { status: 201, headers: other.headers }),
  ];
  body.fill(0);
  new Uint8Array(buffer).fill(0);
  init.status = 500;
  record.a = record.c = "d";
  pairs[0][1] = "d";
  pairs.push(["c", "d"]);
  for (const changed of [headers, other.headers]) {
    changed.set("a", "d");
    changed.set("c", "d");
  }
  for (const response of all) {
    assertEquals(response.status, 201);
    assertEquals([...response.headers], [["a", "b"]]);
    assertEquals(await response.bytes(), octets());
  }
});

Deno.test("its own change changes nobody else", () => {
  const headers = new Headers({ a: "b" });
  const first = new Response(null, { headers });
  const second = new Response(null, first);
  first.headers.set("a", "c");
  second.headers.append("a", "d");
  assertEquals(
    [headers, first.headers, second.headers].map((each) => each.get("a")),
    ["b", "c", "b, d"],
  );
});

Deno.test("what is added to the prototype, all have", () => {
  const { prototype } = Response as { prototype: Response & { tea?: string } };
  try {
    prototype.tea = "Assam";
    const all = [new Response(), new NativeResponse()] as { tea?: string }[];
    assertEquals(all.map(({ tea }) => tea), ["Assam", "Assam"]);
  } finally {
    delete prototype.tea;
  }
});

Deno.test("its parts are told as long as nobody has made it whole", {
  ignore,
}, async () => {
  const make = () => new Response("a", { headers: { b: "c" } });
  const type = ["content-type", "text/plain;charset=UTF-8"] as const;
  const untouched = make();
  untouched.headers.get("vary");
  assertEquals(lazyPartsOf(untouched), {
    status: 200,
    reason: "",
    lines: [["b", "c"], type],
    headers: undefined,
    content: "a",
  });
  const changed = make();
  changed.headers.set("B", "d");
  changed.headers.append("e", "f");
  changed.headers.delete("Content-Type");
  assertEquals(lazyPartsOf(changed)?.lines, [["B", "d"], ["e", "f"]]);

  const listed = make();
  listed.headers.set("b", " d");
  assertEquals([...listed.headers], [["b", "d"], [...type]]);
  assertEquals(lazyPartsOf(listed)?.lines, [["b", "d"], [...type]]);

  const read = make();
  await read.text();
  const copied = make();
  new Response(copied.body, copied);
  for (const whole of [read, copied, new NativeResponse("a")]) {
    assertEquals(lazyPartsOf(whole), undefined);
  }
});

function concatenated(chunks: Uint8Array[]): number[] {
  return chunks.flatMap((chunk) => [...chunk]);
}

/** What is thrown or rejected with. */
function told(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

async function thrown(run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    return (error as Error).name;
  }
}
