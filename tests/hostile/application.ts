/**
 * All that reads a field, behind one server without a socket: the command's
 * application, a site, and handlers that do what only a library's user does.
 *
 * @module
 */
import { AccessGuard } from "../../lib/access/guard.ts";
import { Rights } from "../../lib/access/rights.ts";
import { SignedLinks } from "../../lib/access/signed_links.ts";
import { Sessions } from "../../lib/access/sessions.ts";
import type { User } from "../../lib/access/users.ts";
import { AccessLog } from "../../lib/cli/access_log.ts";
import { AllowedHosts } from "../../lib/cli/allowed_hosts.ts";
import { CrossOrigin } from "../../lib/cli/cross_origin.ts";
import { createApp, createSite } from "../../lib/cli/app.ts";
import {
  type Handler,
  type Limits,
  serve,
  type StreamPair,
} from "../../mod.ts";
import { RequestIds } from "../../lib/cli/request_ids.ts";
import { toErrorResponse } from "../../lib/server/error_response.ts";
import { Directory } from "../../lib/files/mod.ts";
import type { Exchange } from "../../lib/observer.ts";
import { makeScratch } from "../files/scratch.ts";

/** What came of a request. */
export interface Outcome {
  /** All answers, interim ones as well, a character for each octet. */
  answers: string;
  /** What is told to a log. */
  exchange: Exchange;
}

/** A server that is asked by octets. */
export interface Application extends AsyncDisposable {
  /** Sends octets, each piece as one arrival, and FIN. */
  ask(pieces: Uint8Array[]): Promise<Outcome>;
  /** Removes what uploads that did not end have left. */
  tidy(): Promise<void>;
}

/** Starts one over a directory of its own. */
export async function startApplication(
  limits: Partial<Limits> = {},
): Promise<Application> {
  const scratch = await makeScratch();
  for (const name of ["page.txt", "removed.txt", "index.html"]) {
    await Deno.writeTextFile(`${scratch.root}/${name}`, "text ".repeat(200));
  }
  const directory = await Directory.open(scratch.root);
  const { promise: isClosed, resolve: close } = Promise.withResolvers<void>();
  let connect!: (pair: StreamPair) => void;
  const listener = new ReadableStream<StreamPair>({
    start(controller) {
      connect = (pair) => controller.enqueue(pair);
      isClosed.then(() => controller.close());
    },
  });
  const logs = (["text", "json", "combined"] as const).map((format) =>
    new AccessLog(format, { output: new WritableStream() })
  );
  let told!: (exchange: Exchange) => void;
  const hosts = new AllowedHosts({ host: "127.0.0.1", names: ["*"] });
  const app = createApp({
    directory,
    hosts,
    mayWrite: true,
    mayDelete: true,
    cors: new CrossOrigin(["*"]),
  });
  const server = serve({
    listener,
    limits,
    errorResponse: app.errorResponse,
    onExchange(exchange) {
      for (const log of logs) log.record(exchange);
      told(exchange);
    },
    connect: () => new Response("Not here", { status: 403 }),
    trustProxy: () => true,
  }, behind(app.handler, createSite(directory, { spa: true, hosts }).handler));
  return {
    async ask(pieces) {
      const down = new TransformStream<Uint8Array, Uint8Array>();
      const exchange = new Promise<Exchange>((resolve) => told = resolve);
      connect({ readable: arrivalsOf(pieces), writable: down.writable });
      const octets = await new Response(down.readable as ReadableStream)
        .bytes();
      return {
        answers: new TextDecoder("latin1").decode(octets),
        exchange: await exchange,
      };
    },
    async tidy() {
      const left = `${scratch.root}/.sluice-uploads`;
      await Deno.remove(left, { recursive: true }).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    },
    async [Symbol.asyncDispose]() {
      close();
      await server.shutdown();
      await app.close?.();
      await Promise.all(logs.map((log) => log.flush()));
      await scratch[Symbol.asyncDispose]();
    },
  };
}

function arrivalsOf(pieces: Uint8Array[]): ReadableStream<Uint8Array> {
  const left = pieces.values();
  return new ReadableStream({
    pull(controller) {
      const { value, done } = left.next();
      if (done) controller.close();
      else controller.enqueue(value.slice());
    },
  }, { highWaterMark: 0 });
}

const named = new RequestIds(() => true).name({
  handler: () => new Response(),
  errorResponse: toErrorResponse,
}).handler;

const sessions = new Sessions(() => [new Uint8Array(32)]);
const member: User = { name: "member", hash: "", rights: new Rights([]) };

/** What a user sends who has logged in. */
export const memberCookie: string =
  sessions.begin(member, "http://h/").split(";")[0];

function guardedBy({ isPublic }: { isPublic: boolean }): Handler {
  return new AccessGuard(new Map([[member.name, member]]), {
    paths: {
      split: () => [],
      destination: () => "",
      onlyReads: () => false,
      absent: () => new Error(),
      variants: [],
    },
    sessions,
    links: new SignedLinks(() => [new Uint8Array(32)]),
    isPublic,
    clientOf: () => undefined,
  }).guard(() => new Response(), () => false);
}

const guarded = guardedBy({ isPublic: true });
const forMembers = guardedBy({ isPublic: false });

/** Paths of a library's user, and of a site; all others are the command's. */
function behind(command: Handler, site: Handler): Handler {
  return (request, info) => {
    const { pathname, origin } = new URL(request.url);
    switch (pathname.split("/")[1]) {
      case "site":
        return site(request, info);
      case "upgrade": {
        const { response, socket } = info.upgrade({ protocol: "websocket" });
        socket.readable.cancel();
        socket.writable.close();
        return response;
      }
      case "trailers": {
        info.responseTrailers.set("x-end", "1");
        return new Response(ReadableStream.from([new Uint8Array(1)]));
      }
      case "request-trailers":
        return request.text().then(() =>
          new Response(`[${info.requestTrailers?.get("x-any") ?? ""}]`)
        );
      case "guarded":
        return guarded(request, info);
      case "members":
        return forMembers(request, info);
      case "ids":
        return named(request, info);
      case "origin":
        return new Response(`[${origin}]`);
      case "headers": {
        const copy = new Request(request, { headers: [...request.headers] });
        return new Response(`[${copy.headers.get("x-any") ?? ""}]`);
      }
      default:
        return command(request, info);
    }
  };
}
