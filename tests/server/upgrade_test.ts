/** A connection leaves HTTP: RFC 9110 §7.8, and CONNECT, RFC 9110 §9.3.6. */

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { once } from "node:events";
import { connect as netConnect } from "node:net";
import {
  ConnectionLost,
  type Handler,
  serve,
  type ServeOptions,
  type Upgraded,
} from "../../mod.ts";
import { connect } from "../support/conversation.ts";
import { NEXT } from "../support/message_cases.ts";

const ignore = (await Deno.permissions.query({ name: "net" })).state !==
  "granted";

const octets = (text: string) => new TextEncoder().encode(text);
const ask =
  "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\n" +
  "Upgrade: other/1, Echo\r\n\r\n";

/** Sends back what comes, in upper case. */
const echo: Handler = (_request, info) => {
  const { response, socket } = info.upgrade({
    protocol: "echo",
    headers: { "x-note": "here" },
  });
  socket.readable.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        const text = new TextDecoder().decode(chunk).toUpperCase();
        controller.enqueue(octets(text));
      },
    }),
  ).pipeTo(socket.writable).catch(() => {});
  return response;
};

async function talk(
  handler: Handler,
  use: (conn: Deno.TcpConn, server: ReturnType<typeof serve>) => Promise<void>,
  options: ServeOptions = {},
): Promise<void> {
  await using server = serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, ...options },
    handler,
  );
  using conn = await Deno.connect({
    hostname: "127.0.0.1",
    port: server.addr.port,
  });
  await use(conn, server);
}

