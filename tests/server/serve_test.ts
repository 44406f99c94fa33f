import { delay } from "@std/async/delay";
import {
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { type Handler, serve, type ServeOptions } from "../../mod.ts";
import { parseAnswers, text } from "../support/conversation.ts";
import { NEXT } from "../support/message_cases.ts";

const noNet = (await Deno.permissions.query({ name: "net" })).state !==
  "granted";

/** A test that needs the network; without it, it is named as ignored. */
function netTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: noNet, fn });
}

function listen(handler: Handler, options: ServeOptions = {}) {
  return serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, ...options },
    handler,
  );
}

const hello: Handler = () => new Response("hello");

/** A plain socket to a server. */
class Client implements Disposable {
  private constructor(readonly conn: Deno.TcpConn) {}

  static async connect({ port }: Deno.NetAddr): Promise<Client> {
    return new Client(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  async send(octets: string): Promise<void> {
    await this.conn.write(new TextEncoder().encode(octets));
  }

  /** What comes until `end` is seen, or the server's FIN. */
  async until(end?: string): Promise<string> {
    const buffer = new Uint8Array(65_536);
    let received = "";
    while (end === undefined || !received.includes(end)) {
      const count = await this.conn.read(buffer);
      if (count === null) break;
      received += text(buffer.subarray(0, count));
    }
    return received;
  }

  [Symbol.dispose](): void {
    this.conn.close();
  }
}

netTest("serve: a request over a real socket", async () => {
  await using server = listen((request, info) =>
    Response.json({
      url: request.url,
      target: info.requestTarget,
      from: (info.remoteAddr as Deno.NetAddr).hostname,
      at: (info.localAddr as Deno.NetAddr).port,
    })
  );
  const { port } = server.addr;
  const response = await fetch(`http://127.0.0.1:${port}/a?b`);
  assertEquals(await response.json(), {
    url: `http://127.0.0.1:${port}/a?b`,
    target: "/a?b",
    from: "127.0.0.1",
    at: port,
  });
});

netTest(
  "serve: a trusted proxy is the peer, its client the remote",
  async () => {
    await using server = listen(
      (_request, { remoteAddr, peerAddr }) =>
        Response.json(
          [remoteAddr, peerAddr].map((addr) => (addr as Deno.NetAddr).hostname),
        ),
      {
        trustProxy: (hostname) => hostname === "127.0.0.1",
      },
    );
    const ask = async (headers: HeadersInit) => {
      const url = `http://127.0.0.1:${server.addr.port}/`;
      return await (await fetch(url, { headers })).json();
    };
    const forwarded = "for=192.0.2.1";
    assertEquals(await ask({ forwarded }), ["192.0.2.1", "127.0.0.1"]);
    assertEquals(await ask({}), ["127.0.0.1", "127.0.0.1"]);
  },
);

netTest(
  "serve: a client that half-closes is answered, over a real socket",
  async () => {
    await using server = listen(hello);
    using client = await Client.connect(server.addr);
    await client.send(NEXT);
    await client.conn.closeWrite();
    assertEquals(parseAnswers(await client.until())[0].content, "hello");
  },
);

netTest("serve: FIN follows a close at once", async () => {
  await using server = listen(hello);
  using client = await Client.connect(server.addr);
  await client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  assertEquals(parseAnswers(await client.until())[0].content, "hello");
});

netTest("serve: a client that said close is not waited for", async () => {
  await using server = listen(hello);
  using client = await Client.connect(server.addr);
  await client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  await client.until();
  // It has not closed its own side.
  assertEquals(server.connections.open, 0);
});

netTest(
  "serve: it gets all of a large answer, the last octets late",
  async () => {
    const length = 16 << 20;
    await using server = listen(() => new Response(new Uint8Array(length)));
    using client = await Client.connect(server.addr);
    await client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    let received = 0;
    const buffer = new Uint8Array(65_536);
    // The rest waits in the sockets when the server has closed.
    while (server.connections.open > 0 || received === 0) {
      received += await client.conn.read(buffer) ?? 0;
    }
    const rest = await client.until();
    assertGreater(rest.length, 0);
    assertGreater(received + rest.length, length);
  },
);

netTest(
  "serve: a client that sent more than it said is let finish",
  async () => {
    await using server = listen(hello);
    using client = await Client.connect(server.addr);
    await client.send(
      "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + NEXT,
    );
    assertEquals(parseAnswers(await client.until()).length, 1);
    assertEquals(server.connections.open, 1);
  },
);

netTest(
  "serve: an early answer is not lost to a client that still sends",
  async () => {
    await using server = listen(() => new Response("no", { status: 403 }));
    using client = await Client.connect(server.addr);
    const length = 8 << 20;
    await client.send(
      `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\n\r\n`,
    );
    const block = "x".repeat(1 << 20);
    for (let sent = 0; sent < length; sent += block.length) {
      await client.send(block);
    }
    const [answer] = parseAnswers(await client.until());
    assertEquals([answer.status, answer.fields.connection], [403, "close"]);
  },
);

netTest(
  "serve: content streams through, both ways, without being gathered",
  async () => {
    await using server = listen(
      (request) => new Response(request.body),
      { limits: { content: 1 << 30 } },
    );
    const chunk = new Uint8Array(1 << 20).fill(0x61);
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (sent === 64 << 20) return controller.close();
        sent += chunk.length;
        controller.enqueue(chunk);
      },
    }, { highWaterMark: 0 });
    const response = await fetch(`http://127.0.0.1:${server.addr.port}/`, {
      method: "POST",
      body,
    });
    let received = 0;
    for await (const octets of response.body!) received += octets.length;
    assertEquals(received, sent);
  },
);

