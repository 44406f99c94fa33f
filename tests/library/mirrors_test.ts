/**
 * Programs that copy a tree by its links: each file arrives, whole and once, in
 * each way to serve it. `MIRRORS=long` copies as many files in each way.
 */

import { assertEquals } from "@std/assert";
import { freePort } from "../bench/processes.ts";
import { runTool } from "../clients/tool.ts";
import { hasTool, startNginx } from "../faults/proxies.ts";
import { commandOn, Server } from "../faults/server.ts";

const isLong = Deno.env.get("MIRRORS") === "long";
/** More than one page of a browser's list has. */
const MANY = isLong ? 1500 : 1001;

/** How a tree is served, and where it is then. */
interface Mode {
  name: string;
  args: string[];
  path: string;
  /** Whether its folders have pages of their own, and no lists. */
  isSite?: boolean;
  /** The location of nginx in front. */
  location?: string;
}

const modes: Mode[] = [
  { name: "as lists", args: [], path: "/files/" },
  { name: "with --site", args: ["--site"], path: "/", isSite: true },
  { name: "with --index", args: ["--index"], path: "/files/" },
  {
    name: "behind nginx with --prefix",
    args: ["--prefix", "/sub", "--trust-proxy", "127.0.0.1"],
    path: "/sub/files/",
    location: "/sub/",
  },
];

/** The command line of each program, to copy a URL into a folder. */
const tools: Record<string, (url: string, into: string) => [string, string[]]> =
  {
    "wget -r -np": (url, into) => [
      "wget",
      ["-q", "-r", "-np", "-nH", "-P", into, url],
    ],
    "wget -m": (url, into) => ["wget", ["-q", "-m", "-nH", "-P", into, url]],
    "lftp mirror": (url, into) => [
      "lftp",
      ["-c", `set xfer:log false; open ${url}; mirror . ${into}`],
    ],
    "rclone copy": (url, into) => [
      "rclone",
      ["copy", "--config", "/dev/null", "--http-url", url, ":http:", into],
    ],
  };

/** Names that have to be encoded in a link, by one program or another. */
const awkward = ["a & b", "100%", "é", "semi;colon", "plus+", "co:lon", "'q'"];

/** Makes two folders of files, each of which has a content of its own. */
async function makeTree(root: string, mode: Mode, many: number) {
  const folders = {
    "many": Array.from(
      { length: many },
      (_, at) => awkward[at] ?? `f${at}.txt`,
    ),
    "one & only": ["last.txt"],
  };
  for (const [folder, names] of Object.entries(folders)) {
    await Deno.mkdir(`${root}/${folder}`);
    for (const name of names) {
      await Deno.writeTextFile(
        `${root}/${folder}/${name}`,
        `${folder}/${name}`,
      );
    }
    if (mode.isSite || mode.name === "with --index" && names.length === 1) {
      await Deno.writeTextFile(`${root}/${folder}/index.html`, pageOf(names));
    }
  }
  if (mode.isSite) {
    const links = Object.keys(folders).map((folder) => `${folder}/`);
    await Deno.writeTextFile(`${root}/index.html`, pageOf(links));
  }
  return Object.entries(folders)
    .flatMap(([folder, names]) => names.map((name) => `${folder}/${name}`))
    .sort();
}

function pageOf(names: string[]): string {
  const links = names.map((name) => {
    const href = name.split("/").map(encodeURIComponent).join("/");
    return `<a href="${href}">a file</a>\n`;
  });
  return `<!doctype html>\n${links.join("")}`;
}

/** The contents of all files below a folder, but for pages and lists. */
async function contentsBelow(path: string): Promise<string[]> {
  const contents: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    const below = `${path}/${name}`;
    if (isDirectory) contents.push(...await contentsBelow(below));
    else {
      const content = await Deno.readTextFile(below);
      if (!content.startsWith("<!doctype")) contents.push(content);
    }
  }
  return contents.sort();
}

function locationOf(path: string, port: number): string {
  return `location ${path} {
  proxy_pass http://127.0.0.1:${port};
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $remote_addr;
}`;
}

/** What a server was asked for, by its log. */
function countsOf(log: string, files: number): string {
  const lines = log.trim().split("\n").map((line) => JSON.parse(line));
  const octets = lines.reduce((sum, { sent }) => sum + sent, 0);
  return `${lines.length - files} requests beside the files, ` +
    `${octets} octets in all`;
}

const hasNginx = await hasTool("nginx");

for (const [tool, command] of Object.entries(tools)) {
  const [program] = command("", "");
  const isThere = await hasTool(program);
  for (const mode of modes) {
    const many = isLong || mode === modes[0] ? MANY : 20;
    Deno.test({
      name: `${tool}: ${many + 1} files in two folders, ${mode.name}`,
      ignore: !isThere || mode.location !== undefined && !hasNginx,
      fn: () => mirror(command, mode, many),
    });
  }
}

async function mirror(
  command: (url: string, into: string) => [string, string[]],
  mode: Mode,
  many: number,
) {
  const own = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(`${own}/root`);
    const expected = await makeTree(`${own}/root`, mode, many);
    const launch = commandOn(`${own}/root`, ...mode.args, "--log", "json");
    await using server = await Server.launch({ ...launch, stdout: "piped" });
    const log = new Response(server.stdout).text();
    const port = mode.location ? freePort() : server.port;
    await using _proxy = mode.location
      ? await startNginx(port, locationOf(mode.location, server.port))
      : undefined;
    const url = `http://127.0.0.1:${port}${mode.path}`;
    await runTool(...command(url, `${own}/copy`));
    assertEquals(await contentsBelow(`${own}/copy`), expected);
    await server.kill("SIGTERM");
    console.log(countsOf(await log, expected.length));
  } finally {
    await Deno.remove(own, { recursive: true });
  }
}