/** Reads until a text has come, or to the end. */
async function until(conn: Deno.TcpConn, end?: string): Promise<string> {
  let text = "";
  const buffer = new Uint8Array(4096);
  while (end === undefined || !text.includes(end)) {
    const count = await conn.read(buffer);
    if (count === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return text;
}

Deno.test(
  "RFC 9110 §7.8: 101, then raw octets both ways",
  { ignore },
  () =>
    talk(echo, async (conn, server) => {
      // What comes right behind the head belongs to the new protocol.
      await conn.write(octets(`${ask}early`));
      const answer = await until(conn, "EARLY");
      assert(answer.startsWith("HTTP/1.1 101 Switching Protocols\r\n"), answer);
      assertStringIncludes(answer, "\r\nconnection: upgrade\r\n");
      assertStringIncludes(answer, "\r\nupgrade: echo\r\n");
      assertStringIncludes(answer, "\r\nx-note: here\r\n");
      assert(!/content-length|transfer-encoding/.test(answer));
      assertEquals(server.connections, { open: 1, idle: 0, active: 1 });
      await conn.write(octets("later\r\n\r\n" + NEXT.toLowerCase()));
      assertStringIncludes(await until(conn, "HOST: H"), "LATER");
      await conn.closeWrite();
      await until(conn);
    }),
);

Deno.test("RFC 9110 §7.8: an upgrade takes time, and its octets wait", {
  ignore,
}, () =>
  talk(
    async (request, info) => {
      const { response, socket } = info.upgrade({ protocol: "echo" });
      const writer = socket.writable.getWriter();
      const written = writer.write(octets("first"));
      await Promise.resolve();
      written.then(() => writer.close());
      socket.readable.cancel();
      assertEquals(request.signal.aborted, false);
      return response;
    },
    async (conn) => {
      await conn.write(octets(ask));
      assertStringIncludes(await until(conn), "\r\n\r\nfirst");
    },
  ));

for (
  const [name, head] of Object.entries({
    "no Upgrade": "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "another protocol": ask.replace("Echo", "h2c"),
    "no option of Connection": ask.replace(", Upgrade\r", "\r"),
    "HTTP/1.0": ask.replace("1.1", "1.0"),
  })
) {
  Deno.test(
    `RFC 9110 §15.5.22: ${name} is answered with 426`,
    { ignore },
    () =>
      talk(echo, async (conn) => {
        await conn.write(octets(head));
        await conn.closeWrite();
        const answer = await until(conn);
        assert(answer.startsWith("HTTP/1.1 426 "), answer);
        assertStringIncludes(answer, "\r\nupgrade: echo\r\n");
        assert(/\r\nconnection: .*upgrade/.test(answer), answer);
      }),
  );
}

Deno.test("nothing is handed over before the client has the answer", async () => {
  const handed: unknown[] = [];
  const { pipe, connection, done } = connect({
    handler: (_request, info) => {
      const { response, socket } = info.upgrade({ protocol: "echo" });
      const reading = socket.readable.getReader().read();
      reading.catch(({ name }) => name).then((read) => handed.push(read));
      return response;
    },
  });
  pipe.window = 0; // the client takes nothing
  pipe.send(`${ask}abc`);
  await pipe.untilWriting();
  connection.close();
  await done;
  // One turn of the event loop: by then a read of what is here has given it.
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(handed, ["ConnectionLost"]);
});

Deno.test("a handler that answers with something else keeps HTTP", {
  ignore,
}, async () => {
  let upgraded: Upgraded | undefined;
  await talk((_request, info) => {
    upgraded = info.upgrade({ protocol: "echo" });
    return new Response("no", { status: 403 });
  }, async (conn) => {
    await conn.write(octets(ask + NEXT));
    await conn.closeWrite();
    assertEquals((await until(conn)).match(/HTTP\/1\.1 \d+/g), [
      "HTTP/1.1 403",
      "HTTP/1.1 426",
    ]);
  });
  await assertRejects(
    () => upgraded!.socket.readable.getReader().read(),
    ConnectionLost,
  );
});

Deno.test(
  "101 without upgrade() is an error of the handler",
  { ignore },
  () =>
    talk(() => new Response(null, { status: 101 }), async (conn) => {
      await conn.write(octets(ask));
      await conn.closeWrite();
      assertStringIncludes(await until(conn), "HTTP/1.1 500");
    }, { onError: () => new Response(null, { status: 500 }) }),
);

Deno.test("both ways fail if the client is gone before the upgrade", {
  ignore,
}, async () => {
  const told = Promise.withResolvers<PromiseSettledResult<unknown>[]>();
  await using server = serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request, info) => {
      const { response, socket } = info.upgrade({ protocol: "echo" });
      const ways = Promise.allSettled([
        socket.readable.getReader().read(),
        socket.writable.getWriter().write(octets("for nobody")),
      ]);
      await info.sendInformational(102);
      await once(request.signal, "abort");
      ways.then(told.resolve);
      return response;
    },
  );
  const client = netConnect(server.addr.port, "127.0.0.1");
  client.write(ask);
  await once(client, "data");
  client.resetAndDestroy();
  for (const way of await told.promise) {
    assert(way.status === "rejected");
    assert(way.reason instanceof ConnectionLost);
  }
});

Deno.test(
  "a connection is upgraded once",
  { ignore },
  () =>
    talk((_request, info) => {
      const { response, socket } = info.upgrade({ protocol: "echo" });
      const error = assertThrows(
        () => info.upgrade({ protocol: "echo" }),
        TypeError,
        "Cannot upgrade: it was already done",
      );
      const message = new Blob([error.message]).stream();
      message.pipeTo(socket.writable);
      socket.readable.cancel();
      return response;
    }, async (conn) => {
      await conn.write(octets(ask));
      assertStringIncludes(await until(conn), "\r\n\r\nCannot upgrade");
    }),
);

let refused: Promise<unknown> | undefined;

Deno.test("what is no octets is refused by an upgraded connection", {
  ignore,
}, () =>
  talk((_request, info) => {
    const { response, socket } = info.upgrade({ protocol: "echo" });
    const writer = socket.writable.getWriter();
    writer.closed.catch(() => {});
    refused = assertRejects(
      () => writer.write("text" as never),
      TypeError,
      "Cannot write to the connection: got no Uint8Array",
    );
    return response;
  }, async (conn) => {
    await conn.write(octets(ask));
    const answer = await until(conn);
    assert(answer.endsWith("\r\n\r\n"), JSON.stringify(answer));
    await refused;
  }));

