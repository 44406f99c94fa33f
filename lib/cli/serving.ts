/**
 * One process that serves the directory, alone or as a worker: puts together
 * what the options ask for, and serves until it is stopped.
 *
 * @module
 */

import type { Exchange } from "../observer.ts";
import { Health } from "../operations/health.ts";
import type { Metrics } from "../operations/metrics.ts";
import { toErrorResponse } from "../server/error_response.ts";
import type { HttpServer } from "../server/http_server.ts";
import type { AccessLog } from "./access_log.ts";
import { finishingStart } from "./after_start.ts";
import { AllowedHosts } from "./allowed_hosts.ts";
import {
  type App,
  type AppOptions,
  createApp,
  createSite,
  type FieldSetters,
} from "./app.ts";
import { attend, writeOut } from "./attend.ts";
import { adviceOnExcess } from "./least_privilege.ts";
import { failureLine } from "./log_lines.ts";
import {
  messageOf,
  quoted,
  StartError,
  tell,
  tellInPassing,
} from "./messages.ts";
import {
  loadAccess,
  loadFields,
  loadHsts,
  loadMetrics,
  loadRequestIds,
  loadTls,
  loadTrust,
  loadXray,
  openElsewhere,
  prepareLessons,
  startAdminOf,
} from "./on_demand.ts";
import { openLog, openLogFile } from "./opened_log.ts";
import type { OpenedAddress } from "./opened_address.ts";
import type { Options } from "./options.ts";
import { dropTheRest, obtained } from "./permissions.ts";
import type { RequestIds } from "./request_ids.ts";
import { listen, openDirectory, readOnlyOption } from "./start.ts";
import type { Post } from "./worker.ts";

/** Octets of a refused upload that are awaited to keep its connection. */
const DISCARDED = 64 * 1024;

/** Serves by this process, at its post if it is a worker. */
export async function serveUntilStopped(
  options: Options,
  args: readonly string[],
  post: Post | undefined,
): Promise<void> {
  // Loaded only here, so that `--help` and importing this module leave Deno's
  // Response in place.
  await import("../lazy/global_response.ts");
  await prepareLessons(options);
  const { directory, writeAdvice } = await openDirectory(options.directory, {
    readOnlyBy: readOnlyOption(options),
    bounds: { maxTotal: options["max-total"], keepFree: options["keep-free"] },
    hide: options.hide,
  });
  refuseUselessUpload(options, writeAdvice);
  const logFile = post ? undefined : await openLogFile(options);
  const log = openLog(options.log, post ? post.log : logFile?.writable);
  const xrayTools = await loadXray(options);
  const given = serveOptions(options);
  const xray = xrayTools && new xrayTools.Xray(given);
  const teacher = xrayTools?.Teacher && new xrayTools.Teacher(xray!);
  const serving = {
    ...given,
    ...post && sharedOptions(given, post),
    observer: xray?.observer,
  };
  const opened = await openElsewhere(options, directory.path);
  const tls = post ? undefined : await loadTls(options);
  const access = await loadAccess(options, directory.path);
  let urls: readonly string[] = [];
  const app = appOf(options, {
    ...given,
    ...await loadFields(options),
    directory,
    hosts: hostsOf(options, opened),
    access,
    mayWrite: writeAdvice === undefined,
    xray,
    teacher,
    urlsOnNetwork: () => urls,
  });
  const { errorResponse = toErrorResponse } = app;
  await tellPutBack(app);
  const metrics = await loadMetrics(options, app.patterns);
  const health = new Health();
  const trustProxy = await loadTrust(options);
  const ids = await loadRequestIds(options, trustProxy);
  const plain = { handler: health.guard(app.handler), errorResponse };
  const answering = (await loadHsts(options))?.(plain) ?? plain;
  const { handler, ...forErrors } = ids?.name(answering) ?? answering;
  const all = {
    ...serving,
    ...post?.certificate ?? tls?.pair,
    ...forErrors,
    onExchange: recorderOf(log, metrics?.counts, ids, options),
    trustProxy,
    proxyProtocol: options["proxy-protocol"] ? trustProxy : undefined,
  };
  const first = finishingStart(handler, app);
  const onPort = opened ? undefined : await listen(all, first);
  const server: HttpServer<Deno.Addr> = onPort ?? opened!.serve(all, first);
  const scrape = metrics?.scrapeOf(server);
  if (post && onPort) {
    await dropTheRest();
    await post.serve({ server: onPort, health, scrape, writeAdvice });
    await app.close?.();
    return await writeOut([log?.flush()]);
  }
  const admin = scrape && await startAdminOf(options, health, scrape);
  await using typed = xrayTools &&
    new xrayTools.TypedRequests({ ...serving, errorResponse }, app.handler);
  if (xray) xray.send = (...typing) => typed!.send(...typing);
  await attend({
    options,
    server,
    opened,
    health,
    log,
    logFile,
    admin,
    xray,
    access,
    onReachable: (found) => urls = found,
    tls,
    renew: (pair) => server.setCertificate(pair),
    excess: await adviceOnExcess(args, obtained),
    rights: rightsOf(options, writeAdvice) + (access ? ", by login" : ""),
    openness: access ? undefined : opennessOf(options, writeAdvice),
  });
  await app.close?.();
}

