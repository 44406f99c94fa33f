/** A connection becomes a WebSocket of Deno's own (RFC 6455). */

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type Handler,
  HttpError,
  serve,
  type ServeOptions,
} from "../../mod.ts";
import type { Exchange } from "../../lib/observer.ts";
import { areStandInsUsed } from "../lazy/lazy.ts";
import { connect } from "../support/conversation.ts";
import {
  closing,
  encodeFrame,
  FrameClient,
  handshake,
  octets,
  opcodes,
} from "../support/web_socket_client.ts";

async function lacks(name: "net" | "read" | "write"): Promise<boolean> {
  return (await Deno.permissions.query({ name })).state !== "granted";
}
/** Without what the proof looks for there is no WebSocket: a test below has what is said then. */
const ignore = await lacks("net") || !areStandInsUsed;

const asking = {
  headers: {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  },
};

type Server = ReturnType<typeof serve>;

const where = { hostname: "127.0.0.1", port: 0, onListen() {} };

function connectTo({ addr: { port } }: Server): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: "127.0.0.1", port });
}

/** Sends back each message. */
const echo: Handler = (request) => {
  const { response, socket } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
};

/** The same after a while. */
const slowEcho: Handler = async (request, info) => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return await echo(request, info);
};

/** Upgrades, and tells what comes of it. */
function upgrading(begin: (socket: WebSocket) => void = () => {}) {
  const events: string[] = [];
  const closed = Promise.withResolvers<CloseEvent>();
  const opened = Promise.withResolvers<WebSocket>();
  const failed = Promise.withResolvers<ErrorEvent>();
  const handler: Handler = (request) => {
    const { response, socket } = Deno.upgradeWebSocket(request);
    begin(socket);
    for (const name of ["open", "message", "error", "close"]) {
      socket.addEventListener(name, () => events.push(name));
    }
    socket.addEventListener("open", () => opened.resolve(socket));
    socket.addEventListener("close", closed.resolve);
    socket.addEventListener("error", (event) => {
      failed.resolve(event as ErrorEvent);
    });
    return response;
  };
  return {
    handler,
    events,
    opened: opened.promise,
    closed: closed.promise,
    failed: failed.promise,
  };
}

/** Talks to a handler as a client that has shaken hands. */
async function talk(
  handler: Handler,
  use: (client: FrameClient, server: Server) => Promise<void>,
  options: ServeOptions = {},
): Promise<void> {
  await using server = serve({ ...where, ...options }, handler);
  using client = await FrameClient.shakeHands(await connectTo(server));
  await use(client, server);
}

Deno.test(
  "RFC 6455 §4.2.2: the client gets the head of Deno's own, and a Date",
  {
    ignore,
  },
  () =>
    talk(echo, async (client, server) => {
      assertMatch(client.head, /^HTTP\/1\.1 101 Switching Protocols\r\ndate: /);
      assertStringIncludes(client.head, "\r\nconnection: upgrade\r\n");
      assertStringIncludes(client.head, "\r\nupgrade: websocket\r\n");
      assertStringIncludes(
        client.head,
        "\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
      );
      assertEquals(server.connections, { open: 1, idle: 0, active: 1 });
      await client.send(opcodes.text, "héllo");
      assertEquals(await client.readText(), "héllo");
      await client.send(opcodes.binary, Uint8Array.of(0, 255));
      assertEquals(await client.read(), {
        opcode: opcodes.binary,
        isFinal: true,
        payload: Uint8Array.of(0, 255),
      });
    }),
);

Deno.test("RFC 6455 §5.4: a message in fragments, and a ping between them", {
  ignore,
}, () =>
  talk(echo, async (client) => {
    await client.send(opcodes.text, "one ", { isFinal: false });
    await client.send(opcodes.ping, "there?");
    await client.send(opcodes.continuation, "two ", { isFinal: false });
    await client.send(opcodes.continuation, "three");
    const pong = await client.read();
    assertEquals(pong?.opcode, opcodes.pong);
    assertEquals(pong?.payload, octets("there?"));
    assertEquals(await client.readText(), "one two three");
  }));

Deno.test("what comes in one packet with the head is the first message", {
  ignore,
}, async () => {
  await using server = serve(where, echo);
  const early = encodeFrame(opcodes.text, "early");
  for (const cut of [0, 1, 5]) {
    using client = await FrameClient.shakeHands(
      await connectTo(server),
      early.subarray(0, early.length - cut),
    );
    await client.write(early.subarray(early.length - cut));
    assertEquals(await client.readText(), "early");
  }
});

