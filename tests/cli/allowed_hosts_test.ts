/** `--allow-host`: which hosts the command answers for, and what it prints of them. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { mayRunCommand, Site, startCommand } from "./command.ts";

const ignore = !mayRunCommand;

/** Sends a request; gives its answer. */
type Ask = (request: string) => Promise<string>;

/** Starts the command with these options, to be asked by raw requests. */
async function withServer(
  args: string[],
  use: (ask: Ask, port: number) => Promise<void>,
): Promise<void> {
  await using site = await Site.make();
  await using server = await startCommand(["--port", "0", ...args], {
    cwd: site.path,
  });
  const port = Number(new URL(server.url).port);
  await use(async (request) => {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(new TextEncoder().encode(request));
    await conn.closeWrite();
    return await new Response(conn.readable).text();
  }, port);
}

const get = (host: string, target = "/echo/a", fields = "") =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${fields}Connection: close\r\n\r\n`;

/** The status of an answer. */
const statusOf = (answer: string) => Number(answer.split(" ", 2)[1]);

async function assertStatuses(ask: Ask, expected: Record<string, number>) {
  const statuses: Record<string, number> = {};
  for (const host of Object.keys(expected)) {
    statuses[host] = statusOf(await ask(get(host)));
  }
  assertEquals(statuses, expected);
}

const loopback = {
  "localhost": 200,
  "LocalHost:1": 200,
  "localhost.": 200,
  "files.localhost": 200,
  "a.b.localhost.:80": 200,
  "127.0.0.1": 200,
  "127.0.0.1:9": 200,
  "127.255.0.9": 200,
  "127.1": 200,
  "[::1]": 200,
  "[0:0::1]:65535": 200,
  "": 200,
};

const foreign = {
  "evil.example": 421,
  "evil.example:4221": 421,
  "localhost.evil.example": 421,
  "127.0.0.1.evil.example": 421,
  "evillocalhost": 421,
  "localhost..": 421,
  "128.0.0.1": 421,
  "0.0.0.0": 421,
  "192.168.1.5": 421,
  "[::2]": 421,
  "[::ffff:127.0.0.1]": 421,
};

Deno.test(
  { name: "on loopback it answers for names of this machine", ignore },
  () =>
    withServer([], async (ask, port) => {
      await assertStatuses(ask, { ...loopback, ...foreign });
      // No Host at all, as health checks of HTTP/1.0 have it.
      assertEquals(statusOf(await ask("GET /echo/a HTTP/1.0\r\n\r\n")), 200);
      // RFC 9112 §3.2.2: an absolute-form target counts, and Host does not.
      for (
        const [authority, host, status] of [
          [`127.0.0.1:${port}`, "evil.example", 200],
          ["evil.example", "localhost", 421],
        ] as const
      ) {
        const request = get(host, `http://${authority}/echo/a`);
        assertEquals(statusOf(await ask(request)), status, authority);
      }
      const old = "GET http://evil.example/echo/a HTTP/1.0\r\n\r\n";
      assertEquals(statusOf(await ask(old)), 421);
    }),
);

Deno.test(
  { name: "what is refused for its host reaches no file", ignore },
  () =>
    withServer([], async (ask) => {
      const put = "PUT /files/a HTTP/1.1\r\nHost: evil.example\r\n" +
        "Content-Length: 1\r\nConnection: close\r\n\r\na";
      assertEquals(statusOf(await ask(put)), 421);
      assertEquals(statusOf(await ask(get("localhost", "/files/a"))), 404);
      for (const target of ["/", "/files/", "/page/style.css", "/nothing"]) {
        assertEquals(statusOf(await ask(get("evil.example", target))), 421);
      }
    }),
);