netTest("serve: a client that resets does no harm", async () => {
  const exchanges: unknown[] = [];
  const reading = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<unknown>();
  await using server = listen(async (request) => {
    if (request.method === "GET") return new Response("hello");
    reading.resolve();
    await request.text().catch(gone.resolve);
    throw await gone.promise;
  }, { onExchange: (exchange) => exchanges.push(exchange) });
  {
    using client = await Client.connect(server.addr);
    await client.send(
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc",
    );
    await reading.promise;
  }
  await gone.promise;
  const response = await fetch(`http://127.0.0.1:${server.addr.port}/`);
  assertEquals(await response.text(), "hello");
});

netTest("connections: the longest idle one makes room", async () => {
  await using server = listen(hello, { limits: { connections: 2 } });
  using silent = await Client.connect(server.addr);
  using second = await Client.connect(server.addr);
  await second.send(NEXT);
  await second.until("hello");
  using third = await Client.connect(server.addr);
  await third.send(NEXT);
  assertStringIncludes(await third.until("hello"), "200 OK");
  assertEquals(await silent.until(), "");
  await second.send(NEXT);
  assertStringIncludes(await second.until("hello"), "200 OK");
});

netTest(
  "connections: where none is idle the slowest head makes room",
  async () => {
    await using server = listen(hello, { limits: { connections: 1 } });
    using slow = await Client.connect(server.addr);
    await slow.send("GET / HT");
    using next = await Client.connect(server.addr);
    await next.send(NEXT);
    assertStringIncludes(await next.until("hello"), "200 OK");
    await assertClosed(slow);
  },
);

netTest(
  "connections: a head that began long ago makes room before a new client",
  async () => {
    await using server = listen(hello, { limits: { connections: 2 } });
    using slow = await Client.connect(server.addr);
    await slow.send("GET / HT");
    while (server.connections.open === 0 || server.connections.idle > 0) {
      await delay(1);
    }
    using honest = await Client.connect(server.addr);
    using another = await Client.connect(server.addr);
    await another.send("GET / HT");
    // It is closed when the third comes, and neither of the others was.
    await assertClosed(slow);
    await honest.send(NEXT);
    assertStringIncludes(await honest.until("hello"), "200 OK");
  },
);

/** FIN or reset: either way the server has let go. */
async function assertClosed(client: Client): Promise<void> {
  assertEquals(await client.until().catch(() => ""), "");
}

