/**
 * Two instances of the command, each on its own mount of one directory, and
 * HAProxy in front, which sends one request here and the next one there.
 *
 * @module
 */
import { freePort } from "../bench/processes.ts";
import { startHaproxy } from "../faults/proxies.ts";
import { Server } from "../faults/server.ts";

/** Two machines behind a balancer, until they are disposed of. */
export class Machines implements AsyncDisposable {
  readonly #mounts: readonly string[];
  readonly servers: Server[];
  /** The port of the balancer. */
  readonly port: number;
  readonly #balancer: AsyncDisposable;

  private constructor(
    mounts: readonly string[],
    servers: Server[],
    port: number,
    balancer: AsyncDisposable,
  ) {
    this.#mounts = mounts;
    this.servers = servers;
    this.port = port;
    this.#balancer = balancer;
  }

  static async start(mounts: readonly string[]): Promise<Machines> {
    const servers = await Promise.all(
      mounts.map((mount) => Server.start(mount)),
    );
    const port = freePort();
    const balancer = await startHaproxy(
      port,
      [
        "option httpchk GET /-/ready",
        "balance roundrobin",
        "retry-on conn-failure empty-response",
        "option redispatch",
        "http-response set-header x-machine %s",
        ...servers.map((server, at) =>
          `server s${at} 127.0.0.1:${server.port} check inter 500ms fall 2 rise 1`
        ),
      ].join("\n  "),
    );
    return new Machines(mounts, servers, port, balancer);
  }

  /** The URL at the balancer. */
  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Kills an instance, and starts it again at the same port. */
  async restart(at: number): Promise<void> {
    const { port } = this.servers[at];
    await this.servers[at].kill("SIGKILL");
    this.servers[at] = await Server.start(
      this.#mounts[at],
      ...["--port", `${port}`],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#balancer[Symbol.asyncDispose]();
    for (const server of this.servers) await server.kill();
  }
}
