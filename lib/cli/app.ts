/**
 * A directory goes in, the handler of the command comes out: the table of its
 * routes, and the pages. It does not know how it is served.
 *
 * @module
 */

import {
  compress,
  defaultErrorResponse,
  type Directory,
  download,
  echo,
  type ErrorResponse,
  type Handler,
  refuseCrossSite,
  removal,
  type ResourcePolicy,
  ResumableUploads,
  type Route,
  route,
  type RouteHandler,
  site,
  upload,
  userAgent,
} from "../../mod.ts";
import project from "../../deno.json" with { type: "json" };
import {
  defaultLimits,
  defaultTimeouts,
  type Limits,
  type Timeouts,
} from "../limits.ts";
import { answerWithAsset } from "../page/assets.ts";
import { createPages, type Pages } from "../page/pages.ts";
import type { Xray } from "../page/xray.ts";
import type { AllowedHosts } from "./allowed_hosts.ts";
import { heldPermissions } from "./permissions.ts";

/** What the application serves. */
export interface AppOptions {
  directory: Directory;
  /** The hosts that it answers for. */
  hosts: AllowedHosts;
  /** Whether it receives files as well. */
  mayWrite: boolean;
  /** Octets that an upload in pieces may have in all. Default: no limit. */
  maxSize?: number;
  /** Uploads in pieces that may be unfinished. Default: as the library has it. */
  maxUploads?: number;
  /** Octets that those may have in all. Default: as the library has it. */
  maxSpace?: number;
  /** Whose pages may load the files. Default: those of the same origin. */
  resourcePolicy?: ResourcePolicy;
  /** Whether files may be removed. Default: false. */
  mayDelete?: boolean;
  /** Whether a directory is answered with its index.html. Default: false. */
  index?: boolean;
  /** The limits in force, to be told. Default: those of the library. */
  limits?: Partial<Limits>;
  /** The timeouts in force, to be told. Default: those of the library. */
  timeouts?: Partial<Timeouts>;
  /** Shows what crosses the wire. Default: nothing does. */
  xray?: Xray;
}

/** What answers requests, and tells of errors. */
export interface App {
  handler: Handler;
  errorResponse?: ErrorResponse;
  /** Removes uploads that nobody goes on with. */
  sweep?: () => Promise<void>;
}

/** Makes what the command serves. */
export function createApp(options: AppOptions): App {
  const { directory, mayWrite, mayDelete = false } = options;
  const { maxSize, maxUploads, maxSpace } = options;
  const resumable = mayWrite
    ? new ResumableUploads(directory, { maxSize, maxUploads, maxSpace })
    : undefined;
  const pages = createPages({
    version: project.version,
    originOf: (request, info) => options.hosts.originOf(request, info),
    mayWrite,
    mayDelete,
    maxSize: maxSize ?? Infinity,
    limits: { ...defaultLimits, ...options.limits },
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    permissions: () => heldPermissions(directory.path),
    hasXray: options.xray !== undefined,
  });
  const routes = [
    ...readRoutes(options, pages),
    ...resumable ? writeRoutes(options, resumable) : [],
    ...options.xray ? xrayRoutes(options.xray, pages) : [],
  ];
  return {
    handler: options.hosts.guard(refuseCrossSite(route(routes))),
    errorResponse: errorResponseOf(pages),
    sweep: resumable && (() => resumable.sweep()),
  };
}

const files = "/files/*";

function readRoutes(
  { directory, index, resourcePolicy }: AppOptions,
  { home, listing }: Pages,
): Route[] {
  const get = (pattern: string, handler: RouteHandler): Route => {
    return { method: "GET", pattern, handler };
  };
  return [
    get("/", compress(home)),
    get("/echo/*", compress(echo)),
    get("/user-agent", userAgent),
    get(files, download(directory, { index, listing, resourcePolicy })),
    get("/files", redirectToFiles),
    get("/page/:name", compress(answerWithAsset)),
  ];
}

function writeRoutes(
  { directory, mayDelete }: AppOptions,
  resumable: ResumableUploads,
): Route[] {
  const routes: Route[] = [
    {
      method: ["PUT", "POST"],
      pattern: files,
      handler: upload(directory, { resumable }),
    },
    {
      method: ["HEAD", "PATCH", "DELETE"],
      pattern: "/uploads/:token",
      handler: resumable.handler,
    },
  ];
  if (mayDelete) {
    const handler = removal(directory);
    routes.push({ method: "DELETE", pattern: files, handler });
  }
  return routes;
}

function xrayRoutes(xray: Xray, { navigation }: Pages): Route[] {
  const exchanges = "/xray/exchanges";
  return [
    { method: "GET", pattern: "/xray", handler: xray.page(navigation) },
    { method: "GET", pattern: "/xray/events", handler: xray.events },
    {
      method: "GET",
      pattern: "/xray/exchanges/:id",
      handler: xray.exchange,
    },
    { method: "DELETE", pattern: exchanges, handler: xray.clear },
    { method: "POST", pattern: "/xray/send", handler: xray.typed },
  ];
}

/** Makes a static site, all paths of which are its files. */
export function createSite(
  directory: Directory,
  { spa, resourcePolicy, hosts }: {
    spa: boolean;
    resourcePolicy?: ResourcePolicy;
    hosts: AllowedHosts;
  },
): App {
  return { handler: hosts.guard(site(directory, { spa, resourcePolicy })) };
}

/** Shows an error to a browser as one of the pages, and to others as ever. */
function errorResponseOf(pages: Pages): ErrorResponse {
  return (error, accept) => {
    const response = defaultErrorResponse(error, accept);
    const type = response.headers.get("content-type");
    return type?.startsWith("text/html")
      ? pages.error(error, response.headers)
      : response;
  };
}

function redirectToFiles(): Response {
  return new Response(null, { status: 308, headers: { location: "/files/" } });
}