Deno.test("what comes while the handler thinks is the first message", {
  ignore,
}, async () => {
  const asked = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  await using server = serve(where, async (request, info) => {
    asked.resolve();
    await goOn.promise;
    return await echo(request, info);
  });
  using client = new FrameClient(await connectTo(server));
  await client.write(handshake);
  await asked.promise;
  await client.send(opcodes.text, "soon");
  // It has arrived when another connection has been served after it.
  await (await connectTo(server)).close();
  goOn.resolve();
  await client.readHead();
  assertEquals(await client.readText(), "soon");
});

Deno.test("a server that has taken its time may speak first", {
  ignore,
}, async () => {
  const { handler, events, closed } = upgrading((socket) => {
    socket.onopen = () => socket.send("welcome");
  });
  await using server = serve(where, async (request, info) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return await handler(request, info);
  });
  using client = await FrameClient.shakeHands(await connectTo(server));
  assertEquals(await client.readText(), "welcome");
  await client.send(opcodes.close, closing(1000));
  assertEquals(await client.readClose(), { code: 1000, reason: "" });
  await closed;
  assertEquals(events, ["open", "close"]);
});

Deno.test("answers to what was asked before go out before the 101", {
  ignore,
}, async () => {
  const logged: unknown[] = [];
  const onExchange = ({ method, status }: Exchange) => {
    logged.push([method, status]);
  };
  await using server = serve(
    { ...where, onExchange },
    async (request, info) => {
      if (request.headers.has("upgrade")) return await echo(request, info);
      const { pathname } = new URL(request.url);
      // Then the client is watched, by a read that is under way at the upgrade.
      if (pathname === "/slow") await new Promise((go) => setTimeout(go, 20));
      return new Response("", { headers: { "x-path": pathname } });
    },
  );
  for (const path of ["/fast", "/slow"]) {
    using client = new FrameClient(await connectTo(server));
    await client.write(
      `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n${handshake}`,
    );
    assertStringIncludes(await client.readHead(), `x-path: ${path}\r\n`);
    assertStringIncludes(await client.readHead(), "HTTP/1.1 101 ");
    await client.send(opcodes.text, "hello");
    assertEquals(await client.readText(), "hello");
    await client.send(opcodes.close);
    await client.drain();
  }
  await server.shutdown();
  assertEquals(logged, [["GET", 200], ["GET", 101], ["GET", 200], [
    "GET",
    101,
  ]]);
});

for (
  const [name, { sent, answered, told }] of Object.entries({
    "nothing": { sent: new Uint8Array(), answered: 1005, told: 1005 },
    "1000": { sent: closing(1000, "bye"), answered: 1000, told: 1000 },
    "4999": { sent: closing(4999, "é"), answered: 4999, told: 4999 },
  })
) {
  Deno.test(
    `RFC 6455 §7.1: a client closes with ${name}`,
    { ignore },
    async () => {
      const { handler, closed } = upgrading();
      await talk(handler, async (client, server) => {
        await client.send(opcodes.close, sent);
        const close = await client.readClose();
        assertEquals(close?.code, answered);
        assertEquals((await closed).code, told);
        assertEquals((await closed).wasClean, true);
        // The server ends the connection first (RFC 6455 §7.1.1).
        await client.drain();
        await until(() => server.connections.open === 0);
      });
    },
  );
}

Deno.test("RFC 6455 §7.1: a server closes with a code and a reason", {
  ignore,
}, async () => {
  const { handler, closed } = upgrading((socket) => {
    socket.onopen = () => socket.close(4000, "enough");
  });
  await talk(handler, async (client, server) => {
    assertEquals(await client.readClose(), { code: 4000, reason: "enough" });
    await client.send(opcodes.close, closing(4000, "enough"));
    assertEquals((await closed).code, 4000);
    await client.drain();
    await until(() => server.connections.open === 0);
  });
});

Deno.test(
  "RFC 6455 §8.1: text that is not UTF-8 ends it",
  { ignore },
  async () => {
    const { handler, events, failed } = upgrading();
    await talk(handler, async (client) => {
      await client.send(opcodes.text, Uint8Array.of(0xce, 0xba, 0xff));
      await failed;
      assertEquals(events, ["open", "error", "close"]);
      await client.drain();
    });
  },
);

Deno.test("a client that only leaves is noticed", { ignore }, async () => {
  const { handler, closed } = upgrading();
  await talk(handler, async (client, server) => {
    client.conn.close();
    assertEquals((await closed).wasClean, false);
    await until(() => server.connections.open === 0);
  });
});

