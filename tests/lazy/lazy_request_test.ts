/** A lazy Request is a Request, whatever somebody does with it. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  lazyRequest,
  realRequest,
  type RequestSource,
} from "../../lib/lazy/lazy_request.ts";
import { areStandInsUsed, sourceOf } from "./lazy.ts";

/** What is said of stand-ins alone. */
const ignore = !areStandInsUsed;

const text = '{"a": 1}';

const encode = (text: string) => new TextEncoder().encode(text);

const post = (content = text): RequestSource =>
  sourceOf({
    method: "POST",
    url: "http://localhost/a?b",
    lines: [
      ["Content-Type", "application/json"],
      ["X-Two", "1"],
      ["X-two", "2"],
      ["Cookie", "\xe4=b"],
    ],
    hasBody: true,
    openBody: () => ReadableStream.from([encode(content)]),
    readAll: () => encode(content),
  });

// What it is tried for at first must hold here, or all below would compare a thing
// with itself.
Deno.test("on this Deno the lazy way is taken", () => {
  const standsIn = Object.getPrototypeOf(lazyRequest(post())) !==
    Request.prototype;
  assertEquals(standsIn, areStandInsUsed);
});

const uses: Record<string, (request: Request) => unknown> = {
  "method, url": ({ method, url }) => [method, url],
  "instanceof": (request) => [
    request instanceof Request,
    request.headers instanceof Headers,
    Object.prototype.toString.call(request),
    Object.prototype.toString.call(request.headers),
  ],
  "all its other members": (request) => [
    request.bodyUsed,
    request.redirect,
    request.signal instanceof AbortSignal,
    request.signal.aborted,
  ],
  "json()": (request) => request.json(),
  "text()": (request) => request.text(),
  "bytes()": (request) => request.bytes(),
  "arrayBuffer()": async (request) => (await request.arrayBuffer()).byteLength,
  "blob()": async (request) => (await request.blob()).type,
  "formData() of what is none": (request) =>
    request.formData().catch(({ name }) => name),
  "body": async ({ body }) => await new Response(body).text(),
  "a second reading": async (request) => [
    await request.text(),
    request.bodyUsed,
    await request.text().catch(({ name }) => name),
  ],
  "clone()": async (request) => {
    const copy = request.clone();
    return [copy.url, await copy.text(), await request.text()];
  },
  "new Request(it)": async (request) => {
    const copy = new Request(request, { method: "PUT" });
    return [
      copy.method,
      [...copy.headers],
      await copy.text(),
      request.bodyUsed,
    ];
  },
  "new Request() with it as init": async (request) => {
    const copy = new Request("http://h/", request);
    return [copy.method, [...copy.headers], await copy.text()];
  },
  "get() and has()": ({ headers }) =>
    ["x-two", "X-TWO", "cookie", "none", "content-type"]
      .map((name) => [headers.get(name), headers.has(name)]),
  "get() and has() of no name": ({ headers }) => [
    thrown(() => headers.get("a b")),
    thrown(() => headers.has("")),
    // @ts-expect-error what is no text becomes one
    headers.get(1),
  ],
  "the fields": ({ headers }) => [[...headers], [...headers.keys()]],
  "forEach()": ({ headers }) => {
    const seen: string[] = [];
    headers.forEach((value, name) => seen.push(name, value));
    return seen;
  },
  "getSetCookie()": ({ headers }) => headers.getSetCookie(),
  "new Headers(its)": ({ headers }) => [...new Headers(headers)],
  "the same headers, again and again": (request) => {
    const { headers } = request;
    request.clone();
    return request.headers === headers;
  },
  "headers that are changed": (request) => {
    const { headers } = request;
    headers.get("x-two");
    headers.set("x-two", "3");
    headers.append("x-three", "4");
    headers.delete("cookie");
    return [
      ["x-two", "x-three", "cookie"].map((name) => headers.get(name)),
      headers.has("cookie"),
      [...request.headers],
      [...new Request(request).headers],
    ];
  },
  "headers that are changed, and then the rest": async (request) => {
    request.headers.set("x-two", "3");
    request.headers.delete("content-type");
    const copy = new Request(request);
    return [[...request.headers], [...copy.headers], await copy.text()];
  },
  "headers that are changed, and content that was read": async (request) => {
    request.headers.append("x-two", "3");
    request.headers.delete("content-type");
    await request.text();
    request.headers.append("x-two", " 4 ");
    return [[...request.headers], request.bodyUsed];
  },
  "headers that are changed to what they refuse": ({ headers }) => [
    thrown(() => headers.set("a b", "c")),
    thrown(() => headers.append("a", "\n\0")),
    thrown(() => headers.append("a", "\u0100")),
    thrown(() => headers.delete("")),
    // @ts-expect-error one is too few
    thrown(() => headers.set("a")),
    // @ts-expect-error what is no text becomes one
    headers.set("x-number", 5),
    headers.set("x-spaced", "\ta b "),
    [...headers],
  ],
  "headers that are changed after it has become real": (request) => {
    const { headers } = request;
    request.clone();
    headers.set("x-two", "3");
    return [headers.get("x-two"), [...request.clone().headers]];
  },
  "what is listed of it": (request) => {
    const names: string[] = [];
    for (const name in request) names.push(name);
    // A real one made of a source has a signal of its own.
    return names.filter((name) => name !== "signal").sort();
  },
  "what is listed of its headers": ({ headers }) => {
    const names: string[] = [];
    for (const name in headers) names.push(name);
    return names.sort();
  },
  "Deno.inspect()": (request) => Deno.inspect(request).includes("/a?b"),
};

