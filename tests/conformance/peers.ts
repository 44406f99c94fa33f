/**
 * The conformance cases against this server and against others, one after the
 * other on loopback; prints a table in Markdown.
 *
 *     deno task conformance:peers
 *
 * What the cases expect stands in cases/. nginx has none of our endpoints, and
 * is asked only what any server can be asked.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";

/** A server to ask. */
interface Peer {
  name: string;
  command: string;
  args: string[];
  /** What the runner of the cases must know of it. */
  runnerArgs: string[];
}

/** The part that is used of what the runner tells of a case. */
interface Result {
  id: string;
  pass: boolean;
}

const pathOf = (name: string) => fromFileUrl(new URL(name, import.meta.url));
const deno = Deno.execPath();

/** Where a peer may listen and write. */
interface Place {
  port: string;
  directory: string;
}

function sluice({ port, directory }: Place): Peer {
  const args = ["--port", port, "--directory", directory, "--log", "off"];
  return {
    name: "Sluice",
    command: deno,
    args: ["run", "-A", pathOf("../../main.ts"), ...args],
    runnerArgs: [],
  };
}

function denoServe({ port, directory }: Place): Peer {
  return {
    name: `Deno.serve ${Deno.version.deno}`,
    command: deno,
    args: ["run", "-A", pathOf("peers/deno_serve.ts"), port, directory],
    runnerArgs: [],
  };
}

async function nodeHttp({ port, directory }: Place): Promise<Peer> {
  const script = [pathOf("peers/node_http.mjs"), port, directory];
  const version = await outputOf("node", "--version");
  return version
    ? {
      name: `node:http ${version}`,
      command: "node",
      args: script,
      runnerArgs: [],
    }
    : {
      name: `node:http of Deno ${Deno.version.deno}`,
      command: deno,
      args: ["run", "-A", ...script],
      runnerArgs: [],
    };
}

async function nginx({ port, directory }: Place): Promise<Peer | undefined> {
  const version = await outputOf("nginx", "-v");
  if (!version) return undefined;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${directory}/${kind};`).join("\n  ");
  await Deno.writeTextFile(`${directory}/index.html`, "hello\n");
  await Deno.writeTextFile(
    `${directory}/nginx.conf`,
    `daemon off;
master_process off;
pid ${directory}/nginx.pid;
error_log /dev/null;
events {}
http {
  access_log off;
  ${temporary}
  server {
    listen 127.0.0.1:${port};
    root ${directory};
  }
}
`,
  );
  return {
    name: version.replace(/^.*nginx\//s, "nginx "),
    command: "nginx",
    args: ["-e", "/dev/null", "-c", `${directory}/nginx.conf`],
    runnerArgs: ["--only-generic"],
  };
}

/** What a program says, on either stream; undefined where it is missing. */
async function outputOf(
  command: string,
  arg: string,
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await new Deno.Command(command, {
      args: [arg],
    }).output();
    const decoder = new TextDecoder();
    return (decoder.decode(stdout) + decoder.decode(stderr)).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Runs the cases against a peer that listens on the port. */
async function ask(peer: Peer, port: string): Promise<Result[]> {
  const report = await Deno.makeTempFile();
  await using _server = new Deno.Command(peer.command, {
    args: peer.args,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await new Deno.Command(deno, {
      args: [
        ...["run", "-A", pathOf("conformance.mjs"), "--port", port],
        // So long it is waited for, until it listens.
        ...["--patience", "10000", "--json", report, ...peer.runnerArgs],
      ],
      stdout: "null",
    }).output();
    const results = await Deno.readTextFile(report);
    if (results === "") {
      throw new Error(`Cannot ask ${peer.name}: it is silent`);
    }
    return JSON.parse(results);
  } finally {
    await Deno.remove(report);
  }
}

function freePort(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return String(listener.addr.port);
}

function rowOf(peer: Peer, results: Result[]): string {
  const differing = results.filter(({ pass }) => !pass);
  const ids = differing.map(({ id }) => `\`${id}\``).join(", ");
  const passed = results.length - differing.length;
  return `| ${peer.name} | ${passed} of ${results.length} | ${ids || "–"} |`;
}

console.log("| server | cases as expected | not as expected |");
console.log("| --- | --- | --- |");
for (const describe of [sluice, denoServe, nodeHttp, nginx]) {
  const directory = await Deno.realPath(await Deno.makeTempDir());
  try {
    const port = freePort();
    const peer = await describe({ port, directory });
    if (peer) console.log(rowOf(peer, await ask(peer, port)));
    else console.error("nginx is not here, and left out.");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
