/** `--allow-host` behind nginx: what the README advises, and what comes without it. */

import { assertEquals } from "@std/assert";
import { mayRun, Server } from "./server.ts";

const hasNginx = mayRun && (await new Deno.Command("sh", {
  args: ["-c", "command -v nginx"],
  stdout: "null",
}).output()).success;

/** nginx in front of a port, with this line among those of its location. */
async function startNginx(port: number, line: string) {
  const own = await Deno.realPath(await Deno.makeTempDir());
  // A Unix socket: no port that another test could take.
  await Deno.writeTextFile(
    `${own}/nginx.conf`,
    `daemon off;
pid ${own}/nginx.pid;
error_log /dev/null;
events {}
http {
  access_log off;
  client_body_temp_path ${own}/body;
  proxy_temp_path ${own}/proxy;
  fastcgi_temp_path ${own}/fastcgi;
  uwsgi_temp_path ${own}/uwsgi;
  scgi_temp_path ${own}/scgi;
  server {
    listen unix:${own}/socket;
    location / {
      proxy_pass http://127.0.0.1:${port};
      ${line}
    }
  }
}
`,
  );
  const child = new Deno.Command("nginx", {
    args: ["-e", "/dev/null", "-c", `${own}/nginx.conf`],
  }).spawn();
  const connect = () =>
    Deno.connect({ transport: "unix", path: `${own}/socket` });
  for (;;) {
    const conn = await connect().catch(() => undefined);
    conn?.close();
    if (conn) break;
    const ended = await Promise.race([
      child.status,
      new Promise<undefined>((resolve) => setTimeout(resolve, 10)),
    ]);
    if (ended) throw new Error("nginx has ended");
  }
  return {
    /** The status of an upload by a page of this host. */
    async upload(host: string): Promise<number> {
      using conn = await connect();
      await conn.write(new TextEncoder().encode(
        `PUT /files/a HTTP/1.1\r\nHost: ${host}\r\nOrigin: https://${host}\r\n` +
          "Content-Length: 1\r\nConnection: close\r\n\r\na",
      ));
      const answer = await new Response(conn.readable).text();
      return Number(answer.split(" ", 2)[1]);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await Deno.remove(own, { recursive: true });
    },
  };
}

const passedOn = "proxy_set_header Host $http_host;";

for (
  const [name, line, args, status] of [
    ["Host passed on and allowed", passedOn, [
      "--allow-host",
      "files.example.org",
    ], 201],
    ["Host passed on, and not allowed", passedOn, [], 421],
    // Its own page is of another origin then.
    ["Host not passed on", "", [], 403],
  ] as const
) {
  Deno.test(`nginx: ${name}: ${status}`, { ignore: !hasNginx }, async () => {
    const directory = await Deno.makeTempDir();
    await using server = await Server.start(directory, ...args);
    await using nginx = await startNginx(server.port, line);
    assertEquals(await nginx.upload("files.example.org"), status);
    await Deno.remove(directory, { recursive: true });
  });
}
