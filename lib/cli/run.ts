/**
 * Runs the command, from its arguments to its exit code. It connects the other
 * files of this folder, and is the only one that prints to the terminal.
 *
 * @module
 */

import { deadline } from "@std/async/deadline";
import project from "../../deno.json" with { type: "json" };
import type { Handler, HttpServer } from "../../mod.ts";
import { ownAuthority } from "../authority.ts";
import type { Exchange } from "../observer.ts";
import { Health, healthPaths } from "../operations/health.ts";
import type { Metrics } from "../operations/metrics.ts";
import { toErrorResponse } from "../server/error_response.ts";
import { AccessLog } from "./access_log.ts";
import { LogFile } from "./log_file.ts";
import { failureLine } from "./log_lines.ts";
import { AllowedHosts } from "./allowed_hosts.ts";
import { type App, createApp, createSite } from "./app.ts";
import type { RequestIds } from "./request_ids.ts";
import {
  type LogLevel,
  messageOf,
  quoted,
  setLogLevel,
  StartError,
  tell,
  tellInPassing,
  UsageError,
} from "./messages.ts";
import type { OpenedAddress } from "./opened_address.ts";
import { helpText, isLoopback, type Options, parseOptions } from "./options.ts";
import { adviceOnExcess } from "./least_privilege.ts";
import { dropTheRest, obtained } from "./permissions.ts";
import { exitCodeOf, onSignal } from "./signals.ts";
import { listen, openDirectory } from "./start.ts";

/** Milliseconds between two removals of uploads that were not resumed. */
const SWEEP_PERIOD = 10 * 60 * 1000;

/** Milliseconds between two looks at the memory of an idle process. */
const MEMORY_PERIOD = 5000;

/** Octets of a refused upload that are awaited to keep its connection. */
const DISCARDED = 64 * 1024;

/** Milliseconds after a signal in which load balancers may learn of it. */
const DRAIN_DELAY = 5000;

/**
 * Milliseconds that the last lines and messages may take if no one reads them.
 */
const FLUSH_TIMEOUT = 1000;

/** Runs the command; fulfilled with its exit code. */
export async function run(args: string[]): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options.help) console.log(helpText(project.version));
    else if (options.version) console.log(`sluice ${project.version}`);
    else await serveUntilStopped(options, args);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof StartError)) {
      throw error;
    }
    tell(error.message, "error");
    return error.exitCode;
  }
}