/** Readers find it again from the first request on. */
async function tellPutBack({ putBack }: App): Promise<void> {
  try {
    const count = await putBack?.() ?? 0;
    if (count === 0) return;
    const what = count === 1 ? "1 deletion is" : `${count} deletions are`;
    tell(`${what} undone, because the last run ended before it was over`);
  } catch (error) {
    tell(`Cannot put back what was deleted: ${messageOf(error)}`, "warn");
  }
}

/** The hosts for which it answers where it listens. */
function hostsOf(
  { host, "allow-host": names }: Options,
  opened: OpenedAddress | undefined,
): AllowedHosts {
  return new AllowedHosts({ host: opened ? opened.host : host, names });
}

/** What answers requests. */
function appOf(
  options: Options,
  { directory, hosts, ...parts }:
    & Pick<AppOptions, "directory" | "hosts" | "access" | "mayWrite" | "xray">
    & Pick<AppOptions, "teacher" | "urlsOnNetwork">
    & FieldSetters
    & ReturnType<typeof serveOptions>,
): App {
  const resourcePolicy = options["resource-policy"];
  const { prefix, cache: caching, spa } = options;
  if (options.site || spa) {
    const { cors, fields } = parts;
    const shared = { prefix, resourcePolicy, caching, hosts, cors, fields };
    return createSite(directory, { ...shared, spa });
  }
  return createApp({
    ...parts,
    directory,
    hosts,
    prefix,
    resourcePolicy,
    caching,
    maxSize: options["max-body"],
    maxUploads: options["max-uploads"],
    maxSpace: options["max-upload-space"],
    mayDelete: options.delete,
    index: options.index,
    isUploadOnly: options["upload-only"],
    mayList: !options["no-listing"],
  });
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

/** What clients may do with the directory, for a person. */
export function rightsOf(
  options: Options,
  writeAdvice: string | undefined,
): string {
  if (options.site || options.spa) return "as a site, read only";
  if (options["upload-only"]) return "new files only, and none to be read";
  const lists = options["no-listing"] ? " without lists" : "";
  return writeAdvice === undefined
    ? `read and write${lists}`
    : `read only${lists}: ${writeAdvice} to receive files`;
}

/** A warning to whoever lets others reach a server that has no logins. */
export function opennessOf(
  options: Options,
  writeAdvice: string | undefined,
): string | undefined {
  if (writeAdvice !== undefined) return undefined;
  const what = options["upload-only"]
    ? "bring files"
    : options.delete
    ? "write and delete files"
    : "write files";
  return `Anyone who reaches this port may ${what} without a login`;
}

/** A server that may not write could then do nothing. */
function refuseUselessUpload(
  { "upload-only": isUploadOnly, directory }: Options,
  writeAdvice: string | undefined,
): void {
  if (!isUploadOnly || writeAdvice === undefined) return;
  throw new StartError(
    `Cannot receive files in ${quoted(directory)}: ${writeAdvice}`,
  );
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

/** What differs for one of several, which together serve with the options. */
function sharedOptions(
  { limits }: ReturnType<typeof serveOptions>,
  post: Post,
) {
  const connections = post.share(limits.connections);
  return {
    port: post.port,
    reusePort: true,
    limits: { ...limits, connections },
  };
}
