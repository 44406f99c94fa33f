/**
 * Other servers that show a folder: nginx by its autoindex, and sirv, which
 * makes no lists, by a page of links that is made for it.
 *
 * @module
 */

import type { Site } from "../cli/command.ts";

/** A list to open. */
export interface Listing {
  url: string;
  /** What finds a row in it. */
  row: string;
  /** Whether it takes files. */
  takesUploads: boolean;
}

/** Waits until a server answers. */
async function answers(url: string): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      await (await fetch(url)).body?.cancel();
      return;
    } catch (error) {
      if (tries === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** A port that is free now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function start(
  command: string[],
  url: string,
  row: string,
): Promise<Listing & AsyncDisposable> {
  const [program, ...args] = command;
  const child = new Deno.Command(program, {
    args,
    stdout: "null",
    stderr: "null",
  }).spawn();
  await answers(url);
  return {
    url,
    row,
    takesUploads: false,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

/** nginx with gzip, which its packages turn on. */
export async function startNginx(
  site: Site,
): Promise<Listing & AsyncDisposable> {
  const port = freePort();
  const config = `${site.path}/nginx.conf`;
  await Deno.writeTextFile(
    config,
    `daemon off; pid ${site.path}/nginx.pid; error_log /dev/null;
user root;
events {}
http {
  access_log off;
  gzip on;
  server {
    listen 127.0.0.1:${port};
    root ${site.path}/public;
    autoindex on;
  }
}
`,
  );
  const command = ["nginx", "-p", site.path, "-c", config];
  return await start(command, `http://127.0.0.1:${port}/`, "pre a + a");
}

/** sirv-cli as npm has it. */
export async function startSirv(
  site: Site,
): Promise<Listing & AsyncDisposable> {
  const root = `${site.path}/public`;
  const names = [...Deno.readDirSync(root)].map(({ name }) => name).sort();
  const links = names.map((name) =>
    `<li><a href="${encodeURIComponent(name)}">${name}</a>\n`
  );
  await Deno.writeTextFile(
    `${root}/index.html`,
    `<!doctype html><meta charset="utf-8"><meta name="viewport" ` +
      `content="width=device-width"><title>Files</title><ul>\n` +
      `${links.join("")}</ul>\n`,
  );
  const port = freePort();
  const args = ["run", "--allow-all", "npm:sirv-cli@3.0.1", root];
  const command = [
    ...[Deno.execPath(), ...args],
    ...["--quiet", "--host", "127.0.0.1", "--port", `${port}`],
  ];
  return await start(command, `http://127.0.0.1:${port}/`, "li a");
}
