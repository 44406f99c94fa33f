/** What a program notices that changes one import: nothing, asked of both servers. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Handler, type HttpServer, serve } from "../../mod.ts";
import { areStandInsUsed } from "../lazy/lazy.ts";

const isGranted = async (name: "net" | "run" | "write") =>
  (await Deno.permissions.query({ name })).state === "granted";
const ignore = !await isGranted("net");

/** A server as either of the two starts it. */
type Start = (options: object, handler: Handler) => HttpServer;

const servers: Record<string, Start> = {
  "Deno.serve": Deno.serve as unknown as Start,
  "serve": serve,
};

const LOCAL = { hostname: "127.0.0.1", port: 0, onListen() {} };

/** What comes back for the octets of a request, to the end of the connection. */
async function ask(
  to: Deno.ConnectOptions | Deno.UnixConnectOptions,
  lines: string[],
): Promise<string> {
  using conn = "path" in to ? await Deno.connect(to) : await Deno.connect(to);
  const head = [...lines, "Connection: close", "", ""].join("\r\n");
  await conn.write(new TextEncoder().encode(head));
  return await new Response(conn.readable).text();
}

/** What a handler sees of a request, or answers, must be the same with both. */
function sameWithBoth(
  name: string,
  lines: string[],
  handler: Handler,
  asked: { options?: object; ignore?: boolean } = {},
): void {
  Deno.test(`as Deno.serve has it: ${name}`, {
    ignore: ignore || asked.ignore,
  }, async () => {
    const answers: string[][] = [];
    for (const start of Object.values(servers)) {
      await using server = start({ ...LOCAL, ...asked.options }, handler);
      const { port } = server.addr;
      const answer = await ask({ hostname: "127.0.0.1", port }, lines);
      const [head, content] = answer.replace(/date: .*\r\n/, "")
        .replaceAll(String(port), "PORT").split("\r\n\r\n");
      answers.push([...head.split("\r\n").sort(), content]);
    }
    assertEquals(answers[1], answers[0]);
  });
}

const GET = ["GET /a?b HTTP/1.1", "Host: h"];
const say = (value: unknown) =>
  new Response(typeof value === "string" ? value : JSON.stringify(value));

sameWithBoth(
  "two Cookie lines are one, with a semicolon",
  [...GET, "Cookie: a=1", "cookie: b=2", "X-A: 1", "X-A: 2"],
  ({ headers }) => say([headers.get("cookie"), headers.get("x-a")]),
);
sameWithBoth(
  "two Cookie lines, in all the headers",
  [...GET, "Cookie: a=1", "Cookie: b=2"],
  ({ headers }) => say([...headers]),
);
sameWithBoth(
  "names that are no text are made one",
  [...GET, "undefined: a", "null: b"],
  ({ headers }) =>
    say([
      headers.get(undefined as unknown as string),
      headers.has(null as unknown as string),
      headers.get(1 as unknown as string),
    ]),
);
sameWithBoth(
  "a Request is what it says",
  GET,
  (request) =>
    say([
      request.constructor === Request,
      Object.prototype.toString.call(request),
      request.headers.constructor === Headers,
    ]),
);
sameWithBoth("a Request is shown as one", GET, (request) => {
  const shown = Deno.inspect(request);
  return say([shown.startsWith("Request {"), shown.includes("http://h/a?b")]);
});
sameWithBoth(
  "a response made of another, whose length has changed",
  GET,
  async () => {
    const other = new Response("abc", { headers: { "content-length": "3" } });
    return new Response(await other.text() + "more", other);
  },
);
sameWithBoth(
  "a redirection with a length",
  GET,
  () =>
    new Response(null, {
      status: 302,
      headers: { location: "/b", "content-length": "5" },
    }),
);

sameWithBoth(
  "a 304 that tells a length",
  GET,
  () => new Response(null, { status: 304, headers: { "content-length": "5" } }),
);
for (const content of ["foo bar baz", ""]) {
  sameWithBoth(
    `a short stream of ${content.length} octets`,
    GET,
    () => new Response(new Blob([content]).stream()),
    { ignore: !areStandInsUsed },
  );
}

const onErrors: Record<string, () => unknown> = {
  "throws": () => {
    throw new Error("again");
  },
  "rejects": () => Promise.reject(new Error("again")),
  "gives no Response": () => undefined,
  "gives what is made from Response.prototype": () =>
    Object.create(Response.prototype, {
      type: { value: "default" },
      bodyUsed: { value: false },
    }),
  "gives a Response that was read": async () => {
    const response = new Response("a");
    await response.text();
    return response;
  },
};
for (const [what, onError] of Object.entries(onErrors)) {
  sameWithBoth(`the answer where onError ${what}`, GET, () => {
    throw new Error("once");
  }, { options: { onError } });
}

