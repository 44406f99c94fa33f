/**
 * What a handler and the log are told of a client, for everything that clients and
 * proxies write into `Forwarded` and its older kin: by a trusted proxy, and by
 * anybody else.
 */

import { assertEquals } from "@std/assert";
import type { Handler } from "../../mod.ts";
import { connect } from "../support/conversation.ts";
import {
  type Believed,
  cases,
  isTrusted,
  near,
} from "../support/forwarded_cases.ts";

const stranger = "203.0.113.66";

/** Host and port of the client, and the URL's scheme and authority. */
const tell: Handler = (request, { remoteAddr }) => {
  const { hostname, port } = remoteAddr as Deno.NetAddr;
  const { protocol, host } = new URL(request.url);
  return Response.json([hostname, port, protocol, host]);
};

/** What the handler is told, and what the log is. */
async function told(
  peer: string,
  fields: Record<string, string | string[]>,
): Promise<[Believed, Deno.Addr]> {
  const { pipe, exchanges, done } = connect({
    handler: tell,
    trustProxy: isTrusted,
    // The pipe has one address for all: a header says who it is this time.
    proxyProtocol: () => true,
  });
  const lines = Object.entries(fields).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}: ${value}\r\n`)
  );
  pipe.send(
    `PROXY TCP4 ${peer} 127.0.0.1 1234 80\r\n` +
      `GET / HTTP/1.1\r\nHost: own.example\r\n${lines.join("")}\r\n`,
    null,
  );
  await done;
  const content = pipe.received.split("\r\n\r\n")[1];
  return [JSON.parse(content), exchanges[0].remoteAddr];
}

for (const [why, fields, believed] of cases) {
  Deno.test(`by a trusted proxy: ${why}`, async () => {
    const [host = near, port = 1234, scheme = "http", authority] = believed;
    const [seen, { hostname: logged }] = await told(near, fields) as [
      Believed,
      Deno.NetAddr,
    ];
    const url = new URL(`${scheme}://${authority ?? "own.example"}`);
    assertEquals(seen, [host, port, url.protocol, url.host]);
    assertEquals(logged, host);
  });

  Deno.test(`by anybody else: ${why}`, async () => {
    const [seen, addr] = await told(stranger, fields);
    assertEquals(seen, [stranger, 1234, "http:", "own.example"]);
    assertEquals((addr as Deno.NetAddr).hostname, stranger);
  });
}
