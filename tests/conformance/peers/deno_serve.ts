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
import { type HandlerInfo, HttpError } from "../../../mod.ts";
import { Directory } from "../../../lib/files/mod.ts";

const [port, path] = Deno.args;
const hosts = new AllowedHosts({ host: "127.0.0.1", names: ["*"] });
const directory = await Directory.open(path);
const { handler } = createApp({ directory, hosts, mayWrite: true });
/** The one member of its info that the command cannot do without. */
const localAddr = {
  transport: "tcp",
  hostname: "127.0.0.1",
  port: Number(port),
} as const;

Deno.serve({
  ...localAddr,
  onListen() {},
  onError: (error) =>
    error instanceof HttpError
      ? new Response(`${error.message}\n`, error)
      : new Response(null, { status: 500 }),
}, (request, info) => handler(request, { ...info, localAddr } as HandlerInfo));
