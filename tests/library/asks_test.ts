/**
 * What users of Deno have asked for, each shown at work here, and what
 * `Deno.serve` of the same Deno does with the same request. The table in the README
 * says the same.
 */

import { assert, assertEquals } from "@std/assert";
import {
  type Handler,
  type PortableInfo,
  serve,
  type ServeOptions,
} from "../../mod.ts";

const where = { hostname: "127.0.0.1", port: 0, onListen() {} };
const head = "GET /a HTTP/1.1\r\nHost: h\r\n";
const closing = `${head}Connection: close\r\n\r\n`;

/** A connection to a server. */
class Client implements Disposable {
  private constructor(readonly conn: Deno.TcpConn) {}

  static async to({ port }: Deno.NetAddr): Promise<Client> {
    return new Client(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  async send(octets: string): Promise<void> {
    await this.conn.write(new TextEncoder().encode(octets));
  }

  /** What comes until the end, or until it has been silent for so long (ms). */
  async all(patience?: number): Promise<string> {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(65_536);
    let text = "";
    for (;;) {
      const read = this.conn.read(buffer).catch(() => null);
      const silence = Promise.withResolvers<"silent">();
      const timer = patience === undefined
        ? undefined
        : setTimeout(() => silence.resolve("silent"), patience);
      const count = await Promise.race([read, silence.promise]);
      clearTimeout(timer);
      if (count === "silent") return `${text}(still open)`;
      if (count === null) return text;
      text += decoder.decode(buffer.subarray(0, count));
    }
  }

  [Symbol.dispose](): void {
    this.conn.close();
  }
}

interface Ask {
  name: string;
  handler: Handler<PortableInfo>;
  options?: ServeOptions;
  /** Asks one of the two. */
  talk: (client: Client) => Promise<unknown>;
  here: unknown;
  there: unknown;
}

const hello: Handler<PortableInfo> = () => new Response("hello");
const statusOf = (text: string) => text.slice(9, 12);

const asks: Ask[] = [
  {
    name: "denoland/deno #3515: a timeout for a head that does not end",
    handler: hello,
    options: { timeouts: { head: 200 } },
    async talk(client) {
      await client.send("GET / HT");
      return (await client.all(1500)).slice(0, 12);
    },
    here: "HTTP/1.1 408",
    there: "(still open)",
  },
  {
    name: "denoland/deno #3515: a limit for content",
    handler: async (request) =>
      new Response(`${(await request.bytes()).length}`),
    options: { limits: { content: 1000 } },
    async talk(client) {
      await client.send(
        `POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2000\r\n\r\n` +
          "x".repeat(2000),
      );
      return statusOf(await client.all());
    },
    here: "413",
    there: "200",
  },
  {
    name: "denoland/deno #32497: keep-alive, configured",
    handler: hello,
    options: { limits: { requests: 2 }, timeouts: { idle: 200 } },
    async talk(client) {
      await client.send(`${head}\r\n${head}\r\n`);
      const text = await client.all(1500);
      return [/connection: close/i.test(text), text.endsWith("(still open)")];
    },
    here: [true, false],
    there: [false, true],
  },
  {
    name: "denoland/deno #26554: strict: HTTP/1.1 has a Host",
    handler: hello,
    async talk(client) {
      await client.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
      return statusOf(await client.all());
    },
    here: "400",
    there: "200",
  },
  {
    name: "denoland/deno #15827: informational responses",
    handler: async (_request, info) => {
      await info.sendInformational?.(103, { link: "</a.css>" });
      return new Response("hello");
    },
    async talk(client) {
      await client.send(closing);
      return statusOf(await client.all());
    },
    here: "103",
    there: "200",
  },
  {
    name: "denoland/deno #23632: trailers",
    handler: (_request, info) => {
      info.responseTrailers?.set("x-sum", "7");
      const body = ReadableStream.from([new TextEncoder().encode("hello")]);
      return new Response(body, { headers: { trailer: "x-sum" } });
    },
    async talk(client) {
      await client.send(
        `${head}TE: trailers\r\nConnection: close, te\r\n\r\n`,
      );
      return (await client.all()).includes("0\r\nx-sum: 7\r\n\r\n");
    },
    here: true,
    there: false,
  },
  {
    name: "denoland/deno #21637: field lines in their order and case",
    handler: (request, info) =>
      Response.json(
        info.fieldLines?.slice(1) ?? [...request.headers].slice(0, 3),
      ),
    async talk(client) {
      await client.send(
        "GET / HTTP/1.1\r\nHost: h\r\nX-Zebra: 1\r\nconnection: close\r\nX-Zebra: 2\r\n\r\n",
      );
      return JSON.parse((await client.all()).split("\r\n\r\n")[1]);
    },
    here: [["X-Zebra", "1"], ["connection", "close"], ["X-Zebra", "2"]],
    there: [["connection", "close"], ["host", "h"], ["x-zebra", "1, 2"]],
  },
  {
    name: "denoland/deno #21870: the raw socket after an upgrade",
    handler: (_request, info) => {
      const upgraded = info.upgrade?.({ protocol: "raw" });
      if (!upgraded) return new Response("no", { status: 501 });
      const { response, socket } = upgraded;
      socket.readable.pipeTo(socket.writable);
      return response;
    },
    async talk(client) {
      await client.send(
        `${head}Connection: upgrade\r\nUpgrade: raw\r\n\r\nechoed`,
      );
      await client.conn.closeWrite();
      const text = await client.all();
      return [statusOf(text), text.endsWith("echoed")];
    },
    here: ["101", true],
    there: ["501", false],
  },
  {
    name:
      "denoland/deno #22258: an answer after the client has closed its half",
    handler: async () => {
      // A moment in which the FIN is seen.
      await new Promise((resolve) => setTimeout(resolve, 50));
      return new Response("hello");
    },
    async talk(client) {
      await client.send(`${head}\r\n`);
      await client.conn.closeWrite();
      return (await client.all(1500)).includes("hello");
    },
    here: true,
    there: false,
  },
  {
    name: "denoland/deno #27005: a signal that aborts on a disconnect only",
    handler: (request) => {
      signals.push(request.signal);
      return new Response("hello");
    },
    async talk(client) {
      await client.send(closing);
      assert((await client.all()).endsWith("hello"));
      return signals.pop()!.aborted;
    },
    here: false,
    there: true,
  },
];

const signals: AbortSignal[] = [];

for (const { name, handler, options, talk, here, there } of asks) {
  Deno.test(name, async () => {
    {
      await using server = serve({ ...where, ...options }, handler);
      using client = await Client.to(server.addr);
      assertEquals(await talk(client), here, "here");
    }
    const other = Deno.serve(where, handler);
    {
      using client = await Client.to(other.addr);
      assertEquals(await talk(client), there, "Deno.serve");
    }
    await other.shutdown();
  });
}
