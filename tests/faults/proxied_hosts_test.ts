/** `--allow-host` behind nginx: what the README advises, and what comes without it. */

import { assertEquals } from "@std/assert";
import { freePort } from "../bench/processes.ts";
import { hasTool, startNginx } from "./proxies.ts";
import { Server } from "./server.ts";

const ignore = !await hasTool("nginx");

/** The status of an upload by a page of this host. */
async function upload(port: number, host: string): Promise<number> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(
    `PUT /files/a HTTP/1.1\r\nHost: ${host}\r\nOrigin: https://${host}\r\n` +
      "Content-Length: 1\r\nConnection: close\r\n\r\na",
  ));
  const answer = await new Response(conn.readable).text();
  return Number(answer.split(" ", 2)[1]);
}

const passedOn = "proxy_set_header Host $http_host;";
const allowed = ["--allow-host", "files.example.org"];

for (
  const [name, line, args, status] of [
    ["Host passed on and allowed", passedOn, allowed, 201],
    ["Host passed on, and not allowed", passedOn, [], 421],
    // Its own page is of another origin then.
    ["Host not passed on", "", [], 403],
  ] as const
) {
  Deno.test(`nginx: ${name}: ${status}`, { ignore }, async () => {
    const directory = await Deno.makeTempDir();
    {
      await using server = await Server.start(directory, ...args);
      const port = freePort();
      const location =
        `location / { proxy_pass http://127.0.0.1:${server.port}; ${line} }`;
      await using _nginx = await startNginx(port, location);
      assertEquals(await upload(port, "files.example.org"), status);
    }
    await Deno.remove(directory, { recursive: true });
  });
}
