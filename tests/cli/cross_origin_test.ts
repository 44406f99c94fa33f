/** `--cors`: what a browser is told that asks for a page of another origin. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  mayRunCommand,
  type RunningCommand,
  Site,
  startCommand,
} from "./command.ts";

const ignore = !mayRunCommand;

const app = "https://app.example";
const other = "https://other.example";

async function makeSite(): Promise<Site> {
  const site = await Site.make();
  await Deno.writeTextFile(`${site.path}/public/a.txt`, "content");
  await Deno.writeTextFile(`${site.path}/public/index.html`, "home");
  return site;
}

async function start(site: Site, ...args: string[]): Promise<RunningCommand> {
  return await startCommand(["--port=0", "--log=off", ...args], {
    cwd: site.path,
  });
}

/** Asks as a page of an origin does; null asks as a program. */
async function ask(
  { url }: RunningCommand,
  origin: string | null,
  path: string,
  { headers, ...init }: RequestInit & { headers?: Record<string, string> } = {},
) {
  const from = origin === null
    ? {}
    : { origin, "sec-fetch-site": "cross-site" };
  const response = await fetch(url + path, {
    redirect: "manual",
    headers: { ...headers, ...from as Record<string, string> },
    ...init,
  });
  await response.body?.cancel();
  return response;
}

function sharing({ status, headers }: Response) {
  return [
    status,
    headers.get("access-control-allow-origin"),
    headers.get("access-control-allow-credentials"),
    (headers.get("vary") ?? "").split(", ").includes("Origin"),
  ];
}

const preflight = (method: string) => ({
  method: "OPTIONS",
  headers: { "access-control-request-method": method },
});

const put = { method: "PUT", body: "x" };

Deno.test(
  { name: "--cors: all origins read, and none changes", ignore },
  async () => {
    await using site = await makeSite();
    await using command = await start(site, "--cors", "--delete");
    const get = async (
      origin: string | null,
      path: string,
      init?: RequestInit,
    ) => sharing(await ask(command, origin, path, init as typeof put));
    const forAll = ["*", null, false];
    assertEquals(await get(other, "files/a.txt"), [200, ...forAll]);
    assertEquals(await get(null, "files/a.txt"), [200, ...forAll]);
    assertEquals(await get(other, "files/none"), [404, ...forAll]);
    assertEquals(await get(other, "files/"), [200, ...forAll]);
    const range = { headers: { range: "bytes=9-" } };
    assertEquals(await get(other, "files/a.txt", range), [416, ...forAll]);
    assertEquals(await get(other, "files/b.txt", put), [403, ...forAll]);
    assertEquals(await get(other, "files/a.txt", { method: "DELETE" }), [
      403,
      ...forAll,
    ]);
    const asked = await ask(command, other, "files/a.txt", preflight("GET"));
    assertEquals(sharing(asked), [204, ...forAll]);
    assertEquals(
      asked.headers.get("access-control-allow-methods"),
      "GET, HEAD",
    );
    // Without the method it asks for, it is no preflight.
    const options = await ask(command, other, "files/a.txt", {
      method: "OPTIONS",
    });
    assertStringIncludes(options.headers.get("allow")!, "PUT");
    const own = new URL(command.url).origin;
    const sent = await fetch(`${command.url}files/b.txt`, {
      ...put,
      headers: { origin: own, "sec-fetch-site": "same-origin" },
    });
    assertEquals([sent.status, await sent.text()], [201, ""]);
  },
);