for (const [name, start] of Object.entries(servers)) {
  Deno.test(`${name}: onError is told of a body that fails`, {
    ignore: ignore || !areStandInsUsed,
  }, async () => {
    const failing = (controller: ReadableStreamDefaultController) =>
      controller.error(new Error("mine"));
    const noOctets = (controller: ReadableStreamDefaultController) =>
      controller.enqueue("no octets");
    for (
      const [pull, message] of [
        [failing, "mine"],
        [noOctets, "expected typed ArrayBufferView"],
      ] as const
    ) {
      const told = Promise.withResolvers<Error>();
      const onError = (error: Error) => {
        told.resolve(error);
        return new Response("nobody gets it");
      };
      await using server = start(
        { ...LOCAL, onError },
        () => new Response(new ReadableStream({ pull })),
      );
      const to = { hostname: "127.0.0.1", port: server.addr.port };
      const answer = await ask(to, GET).catch(() => "");
      assert(!answer.endsWith("0\r\n\r\n") && !answer.includes("nobody"));
      const error = await told.promise;
      assert(error.message.includes(message), error.message);
    }
  });

  Deno.test(`${name}: shutdown waits for a handler whose client has left`, {
    ignore,
  }, async () => {
    const seen: string[] = [];
    const begun = Promise.withResolvers<void>();
    const server = start(LOCAL, async ({ signal }) => {
      begun.resolve();
      await new Promise((resolve) => signal.onabort = resolve);
      await new Promise((resolve) => setTimeout(resolve, 50));
      seen.push("done");
      return new Response();
    });
    const leaving = new AbortController();
    const url = `http://127.0.0.1:${server.addr.port}/`;
    const asking = fetch(url, { signal: leaving.signal }).catch(() => {});
    await begun.promise;
    leaving.abort();
    await asking;
    await server.shutdown();
    assertEquals(seen, ["done"]);
  });

  Deno.test(`${name}: a stream is told that nobody reads it`, {
    ignore,
  }, async () => {
    const told = Promise.withResolvers<unknown>();
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1 << 16)),
      cancel: told.resolve,
    });
    await using server = start(LOCAL, () => new Response(body));
    const url = `http://127.0.0.1:${server.addr.port}/`;
    const response = await fetch(url);
    await response.body!.cancel();
    assertEquals(await told.promise, "resource closed");
  });

  Deno.test(`${name}: a Response that was sent is used`, {
    ignore: ignore || !areStandInsUsed,
  }, async () => {
    for (const body of ["a", new Uint8Array(1), new Blob(["a"]).stream()]) {
      const response = new Response(body);
      await using server = start(
        { ...LOCAL, onError: () => new Response("mine", { status: 500 }) },
        () => response,
      );
      const to = { hostname: "127.0.0.1", port: server.addr.port };
      assertEquals(response.bodyUsed, false);
      assert((await ask(to, GET)).startsWith("HTTP/1.1 200"));
      assertEquals(response.bodyUsed, true);
      assert((await ask(to, GET)).endsWith("mine"));
    }
  });

  Deno.test(`${name}: who names no host comes to localhost`, {
    ignore,
  }, async () => {
    await using server = start(
      { ...LOCAL, hostname: "0.0.0.0" },
      ({ url }) => new Response(url),
    );
    const { port } = server.addr;
    for (const lines of [["GET /a HTTP/1.1", "Host: "], ["GET /a HTTP/1.0"]]) {
      const answer = await ask({ hostname: "127.0.0.1", port }, lines);
      assert(answer.endsWith(`\r\n\r\nhttp://localhost:${port}/a`), answer);
    }
  });
}

/** A server whose answers `fetch` decodes. */
async function serveCoded(): Promise<HttpServer> {
  const gzip = new CompressionStream("gzip");
  const text = new Blob(["a".repeat(1000)]).stream();
  const body = await new Response(text.pipeThrough(gzip)).bytes();
  const headers = { "content-encoding": "gzip", "x-kind": "a" };
  return serve(LOCAL, () => new Response(body, { headers }));
}