for (
  const [name, handler] of [["at once", echo], [
    "after a while",
    slowEcho,
  ]] as const
) {
  Deno.test(`over TLS, ${name}`, {
    ignore: ignore || await lacks("read"),
  }, async () => {
    const pem = (name: string) =>
      Deno.readTextFile(
        new URL(`certificate/localhost.${name}`, import.meta.url),
      );
    const cert = await pem("crt");
    const key = await pem("key");
    await using server = serve({ ...where, cert, key }, (request, info) => {
      assertEquals(request.url, "https://h/chat?room=1");
      return handler(request, info);
    });
    await talkOver(
      () =>
        Deno.connectTls({
          hostname: "localhost",
          port: server.addr.port,
          caCerts: [cert],
        }),
      server,
    );
  });

  Deno.test(`over a Unix socket, ${name}`, {
    ignore: ignore || await lacks("write"),
  }, async () => {
    const folder = await Deno.makeTempDir();
    {
      const path = `${folder}/socket`;
      await using server = serve({ path, onListen() {} }, handler);
      await talkOver(() => Deno.connect({ transport: "unix", path }), server);
    }
    await Deno.remove(folder, { recursive: true });
  });
}

/** Talks over a transport until the server shuts down. */
async function talkOver(
  connect: () => Promise<Deno.Conn>,
  server: { shutdown(): Promise<void> },
): Promise<void> {
  const early = encodeFrame(opcodes.text, "early");
  using client = await FrameClient.shakeHands(await connect(), early);
  assertEquals(await client.readText(), "early");
  await client.send(opcodes.text, "x".repeat(100_000));
  assertEquals((await client.readText()).length, 100_000);
  using silent = await FrameClient.shakeHands(await connect());
  await silent.send(opcodes.text, "later");
  assertEquals(await silent.readText(), "later");
  const shutdown = server.shutdown();
  for (const each of [client, silent]) {
    assertEquals((await each.readClose())?.code, 1001);
    await each.send(opcodes.close, closing(1001));
  }
  await shutdown;
}

Deno.test(
  "a request is upgraded once, in whichever way",
  { ignore },
  async () => {
    const thrown: unknown[] = [];
    await talk((request, info) => {
      const { response } = Deno.upgradeWebSocket(request);
      for (
        const again of [
          () => Deno.upgradeWebSocket(request),
          () => info.upgrade!({ protocol: "websocket" }),
        ]
      ) {
        try {
          again();
        } catch (error) {
          thrown.push(error);
        }
      }
      return response;
    }, async (client) => {
      assertStringIncludes(client.head, " 101 ");
      assertInstanceOf(thrown[0], Deno.errors.Http);
      assertEquals(thrown[0].message, "Already upgraded");
      assertInstanceOf(thrown[1], TypeError);
      await client.send(opcodes.close);
      await client.drain();
    });
  },
);

Deno.test("after the answer there is no upgrade", { ignore }, async () => {
  const kept: Request[] = [];
  await talk((request) => {
    kept.push(request);
    return new Response("no");
  }, (client) => {
    assertStringIncludes(client.head, " 200 ");
    assertThrows(
      () => Deno.upgradeWebSocket(kept[0]),
      Deno.errors.Http,
      "Already closed",
    );
    return Promise.resolve();
  });
});

Deno.test("the request can be looked at after the upgrade", {
  ignore,
}, async () => {
  const seen = Promise.withResolvers<string[]>();
  await talk((request) => {
    const { response, socket } = Deno.upgradeWebSocket(request, {
      protocol: undefined,
    });
    socket.onopen = () =>
      seen.resolve([
        request.url,
        request.headers.get("sec-websocket-version")!,
        Deno.inspect(request),
        `${request.signal.aborted}`,
        socket.binaryType,
      ]);
    return response;
  }, async () => {
    const [url, version, text, isAborted, type] = await seen.promise;
    assertEquals(url, "http://h/chat?room=1");
    assertEquals(version, "13");
    assertStringIncludes(text, url);
    assertEquals([isAborted, type], ["false", "arraybuffer"]);
  });
});

for (
  const [name, wrap] of Object.entries<(response: Response) => Response>({
    "fields were added": (response) => {
      response.headers.set("x-added", "yes");
      return response;
    },
    "was copied": (response) => {
      const copy = new Response(response.body, response);
      copy.headers.set("x-added", "yes");
      return copy;
    },
    "was cloned": (response) => {
      const clone = response.clone();
      clone.headers.set("x-added", "yes");
      return clone;
    },
  })
) {
  Deno.test(`the response may be one that ${name}`, { ignore }, async () => {
    await talk(
      async (request, info) => wrap(await echo(request, info)),
      async (client, server) => {
        assertStringIncludes(client.head, "\r\nx-added: yes\r\n");
        await client.send(opcodes.text, "hello");
        assertEquals(await client.readText(), "hello");
        await client.send(opcodes.close);
        await client.drain();
        await until(() => server.connections.open === 0);
      },
    );
  });
}

