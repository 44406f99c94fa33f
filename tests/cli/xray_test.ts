/** `--xray`: who may look, and what is answered. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mayRunCommand, runCommand, Site, startCommand } from "./command.ts";

const ignore = !mayRunCommand;

/** Starts the command with these options, to be asked by a raw request. */
async function withServer(
  args: string[],
  use: (
    ask: (request: string) => Promise<string>,
    url: string,
  ) => Promise<void>,
): Promise<void> {
  await using site = await Site.make();
  await using server = await startCommand(["--port", "0", ...args], {
    cwd: site.path,
  });
  const { hostname, port } = new URL(server.url);
  await use(async (request) => {
    using conn = await Deno.connect({ hostname, port: Number(port) });
    await conn.write(new TextEncoder().encode(request));
    await conn.closeWrite();
    return await new Response(conn.readable).text();
  }, server.url);
}

const targets = ["/xray", "/xray/exchanges/1", "/xray/events"];
const get = (target: string, host: string) =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

Deno.test(
  "without --xray there is none",
  { ignore },
  () =>
    withServer([], async (ask) => {
      for (const target of targets) {
        assertStringIncludes(await ask(get(target, "localhost")), " 404 ");
      }
    }),
);

Deno.test(
  "X-ray answers to names of this machine alone",
  { ignore },
  () =>
    withServer(["--xray", "--allow-host", "*"], async (ask) => {
      for (
        const host of ["evil.example", "evil.example:80", "128.0.0.2", "[::2]"]
      ) {
        for (const target of targets) {
          assertStringIncludes(await ask(get(target, host)), " 403 ", host);
        }
        const post = `POST /xray/send HTTP/1.1\r\nHost: ${host}\r\n` +
          "Content-Length: 0\r\nConnection: close\r\n\r\n";
        assertStringIncludes(await ask(post), " 403 ");
      }
      for (const host of ["localhost", "LOCALHOST:1", "127.0.0.2", "[::1]:9"]) {
        assertStringIncludes(await ask(get("/xray", host)), " 200 ", host);
      }
    }),
);

Deno.test(
  "another site makes nothing be sent",
  { ignore },
  () =>
    withServer(["--xray"], async (_ask, url) => {
      const response = await fetch(`${url}xray/send`, {
        method: "POST",
        headers: { origin: "https://evil.example" },
        body: get("/", "h"),
      });
      assertEquals(response.status, 403);
      await response.body?.cancel();
    }),
);

Deno.test(
  "what is typed is answered by the real server",
  { ignore },
  () =>
    withServer(["--xray"], async (_ask, url) => {
      const type = async (octets: string) => {
        const response = await fetch(`${url}xray/send`, {
          method: "POST",
          body: octets,
        });
        return await response.json();
      };
      const { client, length, exchanges } = await type(
        get("/echo/typed", "localhost"),
      );
      assertEquals([client, exchanges.length], ["typed 1", 1]);
      assert(length > 100);
      assertEquals(await type(""), {
        client: "typed 2",
        length: 0,
        exchanges: [],
      });
      await type("GET / HTTP/1.1\r\nHost : h\r\n\r\n");

      const events = await fetch(`${url}xray/events`);
      const reader = events.body!.pipeThrough(new TextDecoderStream())
        .getReader();
      let text = "";
      while (!text.includes('"status":400')) {
        text += (await reader.read()).value;
      }
      await reader.cancel();
      const summaries = text.split("\n").filter((line) =>
        line.startsWith("data:")
      )
        .map((line) => JSON.parse(line.slice(5)));
      assertEquals(
        summaries.map(({ client, status, target }) => [client, status, target]),
        [["typed 1", 200, "/echo/typed"], ["typed 3", 400, "/"]],
      );
      const exchange = await (await fetch(
        `${url}xray/exchanges/${summaries[1].id}`,
      )).json();
      const [request] = exchange.messages;
      const wrong = request.parts.find(({ kind }: { kind: string }) =>
        kind === "wrong"
      );
      assertEquals(wrong.section, "RFC 9112 §5.1");
      const cleared = await fetch(`${url}xray/exchanges`, { method: "DELETE" });
      assertEquals(cleared.status, 204);
      const gone = await fetch(`${url}xray/exchanges/${summaries[1].id}`);
      assertEquals(gone.status, 404);
      await gone.body?.cancel();
    }),
);

