/**
 * Three instances on one directory behind a real balancer, each stopped and
 * started again while clients ask: no request is lost.
 */

import { freePort } from "../bench/processes.ts";
import { fault, type Tally } from "./fault.ts";
import { times } from "./form.ts";
import { hasTool, startDeployed, startHaproxy } from "./proxies.ts";
import { mayRun, noise, Server } from "./server.ts";
import { isSame } from "./traffic.ts";

/** Clients that keep their connection, of each kind. */
const clients = 4;

const large = noise(1_000_000, 20);

/** HAProxy as it comes: it does not send a request again. */
function haproxy(port: number, behind: number[]): Promise<AsyncDisposable> {
  const servers = behind.map((each, at) =>
    `  server s${at} 127.0.0.1:${each} check inter 800ms fall 3 rise 1`
  );
  const checks = ["option httpchk GET /-/ready", "balance roundrobin"];
  return startHaproxy(port, [...checks, ...servers].join("\n"));
}

/**
 * nginx with its file of `deploy/`. It has no checks, and asks the next one if a
 * connection is refused.
 */
function nginx(port: number, behind: number[]): Promise<AsyncDisposable> {
  return startDeployed("nginx", port, behind);
}

/** Asks in turn, until it is stopped. */
class Clients {
  #isOn = true;
  #answered = 0;
  readonly #url: string;
  readonly #tally: Tally;
  readonly #running: Promise<unknown>;

  constructor(url: string, tally: Tally) {
    this.#url = url;
    this.#tally = tally;
    const each = Array.from({ length: clients }, (_, at) => at);
    this.#running = Promise.all(each.flatMap((at) => [
      this.#repeat(() => this.#echo(at)),
      this.#repeat(() => this.#read()),
      this.#repeat(() => this.#write(at)),
    ]));
  }

  /** @returns how many requests were answered. */
  async stop(): Promise<number> {
    this.#isOn = false;
    await this.#running;
    return this.#answered;
  }

  async #repeat(ask: () => Promise<string | undefined>): Promise<void> {
    while (this.#isOn) {
      const wrong = await ask().catch((error) => String(error));
      this.#tally.expect(wrong === undefined, () => wrong!);
      this.#answered++;
    }
  }

  async #echo(at: number): Promise<string | undefined> {
    const response = await fetch(`${this.#url}/echo/${at}`);
    const text = await response.text();
    return text === `${at}` ? undefined : `echo: ${response.status} ${text}`;
  }

  async #read(): Promise<string | undefined> {
    const response = await fetch(`${this.#url}/files/large.bin`);
    const octets = new Uint8Array(await response.arrayBuffer());
    return isSame(octets, large) ? undefined : `read: ${response.status}`;
  }

  async #write(at: number): Promise<string | undefined> {
    const { status, body } = await fetch(`${this.#url}/files/${at}.bin`, {
      method: "PUT",
      body: large.subarray(0, 5000),
    });
    await body?.cancel();
    return status === 201 || status === 204 ? undefined : `write: ${status}`;
  }
}

const rounds = times(1, 3);

for (const [name, start] of Object.entries({ haproxy, nginx })) {
  fault({
    fault: `three instances behind ${name} are restarted in turn by SIGTERM`,
    promise: "no request of a client fails",
    ignore: !mayRun || !await hasTool(name),
  }, async (tally) => {
    const directory = await Deno.realPath(await Deno.makeTempDir());
    await Deno.writeFile(`${directory}/large.bin`, large);
    const launch = (port: number) =>
      Server.start(
        directory,
        ...["--port", `${port}`, "--drain-delay", "4s"],
      );
    const servers = await Promise.all([1, 2, 3].map(() => launch(freePort())));
    const port = freePort();
    try {
      await using _balancer = await start(
        port,
        servers.map(({ port }) => port),
      );
      const running = new Clients(`http://127.0.0.1:${port}`, tally);
      for (let round = 0; round < rounds; round++) {
        for (const [at, server] of servers.entries()) {
          const { code } = await server.kill("SIGTERM");
          tally.expect(code === 0, () => `exit code ${code}`);
          servers[at] = await launch(server.port);
          tally.inject();
        }
      }
      const answered = await running.stop();
      tally.expect(answered > 100, () => `${answered} answers alone`);
    } finally {
      for (const server of servers) await server.kill();
      await Deno.remove(directory, { recursive: true });
    }
  });
}