for (
  const [name, { finish, status }] of Object.entries<
    { finish: () => Response; status: number }
  >({
    "returns another response": {
      finish: () => new Response("other", { status: 202 }),
      status: 202,
    },
    "throws": {
      finish: () => {
        throw new HttpError(403, "Not you");
      },
      status: 403,
    },
  })
) {
  Deno.test(`nothing is upgraded where the handler ${name}`, {
    ignore,
  }, async () => {
    const { handler, events, failed } = upgrading();
    await talk(async (request, info) => {
      await handler(request, info);
      return finish();
    }, async (client) => {
      assertStringIncludes(client.head, `HTTP/1.1 ${status} `);
      assertMatch((await failed).error.message, /was not upgraded/);
      assertEquals(events, ["error"]);
      // It goes on as HTTP.
      await client.take(Number(/content-length: (\d+)/.exec(client.head)![1]));
      await client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      assertMatch(await client.readHead(), /^HTTP\/1\.1 \d{3} /);
    });
  });
}

Deno.test("nothing is upgraded where the client left before", {
  ignore,
}, async () => {
  const { handler, failed } = upgrading();
  const asked = Promise.withResolvers<AbortSignal>();
  await using server = serve(where, async (request, info) => {
    const response = await handler(request, info);
    asked.resolve(request.signal);
    await failed;
    return response;
  });
  const client = new FrameClient(await connectTo(server));
  await client.write(handshake);
  await asked.promise;
  // Unread octets make it a reset.
  await server.shutdown({ deadline: 0 });
  assertMatch((await failed).error.message, /was not upgraded/);
  client[Symbol.dispose]();
});

Deno.test("Deno refuses what is no request for a WebSocket", {
  ignore,
}, async () => {
  const errors: unknown[] = [];
  const onError = (error: unknown) => {
    errors.push(error);
    return new Response("", { status: 400 });
  };
  await using server = serve({ ...where, onError }, echo);
  for (
    const [wrong, message] of [
      [handshake.replace(/Upgrade: .*\r\n/, ""), "'upgrade' header must"],
      [handshake.replace(", Upgrade", ""), "'connection' header must"],
      [handshake.replace(/Sec-WebSocket-Key: .*\r\n/, ""), "sec-websocket-key"],
    ]
  ) {
    using client = new FrameClient(await connectTo(server));
    await client.write(wrong);
    assertStringIncludes(await client.readHead(), "HTTP/1.1 400 ");
    const error = errors.pop();
    assertInstanceOf(error, TypeError);
    assertStringIncludes(error.message, message);
  }
});

Deno.test("a request with content is refused, and one of HTTP/1.0", {
  ignore,
}, async () => {
  const errors: unknown[] = [];
  const onError = (error: unknown) => {
    errors.push(error);
    return new Response("", { status: 500 });
  };
  await using server = serve({ ...where, onError }, echo);
  const content = handshake.replace("GET", "POST")
    .replace(/\r\n\r\n$/, "\r\nContent-Length: 1\r\n\r\nx");
  for (
    const [wrong, status] of [
      [content, 400],
      [handshake.replace("1.1", "1.0"), 500],
    ] as const
  ) {
    using client = new FrameClient(await connectTo(server));
    await client.write(wrong);
    assertStringIncludes(await client.readHead(), `HTTP/1.1 ${status} `);
  }
  assertInstanceOf(errors[0], TypeError);
  assertStringIncludes(errors[0].message, "info.upgrade");
});

Deno.test("a transport that is no socket has no WebSocket", async () => {
  const errors: unknown[] = [];
  const { pipe, done } = connect({
    handler: echo,
    onError(error) {
      errors.push(error);
      return new Response("", { status: 500 });
    },
  });
  pipe.send(handshake, null);
  await done;
  assert(pipe.received.startsWith("HTTP/1.1 500 "));
  assertInstanceOf(errors[0], TypeError);
  assertStringIncludes(errors[0].message, "use info.upgrade");
});

