/**
 * The servers that are measured: what each is called, what it needs, and how it
 * is started.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { allCores, twoCores } from "./cores.ts";
import type { Program } from "./processes.ts";
import type { Tools } from "./tools.ts";

/** Where a server listens, and what it serves. */
export interface Place {
  port: number;
  /** A folder with the folder `files` in it, which is served as `/files/`. */
  site: string;
  /** The top of the project that ours is taken from. Default: of this one. */
  tree?: string;
}

/** A server to measure. */
export interface Server {
  name: string;
  /** Left out of a quick run. */
  isExtra?: boolean;
  /**
   * Whether it may be unable to serve a workload, which then goes on without it.
   * Default: then nothing is measured.
   */
  mayFail?: boolean;
  /** Undefined where something that it needs is missing. */
  program(
    place: Place,
    tools: Tools,
  ): Program | undefined | Promise<Program | undefined>;
}

const pathOf = (name: string) => fromFileUrl(new URL(name, import.meta.url));

/** The same permissions for each that runs on Deno. */
const denoFlags = ["--allow-net", "--allow-read", "--allow-write"];

/** A program on the Deno that runs this one, of this project or of another. */
export function onDeno(
  script: string,
  args: string[],
  { tree, flags = [] }: Pick<Place, "tree"> & { flags?: string[] } = {},
): Program {
  const path = tree === undefined
    ? pathOf(script)
    : join(tree, "tests/bench", script);
  return {
    command: Deno.execPath(),
    args: ["run", "--quiet", ...denoFlags, ...flags, path, ...args],
  };
}

/** One of ours as it is in another tree of the project. */
export function inTree(server: Server, name: string, tree: string): Server {
  return {
    name,
    mayFail: true,
    program: (place, tools) => server.program({ ...place, tree }, tools),
  };
}

/** The command, as a user starts it, but for the log. */
export const sluice: Server = {
  name: "Sluice",
  program: (place) => startCommand(place, "--log", "off"),
};

/** The command with its log, which a user gets unasked, in a file. */
export const sluiceWithLog: Server = {
  name: "Sluice, log to a file",
  program: (place) => ({
    ...startCommand(place),
    output: `${place.site}/${place.port}.log`,
  }),
};

/** The command without, to be compared with it. */
export const sluiceWithoutLog: Server = {
  ...sluice,
  name: "Sluice, log off",
};

/** The command that shows its traffic, while nobody looks. */
export const sluiceWithXray: Server = {
  name: "Sluice, --xray",
  program: (place) => startCommand(place, "--log", "off", "--xray"),
};

/** The command without, to be compared with it. */
export const sluiceWithoutXray: Server = {
  ...sluice,
  name: "Sluice, X-ray off",
};

function startCommand(place: Place, ...args: string[]): Program {
  const { port, site } = place;
  return onDeno("../../main.ts", [
    ...["--port", `${port}`, "--directory", `${site}/files`],
    ...["--max-connections", "20000", ...args],
  ], place);
}

/** A user's handler under `serve()`. */
export function sluiceWith(handler: string): Server {
  return {
    name: "Sluice, serve()",
    program: (place) =>
      onDeno("peers/sluice.ts", [`${place.port}`, handler], place),
  };
}

/** The same handler, whose `new Response` is a lazy one. */
export function sluiceWithLazy(handler: string): Server {
  return {
    name: "Sluice, lazy Response",
    program: (place) =>
      onDeno("peers/sluice_lazy.ts", [`${place.port}`, handler], place),
  };
}

/** Processes that share a port, each on a core: as many as that. */
export function sharedBy(processes: 1 | 2): Server {
  return {
    name: `Sluice, ${processes === 1 ? "one process" : "two processes"}`,
    program: (place) => ({
      ...onDeno("peers/sluice.ts", [`${place.port}`, "echo", "shared"], {
        ...place,
        flags: ["--unstable-net"],
      }),
      cpuLists: twoCores.slice(0, processes),
    }),
  };
}

