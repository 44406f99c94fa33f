/**
 * What the command needs for most of its answers, and not for its start: files,
 * uploads and pages. Loaded as one, when a request first needs some of it.
 *
 * @module
 */

import {
  compress,
  download,
  removal,
  ResumableUploads,
  type RouteHandler,
  upload,
} from "../../mod.ts";
import project from "../../deno.json" with { type: "json" };
import { defaultLimits, defaultTimeouts } from "../limits.ts";
import { createPages, type Pages } from "../page/pages.ts";
import type { AppOptions } from "./app.ts";
import { heldPermissions } from "./permissions.ts";

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
export function makeHandlers(options: AppOptions): LoadedHandlers {
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

function pagesOf(options: AppOptions): Pages {
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
    hasXray: options.xray !== undefined,
  });
}