Deno.test("where Deno has changed, the call names what does without it", {
  ignore: await lacks("read"),
}, async () => {
  // deno-lint-ignore no-explicit-any -- it is told in no types
  const insides = (Deno as any)[(Deno as any).internal];
  const { core } = insides;
  // As if it were another Deno, for a module of its own.
  const module = "../../lib/server/web_socket.ts?elsewhere";
  try {
    insides.core = { ...core, tryClose: undefined };
    const { offerWebSocket } = await import(module);
    const request = offerWebSocket(new Request("http://h/", asking), {});
    assertThrows(
      () => Deno.upgradeWebSocket(request),
      TypeError,
      "on this version of Deno: use info.upgrade",
    );
  } finally {
    insides.core = core;
  }
});

Deno.test("an observer is told of the upgrade, and of no frame", {
  ignore,
}, async () => {
  const states: string[] = [];
  let text = "";
  const observer = {
    connection: () => ({
      received: () => {},
      sent(octets: Uint8Array) {
        text += new TextDecoder("latin1").decode(octets);
      },
      moved: (state: string) => states.push(state),
    }),
  };
  await talk(echo, async (client, server) => {
    await client.send(opcodes.text, "unseen");
    assertEquals(await client.readText(), "unseen");
    await client.send(opcodes.close);
    await client.drain();
    await until(() => server.connections.open === 0);
  }, { observer });
  assertEquals(states, [
    "reading head",
    "handling",
    "responding",
    "upgraded",
    "closed",
  ]);
  assertMatch(text, /^HTTP\/1\.1 101 .*\r\n\r\n$/s);
});

Deno.test("WebSockets count for limits.connections", { ignore }, async () => {
  await using server = serve({ ...where, limits: { connections: 1 } }, echo);
  using first = await FrameClient.shakeHands(await connectTo(server));
  using second = new FrameClient(await connectTo(server));
  await second.write(handshake);
  await first.send(opcodes.text, "still here");
  assertEquals(await first.readText(), "still here");
  assertEquals(server.connections, { open: 1, idle: 0, active: 1 });
  await first.send(opcodes.close);
  await first.drain();
  assertStringIncludes(await second.readHead(), " 101 ");
  await second.send(opcodes.close);
  await second.drain();
});

for (
  const [name, end] of Object.entries<
    (server: Server, abort: AbortController) => Promise<void>
  >({
    "shutdown": (server) => server.shutdown(),
    "an abort": (server, abort) => {
      abort.abort();
      return server.finished;
    },
  })
) {
  Deno.test(`RFC 6455 §7.4.1: ${name} closes with 1001`, {
    ignore,
  }, async () => {
    const { handler, opened, closed } = upgrading();
    const abort = new AbortController();
    await talk(handler, async (client, server) => {
      await opened;
      const ending = end(server, abort);
      const close = await client.readClose();
      assertEquals(close, { code: 1001, reason: "Server shutting down" });
      await client.send(opcodes.close, closing(1001));
      assertEquals((await closed).code, 1001);
      await client.drain();
      await ending;
    }, { signal: abort.signal });
  });

  Deno.test(
    `a client that does not answer our Close does not hold up ${name}`,
    {
      ignore,
    },
    async () => {
      const { handler, opened, closed } = upgrading();
      const abort = new AbortController();
      await talk(handler, async (client, server) => {
        await opened;
        const ending = end(server, abort);
        assertEquals((await client.readClose())?.code, 1001);
        await ending;
        await closed;
        await client.drain();
      }, { signal: abort.signal });
    },
  );
}

Deno.test("nor does one that has not answered the handler's", {
  ignore,
}, async () => {
  const { handler, opened, closed } = upgrading((socket) => {
    socket.onopen = () => socket.close(4000);
  });
  await talk(handler, async (client, server) => {
    await opened;
    assertEquals((await client.readClose())?.code, 4000);
    await server.shutdown();
    await closed;
    await client.drain();
  });
});

Deno.test("an upgrade during the shutdown is closed as well", {
  ignore,
}, async () => {
  const { handler, events, closed } = upgrading();
  const asked = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  await using server = serve(where, async (request, info) => {
    asked.resolve();
    await goOn.promise;
    return await handler(request, info);
  });
  using client = new FrameClient(await connectTo(server));
  await client.write(handshake);
  await asked.promise;
  const shutdown = server.shutdown();
  goOn.resolve();
  assertStringIncludes(await client.readHead(), " 101 ");
  assertEquals((await client.readClose())?.code, 1001);
  await client.send(opcodes.close, closing(1001));
  await closed;
  await shutdown;
  assertEquals(events, ["open", "close"]);
});

/** Waits for what no event tells. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}