netTest(
  "connections: at work, none is given up, and the next one waits its turn",
  async () => {
    const work = Promise.withResolvers<Response>();
    const started = Promise.withResolvers<void>();
    await using server = listen(({ url }) => {
      if (!url.endsWith("/work")) return new Response("hello");
      started.resolve();
      return work.promise;
    }, { limits: { connections: 1 } });
    using busy = await Client.connect(server.addr);
    await busy.send("GET /work HTTP/1.1\r\nHost: h\r\n\r\n");
    await started.promise;
    using waiting = await Client.connect(server.addr);
    await waiting.send(NEXT);
    const answered = waiting.until("hello");
    work.resolve(new Response("done"));
    assertStringIncludes(await busy.until("done"), "200 OK");
    assertStringIncludes(await answered, "200 OK");
  },
);

netTest(
  "shutdown: what runs is finished, told to close, and nothing new is taken",
  async () => {
    const work = Promise.withResolvers<Response>();
    const started = Promise.withResolvers<void>();
    const server = listen(() => {
      started.resolve();
      return work.promise;
    });
    using idle = await Client.connect(server.addr);
    using busy = await Client.connect(server.addr);
    await busy.send(NEXT);
    await started.promise;
    const down = server.shutdown();
    assertEquals(await idle.until(), "");
    await assertRejects(
      () => Client.connect(server.addr),
      Deno.errors.ConnectionRefused,
    );
    work.resolve(new Response("done"));
    const [answer] = parseAnswers(await busy.until());
    assertEquals([answer.content, answer.fields.connection], ["done", "close"]);
    await busy.conn.closeWrite();
    await down;
  },
);

netTest("shutdown: at the deadline the rest is closed", async () => {
  const started = Promise.withResolvers<void>();
  const never = Promise.withResolvers<Response>();
  const server = listen(() => {
    started.resolve();
    return never.promise;
  }, { timeouts: { shutdown: 0 } });
  using busy = await Client.connect(server.addr);
  await busy.send(NEXT);
  await started.promise;
  const down = server.shutdown();
  await assertClosed(busy);
  never.resolve(new Response());
  await down;
});

netTest(
  "shutdown: a deadline that is none is refused, and nothing shut",
  async () => {
    await using server = listen(hello);
    for (const deadline of [NaN, -1, 1.5, "5s" as never]) {
      assertThrows(
        () => server.shutdown({ deadline }),
        RangeError,
        `Cannot use shutdown.deadline: got ${deadline}`,
      );
      assertThrows(
        () => server.shutdown({ delay: deadline }),
        RangeError,
        `Cannot use shutdown.delay: got ${deadline}`,
      );
    }
    const { port } = server.addr;
    assertEquals(
      await (await fetch(`http://127.0.0.1:${port}/`)).text(),
      "hello",
    );
  },
);

netTest(
  "shutdown with a delay: all are served, and told to close, until it is over",
  async () => {
    const server = listen(hello);
    using idle = await Client.connect(server.addr);
    using waiting = await Client.connect(server.addr);
    const down = server.shutdown({ delay: 500 });
    using late = await Client.connect(server.addr);
    for (const client of [late, waiting]) {
      await client.send(NEXT);
      const [answer] = parseAnswers(await client.until());
      assertEquals(
        [answer.content, answer.fields.connection],
        ["hello", "close"],
      );
      await client.conn.closeWrite();
    }
    // It is in the way of nobody until then, and is closed without a word.
    assertEquals(await idle.until(), "");
    await down;
  },
);

netTest(
  "shutdown with a delay: a request on its way when it is over is answered",
  async () => {
    const server = listen(hello);
    using client = await Client.connect(server.addr);
    const down = server.shutdown({ delay: 1 });
    while (await isListening(server.addr)) await delay(5);
    await client.send(NEXT);
    const [answer] = parseAnswers(await client.until());
    assertEquals([answer.content, answer.fields.connection], [
      "hello",
      "close",
    ]);
    await client.conn.closeWrite();
    await down;
  },
);

netTest("shutdown with a delay: a second one ends it at once", async () => {
  const server = listen(hello);
  using idle = await Client.connect(server.addr);
  const down = server.shutdown({ delay: 3_600_000 });
  server.shutdown();
  assertEquals(await idle.until(), "");
  await down;
});