Deno.test(
  "what is typed waits for an answer where it says so",
  { ignore },
  () =>
    withServer(["--xray"], async (_ask, url) => {
      const head = "PUT /files/a.txt HTTP/1.1\r\nHost: localhost\r\n" +
        "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n";
      const statuses = async (query: string) => {
        const body = `${head}hello`;
        const sent = await fetch(`${url}xray/send${query}`, {
          method: "POST",
          body,
        });
        const [id] = (await sent.json()).exchanges;
        const found = await fetch(`${url}xray/exchanges/${id}`);
        const { octets } = (await found.json()).messages[1];
        return [...atob(octets).matchAll(/^HTTP\/1\.1 (\d+)/gm)]
          .map(([, status]) => status);
      };
      assertEquals(await statuses(`?wait=${head.length}`), ["100", "201"]);
      assertEquals(await statuses("?wait="), ["204"]);
    }),
);

Deno.test(
  "a browser that watches does not hold up the end",
  { ignore },
  async () => {
    await using site = await Site.make();
    await using server = await startCommand(["--port", "0", "--xray"], {
      cwd: site.path,
    });
    const events = await fetch(`${server.url}xray/events`);
    const from = performance.now();
    server.kill("SIGTERM");
    assertEquals((await server.status).code, 0);
    await events.body?.cancel();
    assert(performance.now() - from < 8000);
  },
);

Deno.test(
  "what runs at a signal is finished while a browser watches",
  { ignore },
  async () => {
    await using site = await Site.make();
    await using server = await startCommand(["--port", "0", "--xray"], {
      cwd: site.path,
    });
    const { hostname, port } = new URL(server.url);
    const events = await fetch(`${server.url}xray/events`);
    using conn = await Deno.connect({ hostname, port: Number(port) });
    const send = (text: string) => conn.write(new TextEncoder().encode(text));
    await send(
      "PUT /files/a.txt HTTP/1.1\r\nHost: localhost\r\n" +
        "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n",
    );
    const reader = conn.readable.pipeThrough(new TextDecoderStream())
      .getReader();
    let answer = "";
    const until = async (text: string) => {
      while (!answer.includes(text)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`Cannot find ${text}: got ${answer}`);
        answer += value;
      }
    };
    await until(" 100 Continue");
    server.kill("SIGTERM");
    await server.stderr.until(/^Stopping/);
    await send("hello");
    await until(" 201 Created");
    await reader.cancel();
    assertEquals((await server.status).code, 0);
    await events.body?.cancel();
  },
);

for (
  const [args, advice] of [
    [
      ["--host", "0.0.0.0"],
      "it is only for this machine, write --host 127.0.0.1",
    ],
    [["--host", "192.168.0.1"], "it is only for this machine"],
    [["--site"], "a site has no page for it, omit --site and --spa"],
    [["--spa"], "a site has no page for it"],
  ] as const
) {
  Deno.test(
    `--xray with ${args.join(" ")} is refused`,
    { ignore },
    async () => {
      await using site = await Site.make();
      const { code, stderr } = await runCommand(["--xray", ...args], {
        cwd: site.path,
      });
      assertEquals(code, 2);
      assertStringIncludes(stderr, `Cannot use --xray: ${advice}`);
    },
  );
}

Deno.test(
  "typed octets end as they are told",
  { ignore },
  () =>
    withServer(["--xray"], async (_ask, url) => {
      /** What happened on the connection of what is typed, in order. */
      const type = async (octets: string, query: string) => {
        const sent = await fetch(`${url}xray/send?${query}`, {
          method: "POST",
          body: octets,
        });
        const { exchanges: [id] } = await sent.json();
        const kept = await fetch(`${url}xray/exchanges/${id}/connection`);
        const { events } = await kept.json();
        return (events as { what: string }[]).map(({ what }) => what);
      };
      const hello = "GET /echo/a HTTP/1.1\r\nHost: localhost\r\n\r\n";
      const stayed = await type(hello, "end=stay");
      const [idle, ended] = [stayed.indexOf("idle"), stayed.indexOf("ended")];
      assert(idle > 0 && ended > idle, `${stayed}`);
      const cut = hello.replace("GET", "PUT").replace(
        "\r\n\r\n",
        "\r\nContent-Length: 9\r\n\r\nhalf",
      );
      assert((await type(cut, "end=half-close")).includes("ended"));
      assert(!(await type(cut, "end=hang-up")).includes("ended"));
      for (const query of ["wait=x", "end=never", `wait=${"1,".repeat(9)}1`]) {
        const refused = await fetch(`${url}xray/send?${query}`, {
          method: "POST",
          body: hello,
        });
        assertEquals(refused.status, 400, query);
        await refused.body?.cancel();
      }
    }),
);
