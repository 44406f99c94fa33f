/**
 * The application of the command under `Deno.serve`: what differs is the
 * server.
 *
 *     deno run --allow-net --allow-read --allow-write deno_serve.ts PORT DIRECTORY
 *
 * @module
 */
import { AllowedHosts } from "../../../lib/cli/allowed_hosts.ts";
import { createApp } from "../../../lib/cli/app.ts";
import { Directory, HttpError } from "../../../mod.ts";

const [port, path] = Deno.args;
const hosts = new AllowedHosts({ host: "127.0.0.1", names: ["*"] });
const directory = await Directory.open(path);

Deno.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  onListen() {},
  onError: (error) =>
    error instanceof HttpError
      ? new Response(`${error.message}\n`, error)
      : new Response(null, { status: 500 }),
}, createApp({ directory, hosts, mayWrite: true }).handler);
