/**
 * Real proxies on ports of their own, until they are disposed of.
 *
 * @module
 */
import { mayRun } from "./server.ts";

/** Whether a program is installed, and these tests may start it. */
export async function hasTool(name: string): Promise<boolean> {
  if (!mayRun) return false;
  const found = await new Deno.Command("sh", {
    args: ["-c", `command -v ${name}`],
    stdout: "null",
  }).output();
  return found.success;
}

/**
 * nginx, listening on a port.
 *
 * @param locations What stands in its `server`, besides `listen`.
 * @param upstream What stands in `http` besides.
 */
export async function startNginx(
  port: number,
  locations: string,
  upstream = "",
): Promise<AsyncDisposable> {
  const own = await Deno.realPath(await Deno.makeTempDir());
  const config = `${own}/nginx.conf`;
  await Deno.writeTextFile(
    config,
    `daemon off;
pid ${own}/nginx.pid;
error_log /dev/null;
events {}
http {
${placesOf(own)}
  types { text/plain txt; }
  ${upstream}
  server {
    listen 127.0.0.1:${port};
    ${locations}
  }
}
`,
  );
  return await start(port, own, "nginx", "-e", "/dev/null", "-c", config);
}

/**
 * HAProxy, listening on a port.
 *
 * @param servers What stands in its `backend`.
 * @param options What stands in its `frontend`, besides `bind`.
 */
export async function startHaproxy(
  port: number,
  servers: string,
  options = "",
): Promise<AsyncDisposable> {
  const own = await Deno.realPath(await Deno.makeTempDir());
  const config = `${own}/haproxy.cfg`;
  await Deno.writeTextFile(
    config,
    `defaults
  mode http
  timeout connect 3s
  timeout client 60s
  timeout server 60s
frontend front
  bind 127.0.0.1:${port}
  ${options}
  default_backend back
backend back
  ${servers}
`,
  );
  return await start(port, own, "haproxy", "-db", "-f", config);
}

/** Replaces what must be there. */
function replaced(text: string, what: string, by: string): string {
  if (!text.includes(what)) throw new Error(`Cannot find ${what} in the file`);
  return text.replaceAll(what, by);
}

/**
 * A proxy with the file that `deploy/` has for it.
 *
 * @param port In the place of 8080.
 * @param behind In the places of its three servers, in their order.
 */
export async function startDeployed(
  name: "haproxy" | "nginx",
  port: number,
  behind: number[],
): Promise<AsyncDisposable> {
  const own = await Deno.realPath(await Deno.makeTempDir());
  // The workers of nginx are another user, and keep content there.
  await Deno.chmod(own, 0o755);
  const file = name === "nginx" ? "nginx.conf" : "haproxy.cfg";
  const [before, after] = name === "nginx"
    ? ["listen 8080", `listen 127.0.0.1:${port}`]
    : ["bind :8080", `bind 127.0.0.1:${port}`];
  const url = new URL(`../../deploy/${file}`, import.meta.url);
  let text = replaced(await Deno.readTextFile(url), before, after);
  for (const [at, each] of behind.entries()) {
    text = replaced(text, `10.0.0.${at + 1}:4221`, `127.0.0.1:${each}`);
  }
  if (name === "nginx") {
    text = replaced(text, "http {\n", `http {\n${placesOf(own)}`);
    text = `daemon off;\npid ${own}/nginx.pid;\n${text}`;
  }
  await Deno.writeTextFile(`${own}/${file}`, text);
  return name === "nginx"
    ? await start(port, own, name, "-e", "/dev/null", "-c", `${own}/${file}`)
    : await start(port, own, name, "-db", "-f", `${own}/${file}`);
}

/** Where nginx, which may run as any user, puts its files. */
function placesOf(own: string): string {
  return `  access_log off;
  client_body_temp_path ${own}/body;
  proxy_temp_path ${own}/proxy;
  fastcgi_temp_path ${own}/fastcgi;
  uwsgi_temp_path ${own}/uwsgi;
  scgi_temp_path ${own}/scgi;
`;
}

async function start(
  port: number,
  own: string,
  name: string,
  ...args: string[]
): Promise<AsyncDisposable> {
  const child = new Deno.Command(name, { args, stderr: "null" }).spawn();
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  while (!await isThere(port)) {
    if (hasEnded) throw new Error(`${name} ended: does it like its file?`);
    await Promise.race([child.status, turn()]);
  }
  return {
    async [Symbol.asyncDispose]() {
      if (!hasEnded) child.kill("SIGTERM");
      await child.status;
      await Deno.remove(own, { recursive: true });
    },
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}

async function isThere(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