/** A server whose threads may run on any core. */
export function onAllCores(server: Server): Server {
  return {
    ...server,
    async program(place, tools) {
      const program = await server.program(place, tools);
      return program && { ...program, cpuLists: [allCores] };
    },
  };
}

/** Only reads and answers. */
export function bareLoop(...args: string[]): Server {
  return {
    name: "bare loop",
    isExtra: true,
    program: ({ port }) => onDeno("peers/bare_loop.ts", [`${port}`, ...args]),
  };
}

/** Only reads content into a file. */
export const bareUpload: Server = {
  name: "bare loop",
  isExtra: true,
  program: ({ port, site }) =>
    onDeno("peers/bare_upload.ts", [`${port}`, `${site}/files/up.bin`]),
};

/** `Deno.serve` with a handler; `site` is the one for files. */
export function denoServe(handler: string): Server {
  return {
    name: "Deno.serve",
    program: ({ port, site }) =>
      onDeno("peers/deno_serve.ts", [`${port}`, handler, site]),
  };
}

/** node:http on Node.js. */
export function nodeHttp(handler: string): Server {
  return {
    name: "node:http",
    program: ({ port, site }, tools) =>
      onNode("peers/node_http.mjs", [`${port}`, handler, site], tools),
  };
}

/** node:http on Deno. */
export function nodeHttpOnDeno(handler: string): Server {
  return {
    name: "node:http on Deno",
    isExtra: true,
    program: ({ port, site }) =>
      onDeno("peers/node_http.mjs", [`${port}`, handler, site]),
  };
}

/** Bun's own server. */
export function bunServe(handler: string): Server {
  return {
    name: "Bun.serve",
    isExtra: true,
    program: ({ port, site }, tools) =>
      onBun("peers/bun_serve.mjs", [`${port}`, handler, site], tools),
  };
}

/** sirv, on Node.js. */
export const sirv: Server = {
  name: "sirv",
  isExtra: true,
  program: ({ port, site }, tools) =>
    onNodeWithPackages("packages/sirv_on_node.mjs", [`${port}`, site], tools),
};

/** An application on Hono, on a server that takes handlers of web types. */
export function withHono(serverWith: (handler: string) => Server): Server {
  return {
    ...serverWith("hono:"),
    program: (place, tools) =>
      tools.packages &&
      serverWith(`hono:${tools.packages.hono}`).program(place, tools),
  };
}

/** The same on node:http. */
export const honoOnNode: Server = {
  name: "node:http",
  program: ({ port }, tools) =>
    onNodeWithPackages("packages/hono_on_node.mjs", [`${port}`], tools),
};

function onNode(
  script: string,
  args: string[],
  { versions }: Tools,
): Program | undefined {
  if (!versions.has("node")) return undefined;
  return { command: "node", args: [pathOf(script), ...args] };
}

function onNodeWithPackages(
  script: string,
  args: string[],
  tools: Tools,
): Program | undefined {
  return tools.packages && onNode(script, args, tools);
}

function onBun(
  script: string,
  args: string[],
  { versions, packages }: Tools,
): Program | undefined {
  if (!packages || !versions.has("bun")) return undefined;
  return { command: packages.bun, args: [pathOf(script), ...args] };
}

/** nginx in one process; `/echo/` is a constant, as near as it comes. */
export const nginx: Server = {
  name: "nginx",
  program(place, { versions }) {
    return versions.has("nginx") ? configureNginx(place) : undefined;
  },
};

async function configureNginx({ port, site }: Place): Promise<Program> {
  const own = `${site}/nginx-${port}`;
  await Deno.mkdir(own);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${own}/${kind};`).join("\n  ");
  await Deno.writeTextFile(
    `${own}/nginx.conf`,
    `daemon off;
master_process off;
pid ${own}/nginx.pid;
error_log /dev/null;
events { worker_connections 16384; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  ${temporary}
  server {
    listen 127.0.0.1:${port};
    root ${site};
    location /echo/ {
      default_type text/plain;
      return 200 "abc";
    }
  }
}
`,
  );
  return {
    command: "nginx",
    args: ["-e", "/dev/null", "-c", `${own}/nginx.conf`],
  };
}