async function serveUntilStopped(
  options: Options,
  args: readonly string[],
): Promise<void> {
  setLogLevel(options["log-level"]);
  // Loaded only here, so that `--help` and importing this module leave Deno's
  // Response in place.
  await import("../lazy/global_response.ts");
  const path = options.directory;
  const isSite = options.site || options.spa;
  const { directory, writeAdvice } = await openDirectory(path, {
    isReadOnly: isSite,
    bounds: { maxTotal: options["max-total"], keepFree: options["keep-free"] },
  });
  const mayWrite = writeAdvice === undefined;
  const logFile = await openLogFile(options);
  const log = openLog(options.log, logFile);
  const xrayTools = options.xray ? await loadXray() : undefined;
  const xray = xrayTools && new xrayTools.Xray();
  const serving = { ...serveOptions(options), observer: xray?.observer };
  const opened = await openElsewhere(options, directory.path);
  const { "allow-host": names, spa } = options;
  const host = opened ? opened.host : options.host;
  const hosts = new AllowedHosts({ host, names });
  const resourcePolicy = options["resource-policy"];
  const asSite = { spa, resourcePolicy, hosts };
  const app = isSite ? createSite(directory, asSite) : createApp({
    ...serving,
    directory,
    hosts,
    mayWrite,
    maxSize: options["max-body"],
    maxUploads: options["max-uploads"],
    maxSpace: options["max-upload-space"],
    resourcePolicy,
    mayDelete: options.delete,
    index: options.index,
    xray,
  });
  const { errorResponse = toErrorResponse } = app;
  const watch = await loadAdmin(options, app.patterns);
  const health = new Health();
  const trustProxy = await loadTrust(options["trust-proxy"]);
  const ids = options["request-id"]
    ? await loadRequestIds(trustProxy)
    : undefined;
  const answering = { handler: health.guard(app.handler), errorResponse };
  const { handler, ...forErrors } = ids?.name(answering) ?? answering;
  const onExchange = recorderOf(log, watch?.metrics, ids, options);
  const all = {
    ...serving,
    ...forErrors,
    onExchange,
    trustProxy,
    proxyProtocol: options["proxy-protocol"] ? trustProxy : undefined,
  };
  const first = afterFirstAnswer(handler, () => finishStart(app));
  const server: HttpServer<Deno.Addr> = opened
    ? opened.serve(all, first)
    : await listen(all, first);
  const admin = await watch?.start(health, server);
  await using typed = xrayTools &&
    new xrayTools.TypedRequests({ ...serving, errorResponse }, app.handler);
  if (xray) xray.send = (octets, client) => typed!.send(octets, client);
  let told: Promise<unknown> | undefined;
  using _signals = onSignal({
    drain() {
      health.isReady = false;
      const isHasty = !health.isWatched || Deno.stdin.isTerminal();
      const delay = options["drain-delay"] ?? (isHasty ? 0 : DRAIN_DELAY);
      told = tellInPassing(stopping(delay));
      xray?.close();
      server.shutdown({ delay });
    },
    end: (signal) => Deno.exit(exitCodeOf[signal]),
    reload: () => reopen(logFile),
  });
  const excess = await adviceOnExcess(args, obtained);
  await dropTheRest();
  tellAddress(server, opened);
  tell(`Serving ${quoted(path)}, ${rightsOf(isSite, writeAdvice)}`);
  if (xray) tell(`X-ray: ${new URL("/xray", urlOf(server))}`);
  if (admin) tellMetrics(admin);
  if (excess) tell(excess);
  await server.finished;
  // Until then it tells how the last requests go.
  await admin?.shutdown({ deadline: FLUSH_TIMEOUT });
  const written = Promise.all([told, log?.flush()]);
  await deadline(written, FLUSH_TIMEOUT).catch(() => {});
}

/** Loaded on demand: most starts listen on a host and port. */
async function openElsewhere(
  { listen }: Options,
  directory: string,
): Promise<OpenedAddress | undefined> {
  if (!listen) return undefined;
  const { openAddress } = await import("./opened_address.ts");
  return await openAddress(listen, directory);
}

/** Undefined where nobody needs to know of an exchange. */
function recorderOf(
  log: AccessLog | undefined,
  metrics: Metrics | undefined,
  ids: RequestIds | undefined,
  { "log-level": level }: Options,
): ((exchange: Exchange) => void) | undefined {
  const isDebugging = level === "debug";
  if (!log && !metrics && !isDebugging) return undefined;
  return (exchange) => {
    if (isDebugging) tellFailure(exchange);
    metrics?.record(exchange);
    log?.record(exchange, ids?.of(exchange));
  };
}

function tellFailure(exchange: Exchange): void {
  const line = failureLine(exchange);
  if (line !== undefined) tellInPassing(line, "debug");
}

function stopping(delay: number): string {
  const rest = "finishing running requests, a second signal stops at once";
  if (delay === 0) return `Stopping: ${rest}`;
  const seconds = delay / 1000;
  return `Stopping in ${seconds} s, serving new requests until then: ${rest}`;
}

/** Loaded on demand: a start without proxies should not wait for its code. */
async function loadTrust(ranges: readonly string[]) {
  if (ranges.length === 0) return undefined;
  const { trustedProxies } = await import("../operations/trusted_proxies.ts");
  try {
    return trustedProxies(ranges);
  } catch {
    throw new UsageError(
      `Cannot use --trust-proxy: got ${quoted(ranges.join(", "))}, write IP ` +
        "addresses or ranges such as 10.0.0.0/8",
    );
  }
}

/** Loaded on demand: few starts ask for metrics. */
async function loadAdmin(
  { admin, site, spa }: Options,
  patterns: readonly string[],
) {
  if (!admin) return undefined;
  const { Metrics, startAdmin } = await import("./admin.ts");
  const metrics = new Metrics({
    patterns: [...healthPaths, ...patterns],
    fallback: site || spa ? "site" : "other",
    version: project.version,
  });
  const start = (health: Health, server: HttpServer<Deno.Addr>) =>
    startAdmin(admin, { metrics, health, server });
  return { metrics, start };
}