Deno.test({
  name: "--cors ORIGIN: as if it were a page of this server",
  ignore,
}, async () => {
  await using site = await makeSite();
  await using command = await start(site, "--cors", app, "--delete");
  const get = async (origin: string | null, path: string, init?: RequestInit) =>
    sharing(await ask(command, origin, path, init as typeof put));
  const named = [app, "true", true];
  const unnamed = [null, null, true];
  assertEquals(await get(app, "files/a.txt"), [200, ...named]);
  assertEquals(await get(app, "files/none"), [404, ...named]);
  assertEquals(await get(app, "files/b.txt", put), [201, ...named]);
  assertEquals(await get(app, "files/", { method: "POST", body: "x" }), [
    400,
    ...named,
  ]);
  const begun = await ask(command, app, "files/c.txt", {
    ...put,
    headers: { "upload-complete": "?0" },
  });
  assertEquals(sharing(begun), [201, ...named]);
  const exposed = begun.headers.get("access-control-expose-headers")!;
  for (const name of ["Location", "Upload-Offset", "ETag", "Content-Range"]) {
    assertEquals(exposed.split(", ").includes(name), true, name);
  }
  const upload = begun.headers.get("location")!.slice(1);
  const asked = await ask(command, app, upload, preflight("PATCH"));
  assertEquals(sharing(asked), [204, ...named]);
  const { headers } = asked;
  assertStringIncludes(headers.get("access-control-allow-methods")!, "PATCH");
  assertStringIncludes(
    headers.get("access-control-allow-headers")!,
    "Upload-Offset",
  );
  assertEquals(await get(app, upload, { method: "DELETE" }), [204, ...named]);

  for (const origin of [other, "null", `${app}:444`, app.slice(0, -1)]) {
    assertEquals(await get(origin, "files/a.txt"), [200, ...unnamed]);
    assertEquals(await get(origin, "files/d.txt", put), [403, ...unnamed]);
    assertEquals((await get(origin, "files/a.txt", preflight("PUT")))[1], null);
  }
  assertEquals(await get(null, "files/a.txt"), [200, ...unnamed]);
});

Deno.test(
  { name: "--cors: both at once, and with a site", ignore },
  async () => {
    await using site = await makeSite();
    await using command = await start(site, "--cors", "--cors", app);
    const get = async (origin: string, path: string, init?: RequestInit) =>
      sharing(await ask(command, origin, path, init as typeof put));
    assertEquals(await get(app, "files/b.txt", put), [201, app, "true", true]);
    assertEquals(await get(other, "files/b.txt", put), [403, "*", null, true]);
    assertEquals(await get(other, "files/b.txt"), [200, "*", null, true]);
    await using served = await start(site, "--cors", app, "--site");
    const home = await ask(served, app, "");
    assertEquals(sharing(home), [200, app, "true", true]);
    const refused = await ask(served, app, "a.txt", put);
    assertEquals(sharing(refused), [405, app, "true", true]);
  },
);

Deno.test(
  { name: "--cors: a preflight needs no login, all else does", ignore },
  async () => {
    await using site = await makeSite();
    await using command = await start(site, "--cors", app, "--password");
    const line = await command.stderr.until(/^Password:/);
    const authorization = `Basic ${btoa(`:${line.split(" ")[1]}`)}`;
    const asked = await ask(command, app, "files/a.txt", preflight("GET"));
    assertEquals(asked.status, 204);
    assertStringIncludes(
      asked.headers.get("access-control-allow-headers")!,
      "Authorization",
    );
    assertEquals(sharing(await ask(command, app, "files/a.txt")), [
      401,
      app,
      "true",
      true,
    ]);
    const known = { headers: { authorization } };
    assertEquals((await ask(command, app, "files/a.txt", known)).status, 200);
    assertEquals(
      (await ask(command, app, "files/a.txt", { ...put, ...known })).status,
      204,
    );
    // Whom a preflight is not answered for learns nothing.
    const stranger = await ask(command, other, "files/a.txt", preflight("GET"));
    assertEquals(stranger.status, 401);
  },
);

Deno.test(
  { name: "--cors: a rebound host stays refused", ignore },
  async () => {
    await using site = await makeSite();
    await using command = await start(site, "--cors");
    const { hostname, port } = new URL(command.url);
    const conn = await Deno.connect({ hostname, port: Number(port) });
    await conn.write(new TextEncoder().encode(
      "OPTIONS /files/a.txt HTTP/1.1\r\nHost: evil.example\r\n" +
        `Origin: ${other}\r\nAccess-Control-Request-Method: GET\r\n` +
        "Connection: close\r\n\r\n",
    ));
    const answer = await new Response(conn.readable).text();
    assertStringIncludes(answer, "HTTP/1.1 421 ");
  },
);
