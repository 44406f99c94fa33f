/**
 * Short messages over WebSockets, sent back by `Deno.upgradeWebSocket` on our
 * server and on `Deno.serve`, in turns:
 *
 *     deno run -A tests/bench/web_sockets.ts [SECONDS [ROUNDS]]
 *
 * Prints for each number of connections what the median round gave: messages a
 * second, and microseconds of the server's CPU for each. The client is this process.
 *
 * @module
 */
import { serve } from "../../mod.ts";
import { cpuTime } from "./accounting.ts";

type Server = "ours" | "native";

interface Figures {
  /** A second. */
  messages: number;
  /** Microseconds a message. */
  cpu: number;
}

const [first = "2", second = "5"] = Deno.args;
if (first === "ours" || first === "native") echo(first);
else await compare(Number(first), Number(second));

/** The server, in a process of its own. */
function echo(server: Server): void {
  const handler = (request: Request) => {
    const { response, socket } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  };
  const options = {
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }: Deno.NetAddr) => console.log(port),
  };
  if (server === "ours") serve(options, handler);
  else Deno.serve(options, handler);
}

async function compare(seconds: number, rounds: number): Promise<void> {
  for (const connections of [1, 50]) {
    const figures: Record<Server, Figures[]> = { ours: [], native: [] };
    for (let round = 0; round < rounds; round++) {
      for (const server of ["native", "ours"] as const) {
        figures[server].push(await measure(server, connections, seconds));
      }
    }
    for (const server of ["native", "ours"] as const) {
      const messages = median(figures[server].map(({ messages }) => messages));
      const cpu = median(figures[server].map(({ cpu }) => cpu));
      console.log(
        `${connections} connections, ${server}: ` +
          `${messages.toFixed(0)} messages/s, ${cpu.toFixed(1)} µs each`,
      );
    }
  }
}

async function measure(
  server: Server,
  connections: number,
  seconds: number,
): Promise<Figures> {
  await using process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net", import.meta.url, server],
    stdout: "piped",
  }).spawn();
  const [port] = await Array.fromAsync(lines(process.stdout, 1));
  const sockets = await Promise.all(
    Array.from({ length: connections }, () => open(Number(port))),
  );
  await talk(sockets, 300);
  const before = await cpuTime([process.pid]);
  const count = await talk(sockets, seconds * 1000);
  const used = await cpuTime([process.pid]) - before;
  for (const socket of sockets) socket.close();
  process.kill();
  return { messages: count / seconds, cpu: used / count };
}

async function* lines(
  output: ReadableStream<Uint8Array>,
  most: number,
): AsyncGenerator<string> {
  let text = "";
  for await (const octets of output) {
    text += new TextDecoder().decode(octets);
    const whole = text.split("\n").slice(0, -1);
    if (whole.length >= most) return yield* whole;
  }
}

function open(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(socket);
    socket.onerror = reject;
  });
}

/** Each sends a message when it has the last one back. @returns how many. */
async function talk(
  sockets: WebSocket[],
  milliseconds: number,
): Promise<number> {
  let count = 0;
  const end = performance.now() + milliseconds;
  await Promise.all(sockets.map((socket) =>
    new Promise<void>((resolve) => {
      socket.onmessage = () => {
        count++;
        if (performance.now() < end) socket.send("how do you do");
        else resolve();
      };
      socket.send("how do you do");
    })
  ));
  return count;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