Deno.test(
  { name: "a 421 names the option, in the form that its client takes", ignore },
  () =>
    withServer([], async (ask) => {
      const sentence = "This server does not answer for this host; " +
        "start it with --allow-host NAME to allow it";
      const ask421 = async (accept: string) => {
        const fields = accept && `Accept: ${accept}\r\n`;
        const answer = await ask(get("evil.example", "/", fields));
        assertStringIncludes(answer, "HTTP/1.1 421 Misdirected Request\r\n");
        assertEquals(answer.includes("evil"), false);
        const [head, content] = answer.split("\r\n\r\n");
        return { type: /content-type: ([^;\r]+)/.exec(head)![1], content };
      };
      assertEquals(await ask421(""), {
        type: "text/plain",
        content: `421 Misdirected Request: ${sentence}\n`,
      });
      const problem = await ask421("application/json");
      assertEquals(problem.type, "application/problem+json");
      assertEquals(JSON.parse(problem.content), {
        title: "Misdirected Request",
        status: 421,
        detail: sentence,
      });
      const page = await ask421("text/html");
      assertEquals(page.type, "text/html");
      assertStringIncludes(page.content, `<p>${sentence}.</p>`);
    }),
);

Deno.test(
  { name: "--site and --spa answer for the same hosts", ignore },
  async () => {
    for (const flag of ["--site", "--spa"]) {
      await withServer([flag], async (ask) => {
        assertEquals(statusOf(await ask(get("evil.example"))), 421);
        assertEquals(statusOf(await ask(get("localhost"))), 404);
      });
    }
  },
);

Deno.test(
  { name: "--allow-host adds names", ignore },
  () =>
    withServer(
      ["--allow-host", "Files.example.org", "--allow-host=192.168.1.5"],
      (ask) =>
        assertStatuses(ask, {
          ...loopback,
          ...foreign,
          "files.example.org": 200,
          "FILES.Example.org.:8443": 200,
          "a.files.example.org": 421,
          "example.org": 421,
          "192.168.1.5": 200,
        }),
    ),
);

Deno.test(
  { name: "--allow-host '*' answers for all", ignore },
  () =>
    withServer(
      ["--allow-host", "*"],
      (ask) => assertStatuses(ask, { "evil.example": 200, "localhost": 200 }),
    ),
);

Deno.test(
  { name: "on every address it answers for all, or for a list", ignore },
  async () => {
    const everywhere = ["--host", "0.0.0.0"];
    await withServer(
      everywhere,
      (ask) => assertStatuses(ask, { "evil.example": 200, "localhost": 200 }),
    );
    await withServer(
      [...everywhere, "--allow-host", "a.example"],
      (ask) =>
        assertStatuses(ask, {
          "evil.example": 421,
          "a.example": 200,
          "localhost": 200,
        }),
    );
  },
);

/** Hosts that RFC 3986 allows, and that a shell would take for more. */
const hostile = [
  "a;b",
  "$(x)",
  "a&b",
  "a'b",
  "a(b)",
  "!x",
  "*",
  "a=b,c",
  "~",
  "-o",
  "%24%28x%29",
  "%60x%60",
  "a;b.localhost",
  "$(x).localhost",
  "-o.localhost",
];

Deno.test(
  { name: "the page of commands prints no foreign host into them", ignore },
  async () => {
    const check = async (ask: Ask, port: number, host: string, is: string) => {
      for (const accept of ["text/html", "text/plain"]) {
        const request = get(host, "/about", `Accept: ${accept}\r\n`);
        const answer = await ask(request);
        assertEquals(statusOf(answer), 200, host);
        const origins = [
          ...answer.matchAll(/^curl .*?(\S+?)\/(?:echo|user|files)/gm),
        ]
          .map(([, origin]) => origin);
        assertMatch(answer, /curl/);
        assertEquals(new Set(origins), new Set([is]), `${host} ${port}`);
      }
    };
    await withServer(["--host", "0.0.0.0"], async (ask, port) => {
      const own = `http://127.0.0.1:${port}`;
      for (const host of [...hostile, "evil.example"]) {
        await check(ask, port, host, own);
      }
      await check(ask, port, "localhost:1", "http://localhost:1");
      await check(ask, port, "", own);
    });
    await withServer(["--allow-host", "*"], async (ask, port) => {
      const own = `http://127.0.0.1:${port}`;
      for (const host of hostile) await check(ask, port, host, own);
      await check(ask, port, "a.example:81", "http://a.example:81");
    });
    await withServer(["--allow-host", "a.example"], async (ask, port) => {
      await check(ask, port, "a.example", "http://a.example");
      await check(ask, port, "[::1]:9", "http://[::1]:9");
    });
  },
);
