/**
 * What the command needs for most of its answers but not to start: files,
 * uploads and pages. They are loaded together, when a request first needs one
 * of them.
 *
 * @module
 */

import project from "../../deno.json" with { type: "json" };
import {
  type Directory,
  download,
  removal,
  type ResourcePolicy,
  ResumableUploads,
  upload,
} from "../files/mod.ts";
import type { RouteHandler } from "../handler.ts";
import { compress } from "../handlers/mod.ts";
import {
  defaultLimits,
  defaultTimeouts,
  type Limits,
  type Timeouts,
} from "../limits.ts";
import { createPages, type Pages } from "../page/pages.ts";
import type { AllowedHosts } from "./allowed_hosts.ts";
import { heldPermissions } from "./permissions.ts";

/** What the handlers have to know. */
export interface HandlersOptions {
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
  /** Whether there is an X-ray of the traffic. */
  hasXray: boolean;
}

/** The handlers, by what they are for. */
export interface LoadedHandlers {
  home: RouteHandler;
  download: RouteHandler;
  upload: RouteHandler;
  /** Answers for uploads that broke off. */
  uploads: RouteHandler;
  removal: RouteHandler;
  /** Makes the page of X-ray. */
  xrayPage: Pages["xray"];
  errorPage: Pages["error"];
  /** Removes uploads that nobody goes on with. */
  sweep(): Promise<void>;
}

/** Makes them. */
export function makeHandlers(options: HandlersOptions): LoadedHandlers {
  const { directory, index, resourcePolicy } = options;
  const { maxSize, maxUploads, maxSpace } = options;
  const pages = pagesOf(options);
  const { home, listing } = pages;
  const resumable = new ResumableUploads(directory, {
    maxSize,
    maxUploads,
    maxSpace,
  });
  return {
    home: compress(home),
    download: download(directory, { index, listing, resourcePolicy }),
    upload: upload(directory, { resumable }),
    uploads: resumable.handler,
    removal: removal(directory),
    xrayPage: pages.xray,
    errorPage: pages.error,
    sweep: () => resumable.sweep(),
  };
}

function pagesOf(options: HandlersOptions): Pages {
  const { directory, hosts, mayWrite, mayDelete = false } = options;
  return createPages({
    version: project.version,
    originOf: (request, info) => hosts.originOf(request, info),
    mayWrite,
    mayDelete,
    maxSize: options.maxSize ?? Infinity,
    limits: { ...defaultLimits, ...options.limits },
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    permissions: () => heldPermissions(directory.path),
    hasXray: options.hasXray,
  });
}
