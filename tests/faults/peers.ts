/**
 * The same slow clients against this server and others, one after the other on
 * loopback; prints tables in Markdown.
 *
 *     deno task faults:peers [CONNECTIONS [SECONDS]]
 *
 * While they attack, an honest client asks anew a few times a second. Each server
 * is as it comes, but for nginx, whose default is 512 connections.
 *
 * @module
 */
import { freePort, ServerProcess } from "../bench/processes.ts";
import {
  denoServe,
  nginx,
  nodeHttp,
  onDeno,
  type Server,
  sluice,
} from "../bench/servers.ts";
import type { ToolName } from "../bench/tools.ts";
import { allKinds, type Kind, slowlyRead, underAttack } from "./attack.ts";
import { layOut } from "./fault.ts";
import { descriptors, memory } from "./holdings.ts";
import { timeOfAnswer } from "./honest.ts";
import { milliseconds } from "./reset.ts";
import { noise } from "./server.ts";

const [connections = 4000, seconds = 15] = Deno.args.map(Number);

/** Milliseconds in which an honest client is answered, or goes. */
const patience = 2000;

/** As a user starts it, but for the log. */
const asItComes: Server = {
  name: "Sluice, 1,024 connections",
  program: ({ port, site }) =>
    onDeno("../../main.ts", [
      ...["--log", "off", "--port", `${port}`],
      ...["--directory", `${site}/files`],
    ]),
};

/** The servers for a kind: content goes to whoever reads it. */
function serversFor(kind: Kind): Server[] {
  return [
    asItComes,
    { ...sluice, name: "Sluice, 20,000 connections" },
    denoServe("site"),
    nodeHttp(kind === "slow content" ? "measure" : "site"),
    nginx,
  ];
}

async function findTools(): Promise<Map<ToolName, string>> {
  const found = new Map<ToolName, string>();
  for (const name of ["node", "nginx"] as const) {
    const { success } = await new Deno.Command("sh", {
      args: ["-c", `command -v ${name}`],
      stdout: "null",
    }).output();
    if (success) found.set(name, "");
    else console.error(`${name} is not here, and left out.`);
  }
  return found;
}

const versions = await findTools();

/** Attacks a server that was just started. @returns a row, but for its kind. */
async function measure(
  server: Server,
  kind: Kind,
  site: string,
): Promise<string[] | undefined> {
  const port = freePort();
  const program = await server.program({ port, site }, { versions });
  if (!program) return undefined;
  await using running = await ServerProcess.start(program, port);
  await timeOfAnswer(port);
  const before = await descriptors(running.pid);
  const times: number[] = [];
  let open = 0;
  const name = kind === "slow content" ? "up.bin" : "large.bin";
  const url = `http://127.0.0.1:${port}/files/${name}`;
  await underAttack(kind, { url, connections, seconds }, async () => {
    times.push(await timeOfAnswer(port, { patience }));
    open = Math.max(open, await descriptors(running.pid) - before);
    await milliseconds(200)();
  });
  const answered = times.filter((time) => time < patience).sort((a, b) =>
    a - b
  );
  return [
    server.name,
    `${answered.length} of ${times.length}`,
    answered.length > 0 ? answered.at(-1)!.toFixed() : "",
    open.toLocaleString("en"),
    (await memory(running.pid, "VmHWM")).toFixed(),
  ];
}

const site = await Deno.realPath(await Deno.makeTempDir());
try {
  await Deno.mkdir(`${site}/files`);
  await Deno.writeFile(`${site}/files/large.bin`, noise(slowlyRead, 1));
  const rows: string[][] = [[
    "attack",
    "server",
    "answered within 2 s",
    "slowest, ms",
    "open at most",
    "MiB at most",
  ]];
  for (const kind of allKinds) {
    for (const server of serversFor(kind)) {
      const row = await measure(server, kind, site);
      if (row) rows.push([kind, ...row]);
      console.error(row?.join(", "));
    }
  }
  console.log(`${connections} connections, ${seconds} s each\n`);
  console.log(layOut(rows, 2));
} finally {
  await Deno.remove(site, { recursive: true });
}