/** Loaded on demand: few starts ask for ids. */
async function loadRequestIds(
  isTrusted: ((hostname: string) => boolean) | undefined,
): Promise<RequestIds> {
  const { RequestIds } = await import("./request_ids.ts");
  return new RequestIds(isTrusted);
}

/** Loaded on demand: a start without X-ray should not wait for its code. */
async function loadXray() {
  const [{ Xray }, { TypedRequests }] = await Promise.all([
    import("../xray/xray.ts"),
    import("./typed_requests.ts"),
  ]);
  return { Xray, TypedRequests };
}

/** Acts after the first answer, which should not wait for it. */
function afterFirstAnswer(handler: Handler, act: () => void): Handler {
  let isFirst = true;
  return (request, info) => {
    if (isFirst) info.completed.then(act, act);
    isFirst = false;
    return handler(request, info);
  };
}

function finishStart({ loadRest, sweep }: App) {
  // Modules of a checkout may change later, so they are loaded now. A failure
  // is reported to the request that needs the module.
  loadRest().catch(() => {});
  giveBackMemory().catch(() => {});
  if (!sweep) return;
  // Uploads trigger sweeps themselves, but only while there are any. An error
  // now may be gone the next time. The first timer takes Deno 9 ms.
  Deno.unrefTimer(setInterval(() => sweep().catch(() => {}), SWEEP_PERIOD));
}

/** Loaded on demand: the first answer should not wait for its code. */
async function giveBackMemory() {
  const { IdleMemory } = await import("./idle_memory.ts");
  const memory = new IdleMemory();
  Deno.unrefTimer(setInterval(() => memory.look(), MEMORY_PERIOD));
}

function rightsOf(isSite: boolean, writeAdvice: string | undefined): string {
  if (isSite) return "as a site, read only";
  return writeAdvice === undefined
    ? "read and write"
    : `read only: ${writeAdvice} to receive files`;
}

function serveOptions(options: Options) {
  return {
    hostname: options.host,
    port: options.port,
    limits: {
      connections: options["max-connections"],
      clientConnections: options["limit-connections"],
      clientRate: options["limit-rate"],
      content: options["max-body"],
      discarded: DISCARDED,
    },
    timeouts: {
      idle: options["idle-timeout"],
      head: options["head-timeout"],
      content: options["content-timeout"],
      write: options["write-timeout"],
      shutdown: options["shutdown-timeout"],
    },
  };
}

async function openLogFile(options: Options): Promise<LogFile | undefined> {
  const { log, "log-file": path } = options;
  if (log === "off" || path === undefined) return undefined;
  return await LogFile.open(path);
}

async function reopen(file: LogFile | undefined): Promise<void> {
  let outcome = file ? "the log file is opened again" : "no file to read again";
  let urgency: LogLevel = "info";
  try {
    await file?.reopen();
  } catch (error) {
    outcome = `the log stays in its file, ${messageOf(error)}`;
    urgency = "warn";
  }
  await tellInPassing(`SIGHUP: ${outcome}`, urgency);
}

function openLog(
  format: Options["log"],
  file: LogFile | undefined,
): AccessLog | undefined {
  if (format === "off") return undefined;
  return new AccessLog(format, {
    output: file?.writable,
    onFailure: (error) =>
      tellInPassing(`The log is off: ${quoted(String(error))}`, "error"),
  });
}

function tellAddress(server: HttpServer<Deno.Addr>, opened?: OpenedAddress) {
  tell(`Listening on ${opened?.name ?? urlOf(server)}`);
  tellReach(server, "listening");
}

function tellMetrics(admin: HttpServer) {
  tell(`Metrics: ${new URL("/-/metrics", urlOf(admin))}`);
  tellReach(admin, "metrics");
}

function tellReach({ addr }: HttpServer<Deno.Addr>, what: string) {
  if (!("hostname" in addr) || isLoopback(addr.hostname)) return;
  tell(`Reachable from the network: ${what} on ${addr.hostname}`, "warn");
}

function urlOf({ addr }: HttpServer<Deno.Addr>): string {
  return `http://${ownAuthority(addr)}/`;
}