for (const [name, use] of Object.entries(uses)) {
  Deno.test(`${name}: as with a real Request`, async () => {
    assertEquals(
      await use(lazyRequest(post())),
      await use(realRequest(post())),
    );
  });
}

const contents: Record<string, [type: string, content: string]> = {
  "JSON": ["application/json", '{"a": [1, "ä"]}'],
  "JSON with a byte order mark": ["application/json", '\ufeff{"a": 1}'],
  "no JSON": ["application/json", "{"],
  "nothing": ["text/plain", ""],
  "fields of a form": ["application/x-www-form-urlencoded", "a=b&c=%20d"],
  "a form": [
    "multipart/form-data; boundary=x",
    '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n',
  ],
  "a type with parameters": ["Text/HTML ; charset=UTF-8", "a"],
};

const readings: Record<string, (request: Request) => Promise<unknown>> = {
  text: (request) => request.text(),
  json: (request) => request.json(),
  bytes: (request) => request.bytes(),
  arrayBuffer: async (request) => new Uint8Array(await request.arrayBuffer()),
  blob: async (request) => {
    const blob = await request.blob();
    return [blob.type, await blob.text()];
  },
  formData: async (request) => [...await request.formData()],
};

/** What reading gives, or what it throws; and whether it can be done again. */
async function outcome(
  read: (request: Request) => Promise<unknown>,
  request: Request,
): Promise<unknown> {
  const once = await read(request).catch(({ name }) => name);
  const again = await read(request).catch(({ name }) => name);
  return [once, request.bodyUsed, request.body?.locked, again];
}

for (const [what, [type, content]] of Object.entries(contents)) {
  for (const [how, read] of Object.entries(readings)) {
    Deno.test(`${how}() of ${what}: as with a real Request`, async () => {
      const source = () => ({
        ...post(content),
        lines: [["Content-Type", type]] as const,
      });
      assertEquals(
        await outcome(read, lazyRequest(source())),
        await outcome(read, realRequest(source())),
      );
    });
  }
}

Deno.test(
  "content that is not here yet is waited for",
  { ignore },
  async () => {
    const readAll = () => Promise.resolve(encode(text));
    const lazy = lazyRequest({ ...post(), readAll });
    const reading = lazy.json();
    assert(lazy.bodyUsed);
    assertEquals(await reading, { a: 1 });
  },
);

Deno.test("who reads all of it needs no stream", { ignore }, async () => {
  const openBody = () => {
    throw new Error("It was made");
  };
  const lazy = lazyRequest({ ...post(), openBody });
  assertEquals(await lazy.text(), text);
  assertThrows(() => lazy.clone(), TypeError);
});

Deno.test("a clone compares as equal, until one of the two changes", {
  ignore,
}, () => {
  for (const isAsked of [false, true]) {
    const lazy = lazyRequest(post());
    if (isAsked) assertEquals(lazy.headers.get("x-two"), "1, 2");
    const clone = lazy.clone();
    assertEquals(clone.headers, lazy.headers);
    lazy.headers.set("x-two", "3");
    assertThrows(() => assertEquals(clone.headers, lazy.headers));
    clone.headers.set("x-two", "3");
    assertEquals([...clone.headers], [...lazy.headers]);
    assertEquals(new Request(clone).headers.get("x-two"), "3");
    assertEquals(new Request(lazy).headers.get("x-two"), "3");
  }
});

Deno.test("fetch() takes it", async () => {
  const lazy = lazyRequest(sourceOf({ url: "data:text/plain,abc" }));
  assertEquals(await (await fetch(lazy)).text(), "abc");
});

Deno.test("without a body it has none", async () => {
  const lazy = lazyRequest(sourceOf());
  assertEquals(lazy.body, null);
  assertEquals(await lazy.text(), "");
  assertEquals(lazy.bodyUsed, false);
});

Deno.test("no body is made for whoever asks for none", { ignore }, () => {
  const openBody = () => {
    throw new Error("It was made");
  };
  const lazy = lazyRequest({ ...post(), openBody });
  assertEquals(lazy.method + lazy.url, "POSThttp://localhost/a?b");
  assert(lazy.headers.has("cookie"));
  assertEquals([...lazy.headers].length, 3);
  lazy.headers.append("x-two", " 3 ");
  assertEquals(new Headers(lazy.headers).get("x-two"), "1, 2, 3");
});

function thrown(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return (error as Error).name;
  }
}
