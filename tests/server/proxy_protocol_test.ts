/** Connections that begin with a PROXY header: whom each request is from. */

import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { type Handler, ProtocolError, serve } from "../../mod.ts";
import { Deadlines } from "../../lib/server/client_timeouts.ts";
import { connect, converse } from "../support/conversation.ts";

/** The other end of each pipe. */
const proxy = "127.0.0.1";

const tellClient: Handler = (request, info) =>
  Response.json([
    addressOf(info.remoteAddr),
    addressOf(info.peerAddr),
    new URL(request.url).origin,
  ]);

function addressOf(addr: Deno.Addr): string {
  if ("hostname" in addr) return `${addr.hostname} ${addr.port}`;
  return "path" in addr ? addr.path : "";
}

const own = `${proxy} 4221`;
const request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const claimed = "GET / HTTP/1.1\r\nHost: h\r\n" +
  "Forwarded: for=203.0.113.6;proto=https;host=evil.example\r\n\r\n";
const fromClient = "PROXY TCP4 192.0.2.1 10.0.0.1 50000 80\r\n";
const fromProxy = "PROXY TCP4 10.0.0.7 10.0.0.1 50000 80\r\n";
const localHeader = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";
const unixHeader = "\r\n\r\n\0\r\nQUIT\n\x21\x31\0\xd8" +
  "/run/a".padEnd(216, "\0");

/**
 * All that is trusted: the proxy of the pipe, one in front of it, and the other end
 * of a Unix socket here, which is none of the proxy.
 */
const trusted = [proxy, "10.0.0.7", "unix:"];
const setting = {
  handler: tellClient,
  trustProxy: (hostname: string) => trusted.includes(hostname),
  proxyProtocol: (hostname: string) => hostname === proxy,
};

/** What a client is told of itself, by each of its requests. */
async function told(...arrivals: string[]): Promise<string[][]> {
  const answers = await converse(arrivals, setting);
  return answers.map(({ content }) => JSON.parse(content));
}

const client = "192.0.2.1 50000";

for (
  const [why, header, sent, expected] of [
    ["a client", fromClient, request, [client, client, "http://h"]],
    [
      "what a client claims by itself",
      fromClient,
      claimed,
      [client, client, "http://h"],
    ],
    [
      "what a trusted proxy in front says",
      fromProxy,
      claimed,
      ["203.0.113.6 0", "10.0.0.7 50000", "https://evil.example"],
    ],
    ["the proxy itself", localHeader, request, [own, own, "http://h"]],
    [
      "the proxy itself, which may say for whom it asks",
      localHeader,
      claimed,
      ["203.0.113.6 0", own, "https://evil.example"],
    ],
    [
      "a client without an address, who may be anybody",
      "PROXY UNKNOWN\r\n",
      claimed,
      [own, own, "http://h"],
    ],
    [
      "a client of a Unix socket",
      unixHeader,
      claimed,
      ["/run/a", "/run/a", "http://h"],
    ],
  ] as const
) {
  Deno.test(`PROXY header: ${why}`, async () => {
    assertEquals(await told(header + sent), [[...expected]]);
  });
}

Deno.test("PROXY header: it holds for each request of the connection", async () => {
  const expected = [client, client, "http://h"];
  assertEquals(await told(fromClient + request + claimed), [
    expected,
    expected,
  ]);
  assertEquals(await told(fromClient, request, request, claimed), [
    expected,
    expected,
    expected,
  ]);
});

Deno.test("PROXY header: however it is cut, the outcome is the same", async () => {
  for (const header of [fromClient, localHeader, unixHeader]) {
    const octets = header + request;
    const whole = await told(octets);
    assertEquals(await told(...octets), whole);
    for (let place = 1; place < octets.length; place++) {
      const cut = await told(octets.slice(0, place), octets.slice(place));
      assertEquals(cut, whole);
    }
  }
});

for (
  const [why, octets, message] of [
    ["none at all", request, "is missing"],
    ["a wrong one", "PROXY TCP4 192.0.2.1\r\n" + request, "has a wrong line"],
    ["one that breaks off", "PROXY TCP4 192", "ended before"],
    ["two", fromClient + fromClient + request, undefined],
  ] as const
) {
  Deno.test(`PROXY header: ${why}: closed, and told once`, async () => {
    const { pipe, exchanges, done } = connect(setting);
    pipe.send(octets, null);
    await done;
    assertEquals(exchanges.length, 1);
    const [{ error, method, remoteAddr }] = exchanges;
    assertInstanceOf(error, ProtocolError);
    if (message === undefined) {
      // The second would be the line of a request.
      assertEquals(pipe.received.slice(0, 12), "HTTP/1.1 400");
      assertEquals(addressOf(remoteAddr), client);
      return;
    }
    assertEquals(error.message.includes(message), true, error.message);
    assertEquals([pipe.received, method], ["", undefined]);
    assertEquals(addressOf(remoteAddr), own);
  });
}

Deno.test("PROXY header: a peer that leaves without a word is no event", async () => {
  const { pipe, exchanges, done } = connect(setting);
  pipe.send(null);
  await done;
  assertEquals([pipe.received, exchanges.length], ["", 0]);
});

Deno.test("PROXY header: nothing behind it is no event either", async () => {
  const { pipe, exchanges, done } = connect(setting);
  pipe.send(localHeader, null);
  await done;
  assertEquals([pipe.received, exchanges.length], ["", 0]);
});

Deno.test("PROXY header: it must be here within timeouts.head", async () => {
  let now = 0;
  const deadlines = new Deadlines(() => now);
  const { pipe, exchanges, done, connection } = connect({
    ...setting,
    deadlines,
    timeouts: { head: 5000, idle: 9000 },
  });
  deadlines.sweep();
  pipe.send("PROXY TCP4 ");
  await pipe.untilRead();
  for (now = 0; now < 5000; now += 1000) {
    deadlines.sweep();
    assertEquals(connection.state, "idle");
    // One octet a second is not a header.
    pipe.send("1");
    await pipe.untilRead();
  }
  now = 5000;
  deadlines.sweep();
  await done;
  assertEquals(pipe.received, "");
  const [{ error, duration }] = exchanges;
  assertInstanceOf(error, ProtocolError);
  assertEquals(error.message, "The PROXY header came too slowly");
  assertEquals(duration >= 0, true);
});

Deno.test("PROXY header: of others it is no request", async () => {
  const [answer] = await converse([fromClient + request], {
    ...setting,
    proxyProtocol: (hostname) => hostname === "10.0.0.7",
  });
  assertEquals(answer.status, 400);
});

Deno.test("PROXY header: a socket of TLS can't take it", () => {
  assertThrows(
    () =>
      serve({
        cert: "",
        key: "",
        proxyProtocol: () => true,
      }, () => new Response()),
    TypeError,
    "takes no TLS",
  );
});