const proxies: Record<string, (url: string) => Promise<Response>> = {
  "is passed on": (url) => fetch(url),
  "is passed on as a clone": async (url) => (await fetch(url)).clone(),
  "gives its text": async (url) =>
    new Response(await (await fetch(url)).text() + "more"),
};

for (const [what, ask] of Object.entries(proxies)) {
  Deno.test(`as Deno.serve has it: a fetched Response ${what}`, {
    ignore,
  }, async () => {
    await using origin = await serveCoded();
    const url = `http://127.0.0.1:${origin.addr.port}/`;
    const answers: unknown[] = [];
    for (const start of Object.values(servers)) {
      await using server = start(LOCAL, () => ask(url));
      const seen = await fetch(`http://127.0.0.1:${server.addr.port}/`);
      const coding = seen.headers.get("content-encoding");
      answers.push([coding, seen.headers.get("x-kind"), await seen.text()]);
    }
    assertEquals(answers[1], answers[0]);
  });
}

sameWithBoth(
  "a fetched Response to HEAD is passed on",
  ["HEAD / HTTP/1.1", "Host: h"],
  async () => {
    await using origin = await serveCoded();
    const url = `http://127.0.0.1:${origin.addr.port}/`;
    return await fetch(url, { method: "HEAD" });
  },
);

for (const [name, start] of Object.entries(servers)) {
  Deno.test(`${name}: a Unix socket has its path`, {
    ignore: ignore || !await isGranted("write"),
  }, async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/socket`;
    try {
      const seen: unknown[] = [];
      const server = start({ path, onListen() {} }, ({ url }, info) => {
        seen.push(url, info.remoteAddr);
        return new Response();
      });
      const unix = { transport: "unix", path } as const;
      await ask(unix, GET);
      await ask(unix, ["GET /a HTTP/1.0"]);
      assertEquals(seen, [
        "http+unix://h/a?b",
        unix,
        `http+unix://${encodeURIComponent(path)}/a`,
        unix,
      ]);
      await server.shutdown();
      // A directory with something in it is not removed.
      await Deno.remove(folder);
    } finally {
      await Deno.remove(folder, { recursive: true }).catch(() => {});
    }
  });

  for (const isUsed of [false, true]) {
    const state = isUsed ? "has answered" : "was never asked";
    Deno.test(`${name}: the port of one that ${state} is free after shutdown`, {
      ignore,
    }, async () => {
      const server = start(LOCAL, () => new Response("a"));
      const { port } = server.addr;
      if (isUsed) await ask({ hostname: "127.0.0.1", port }, GET);
      await server.shutdown();
      Deno.listen({ hostname: "127.0.0.1", port }).close();
    });
  }

  Deno.test(`${name}: an abort of its signal ends what runs at once`, {
    ignore,
  }, async () => {
    const abortion = new AbortController();
    const cancelled = Promise.withResolvers<void>();
    const stream = () =>
      new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(1)),
        cancel: () => cancelled.resolve(),
      });
    const server = start(
      { ...LOCAL, signal: abortion.signal },
      () => new Response(stream()),
    );
    using conn = await Deno.connect({
      hostname: "127.0.0.1",
      port: server.addr.port,
    });
    await conn.write(new TextEncoder().encode(GET.join("\r\n") + "\r\n\r\n"));
    const octets = new Uint8Array(4096);
    await conn.read(octets);
    abortion.abort();
    await server.finished;
    await cancelled.promise;
    // A reset is an end as well.
    const rest = await new Response(conn.readable).bytes().catch(() => null);
    assert(!rest || rest.length < 10);
  });
}

Deno.test("serve says what is missing", () => {
  // deno-lint-ignore no-explicit-any -- what the types forbid
  const untyped = serve as any;
  for (const args of [[], [{}], [undefined], [{ port: 0 }, "no function"]]) {
    assertThrows(
      () => untyped(...args),
      TypeError,
      "Cannot serve: the handler must be a function",
    );
  }
});

Deno.test("content that is no JSON gets a 400, if nobody catches it", {
  ignore: ignore || !areStandInsUsed,
}, async () => {
  await using server = serve(
    LOCAL,
    async (request) => Response.json(await request.json()),
  );
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const response = await fetch(url, { method: "POST", body: "{" });
  assertEquals(response.status, 400);
  assertEquals(
    await response.text(),
    "400 Bad Request: The request content is not valid JSON\n",
  );
});