netTest("shutdown with a delay: a signal ends it at once", async () => {
  const stop = new AbortController();
  const server = listen(hello, { signal: stop.signal });
  using idle = await Client.connect(server.addr);
  const down = server.shutdown({ delay: 3_600_000 });
  stop.abort();
  await assertClosed(idle);
  await down;
});

netTest("shutdown with a delay: a later one does not prolong it", async () => {
  const server = listen(hello);
  const down = server.shutdown({ delay: 1 });
  server.shutdown({ delay: 3_600_000 });
  await down;
});

/** Whether a new client still gets in. */
async function isListening(addr: Deno.NetAddr): Promise<boolean> {
  try {
    (await Client.connect(addr))[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}

netTest("shutdown: by a signal", async () => {
  const stop = new AbortController();
  const server = listen(hello, { signal: stop.signal });
  stop.abort();
  await server.finished;
});

netTest("serve: a port in use is told at once", async () => {
  await using server = listen(hello);
  assertThrows(
    () => listen(hello, { port: server.addr.port }),
    Deno.errors.AddrInUse,
  );
});

netTest(
  "a server starts and ends whatever is done to arrays and promises",
  async () => {
    const { then } = Promise.prototype;
    const iterate = Array.prototype[Symbol.iterator];
    const polluted = () => {
      throw new Error("It was used");
    };
    try {
      Promise.prototype.then = Array.prototype[Symbol.iterator] = polluted;
      const abortion = new AbortController();
      const { signal } = abortion;
      const server = listen(hello, { signal });
      abortion.abort();
      await server.finished;
    } finally {
      Promise.prototype.then = then;
      Array.prototype[Symbol.iterator] = iterate;
    }
  },
);

Deno.test("serve: limits that are none are refused", () => {
  const cases: [ServeOptions, string][] = [
    [{ limits: { content: -1 } }, "limits.content: got -1"],
    [{ limits: { content: 1.5 } }, "limits.content: got 1.5"],
    [{ limits: { content: NaN } }, "limits.content: got NaN"],
    [{ limits: { connections: 0 } }, "limits.connections: 0"],
    [{ limits: { conections: 1 } as object }, "known are requestLine"],
    [{ timeouts: { idle: "1s" as never } }, "timeouts.idle: got 1s"],
  ];
  for (const [options, message] of cases) {
    assertThrows(() => serve(options, hello), RangeError, message);
  }
});

netTest("onExchange tells each exchange once", async () => {
  const exchanges: Record<string, unknown>[] = [];
  const server = listen(hello, {
    onExchange: (exchange) => exchanges.push({ ...exchange }),
  });
  using client = await Client.connect(server.addr);
  await client.send(
    "GET /a HTTP/1.1\r\nHost: h\r\nUser-Agent: ua\r\nReferer: r\r\n\r\n" +
      "BAD\r\n\r\n",
  );
  await client.until();
  client.conn.closeWrite();
  await server.shutdown();
  const [{ started, duration, remoteAddr, ...first }, second] = exchanges;
  assertEquals(first, {
    method: "GET",
    requestTarget: "/a",
    version: "HTTP/1.1",
    host: "h",
    userAgent: "ua",
    referer: "r",
    status: 200,
    received: 0,
    sent: 5,
  });
  assertGreater(started as number, Date.now() - 60_000);
  assertLess(duration as number, 60_000);
  assertEquals((remoteAddr as Deno.NetAddr).hostname, "127.0.0.1");
  assertEquals([second.status, second.method], [400, undefined]);
  assertEquals(exchanges.length, 2);
});

netTest(
  "onExchange tells what was sent of an answer that broke off",
  async () => {
    const told = Promise.withResolvers<number>();
    await using server = listen(() =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new Uint8Array(1000)),
        }),
      ), {
      onExchange: ({ sent }) => told.resolve(sent),
      timeouts: { shutdown: 0 },
    });
    using client = await Client.connect(server.addr);
    await client.send(NEXT);
    await client.until("\r\n\r\n");
    await server.shutdown();
    assertEquals(await told.promise, 1000);
  },
);