Deno.test("a write fails once the client has gone", { ignore }, async () => {
  const failed = Promise.withResolvers<unknown>();
  await talk((_request, info) => {
    const { response, socket } = info.upgrade({ protocol: "echo" });
    const writer = socket.writable.getWriter();
    writer.closed.catch(() => {});
    const writing = async () => {
      // What the system takes for a client that may still read is finite.
      for (let count = 0; count < 1000; count++) {
        await writer.write(new Uint8Array(65_536));
      }
    };
    writing().then(() => failed.resolve("none"), failed.resolve);
    return response;
  }, async (conn) => {
    await conn.write(octets(ask));
    await until(conn, "\r\n\r\n");
  }, { timeouts: { shutdown: 500 } });
  assertInstanceOf(await failed.promise, ConnectionLost);
});

Deno.test(
  "a close fails once the server has given up",
  { ignore },
  async () => {
    const upgraded = Promise.withResolvers<Upgraded["socket"]>();
    await talk((_request, info) => {
      const { response, socket } = info.upgrade({ protocol: "echo" });
      upgraded.resolve(socket);
      return response;
    }, async (conn, server) => {
      await conn.write(octets(ask));
      await until(conn, "\r\n\r\n");
      await server.shutdown();
      const { writable } = await upgraded.promise;
      await assertRejects(() => writable.close(), ConnectionLost);
    }, { timeouts: { shutdown: 100 } });
  },
);

Deno.test("a client that breaks off ends both ways", { ignore }, async () => {
  const ended = Promise.withResolvers<unknown>();
  await talk((_request, info) => {
    const { response, socket } = info.upgrade({ protocol: "echo" });
    const reader = socket.readable.getReader();
    reader.read().then(() => reader.read()).then(ended.resolve, ended.resolve);
    return response;
  }, async (conn) => {
    await conn.write(octets(`${ask}x`));
    await until(conn, "\r\n\r\n");
  }, { timeouts: { shutdown: 500 } });
  const { done } = await ended.promise as { done?: boolean };
  assert(done !== false);
});

Deno.test("a shutdown waits for what was upgraded, up to its deadline", {
  ignore,
}, () =>
  talk(echo, async (conn, server) => {
    await conn.write(octets(`${ask}x`));
    await until(conn, "X");
    const over = server.shutdown();
    await conn.write(octets("still"));
    assertStringIncludes(await until(conn, "STILL"), "STILL");
    await server.shutdown({ deadline: 0 });
    await over;
    assertEquals(await until(conn).catch(() => ""), "");
  }));

Deno.test("RFC 9110 §9.3.6: CONNECT makes a tunnel, if one is offered", {
  ignore,
}, () =>
  talk(() => new Response("not here"), async (conn) => {
    await conn.write(
      octets("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\nearly"),
    );
    const answer = await until(conn, "h:443 early");
    assert(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
    assert(!/content-length|transfer-encoding|connection/.test(answer), answer);
    await conn.closeWrite();
    await until(conn);
  }, {
    connect(authority, info) {
      const { response, socket } = info.upgrade();
      const greeting = new TransformStream({
        start: (controller) => controller.enqueue(octets(`${authority} `)),
      });
      socket.readable.pipeThrough(greeting).pipeTo(socket.writable);
      return response;
    },
  }));

Deno.test(
  "RFC 9110 §9.3.6: a tunnel that is refused closes",
  { ignore },
  () =>
    talk(() => new Response("not here"), async (conn) => {
      await conn.write(
        octets(`CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n${NEXT}`),
      );
      const answer = await until(conn);
      assertEquals(answer.match(/^HTTP\/1\.1 \d+/gm), ["HTTP/1.1 403"]);
    }, { connect: () => new Response("no", { status: 403 }) }),
);