Deno.test("an onError of its own sees content that is no JSON, as before", {
  ignore,
}, async () => {
  const seen: unknown[] = [];
  const onError = (error: unknown) => {
    seen.push(error);
    return new Response("mine", { status: 422 });
  };
  await using server = serve(
    { ...LOCAL, onError },
    async (request) => Response.json(await request.json()),
  );
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const response = await fetch(url, { method: "POST", body: "{" });
  assertEquals([response.status, await response.text()], [422, "mine"]);
  assert(seen[0] instanceof SyntaxError);
});

/** How each option of this Deno's own `serve` is shown to be carried out. */
const options: Record<string, string> = {
  alpnProtocols: "refused",
  automaticCompression: "shown below",
  cert: "tests/server/listener_test.ts",
  cid: "refused",
  handler: "tests/server/serve_test.ts",
  hostname: "tests/server/listener_test.ts",
  key: "tests/server/listener_test.ts",
  keyFormat: "refused",
  onError: "tests/server/error_response_test.ts",
  onListen: "tests/server/serve_test.ts",
  path: "tests/server/listener_test.ts",
  port: "tests/server/listener_test.ts",
  reusePort: "tests/server/listener_test.ts",
  signal: "shown above",
  tcpBacklog: "tests/server/listener_test.ts",
  transport: "refused",
};

Deno.test("each option of Deno.serve is known here", {
  ignore: !await isGranted("run"),
}, async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["types"],
  }).output();
  const types = new TextDecoder().decode(stdout);
  const names = new Set(["alpnProtocols"]);
  for (
    const [, body] of types.matchAll(
      /interface (?:Serve(?:Tcp|Unix|Vsock)?Options|ServeInit|TlsCertifiedKeyPem)\b[^{]*\{(?:\S* |[^{}])*?\n((?: {4}.*\n|\n)*) {2}\}/g,
    )
  ) {
    for (const [, name] of body.matchAll(/^ {4}(\w+)\??: /gm)) names.add(name);
  }
  assertEquals([...names].sort(), Object.keys(options));
});

Deno.test("an option that can't be carried out is refused", () => {
  const refused: [object, string][] = [
    [{ cid: 1, port: 1, transport: "vsock" }, "Cannot serve with cid"],
    [{ transport: "vsock" }, "Cannot serve over vsock"],
    [{ transport: "unix" }, "Cannot serve over a Unix socket: name its `path`"],
    [{ tunnel: true }, "Cannot serve with tunnel"],
    [{ certFile: "a" }, "Cannot serve with certFile"],
    [{ keyFile: "a" }, "Cannot serve with keyFile"],
    [{ alpnProtocols: ["h2"] }, "Cannot serve with alpnProtocols"],
    [{ cert: "a", key: "b", keyFormat: "der" }, "Cannot serve TLS"],
  ];
  for (const [options, message] of refused) {
    const start = () => serve(options, () => new Response()) as unknown;
    assertThrows(start, TypeError, message);
  }
});

Deno.test("automaticCompression compresses what a client accepts so", {
  ignore,
}, async () => {
  const text = "compressible ".repeat(1000);
  for (const automaticCompression of [true, false]) {
    for (const start of Object.values(servers)) {
      await using server = start(
        { ...LOCAL, automaticCompression },
        () => new Response(text),
      );
      const to = { hostname: "127.0.0.1", port: server.addr.port };
      for (const [accept, coding] of [["gzip", "gzip"], ["gzip, br", "br"]]) {
        const coded = await ask(to, [...GET, `Accept-Encoding: ${accept}`]);
        const [head] = coded.toLowerCase().split("\r\n\r\n");
        assertEquals(
          head.includes(`content-encoding: ${coding}`),
          automaticCompression,
        );
        assertEquals(head.includes("content-length:"), !automaticCompression);
      }
      assert((await ask(to, GET)).endsWith(text));
    }
  }
});

Deno.test("a variable says what automaticCompression is by default", {
  ignore: !await isGranted("run"),
}, async () => {
  const program = new URL("default_compression.ts", import.meta.url);
  const variable = "DENO_SERVE_AUTOMATIC_COMPRESSION";
  for (
    const [value, grant, coding] of [
      ["1", `--allow-env=${variable}`, "gzip"],
      ["True", "--allow-env", "gzip"],
      ["0", "--allow-env", "null"],
      ["False", "--allow-env", "null"],
      ["1", "--allow-env=OTHER", "null"],
    ]
  ) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-net", "--no-prompt", grant, program.href],
      env: { [variable]: value },
    }).output();
    assertEquals(new TextDecoder().decode(stdout), `${coding}\n`);
  }
});
