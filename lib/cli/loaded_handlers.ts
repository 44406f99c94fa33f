/**
 * Handlers that the command does not need to start: files, uploads and pages.
 * They are loaded together, when a request first needs one of them.
 *
 * @module
 */

import project from "../../deno.json" with { type: "json" };
import { HttpError } from "../errors.ts";
import {
  type Directory,
  download,
  move,
  removal,
  type ResourcePolicy,
  ResumableUploads,
  upload,
} from "../files/mod.ts";
import { storedEnds } from "../files/representation.ts";
import { keepWithoutForms } from "../files/stand_ins.ts";
import { TreeRemoval } from "../files/tree_removal.ts";
import { wantsZip } from "../files/tree_request.ts";
import { UndoableRemovals, wantsUndo } from "../files/undo.ts";
import type { RouteHandler } from "../handler.ts";
import { compress } from "../handlers/mod.ts";
import {
  defaultLimits,
  defaultTimeouts,
  type Limits,
  type Timeouts,
} from "../limits.ts";
import { createPages, type Pages } from "../page/pages.ts";
import { shareHandler } from "../page/share.ts";
import type { Access } from "./access.ts";
import type { AllowedHosts } from "./allowed_hosts.ts";
import type { Caching } from "./field_options.ts";
import { linkToFiles } from "./first_page.ts";
import { nearestFolder } from "./nearest_folder.ts";
import { heldPermissions } from "./permissions.ts";
import { onlyNew } from "./upload_only.ts";

/** Options of {@linkcode makeHandlers}. */
export interface HandlersOptions {
  directory: Directory;
  /** The hosts that the server answers for. */
  hosts: AllowedHosts;
  /** Who may do what. Default: whoever reaches the server, all of it. */
  access?: Access;
  /** The path of everything, such as `/sub`. Default: empty, at the top. */
  prefix?: string;
  /** Whether it also receives files. */
  mayWrite: boolean;
  /** The maximum size of a resumable upload in octets. Default: no limit. */
  maxSize?: number;
  /** The maximum number of unfinished uploads. Default: the library's. */
  maxUploads?: number;
  /** The maximum octets of all unfinished uploads. Default: the library's. */
  maxSpace?: number;
  /** Which pages may load the files. Default: those of the same origin. */
  resourcePolicy?: ResourcePolicy;
  /** How long caches may use files. Default: they ask each time. */
  caching?: Caching;
  /** Whether files may be removed. Default: false. */
  mayDelete?: boolean;
  /** Whether to answer a directory with its index.html. Default: false. */
  index?: boolean;
  /** Whether clients may bring new files and do nothing else. Default: no. */
  isUploadOnly?: boolean;
  /** Whether a directory is answered with its list. Default: yes. */
  mayList?: boolean;
  /** The limits to show. Default: the library's. */
  limits?: Partial<Limits>;
  /** The timeouts to show. Default: the library's. */
  timeouts?: Partial<Timeouts>;
  /** Whether there is an X-ray of the traffic. */
  hasXray: boolean;
  /** Whether there are lessons in it. */
  hasLessons: boolean;
  /** Where other machines find the server. Default: nowhere. */
  urlsOnNetwork?: () => readonly string[];
}

/** The handlers, by purpose. */
export interface LoadedHandlers {
  about: RouteHandler;
  /** The page with which a browser brings files, and sees none. */
  uploadPage: RouteHandler;
  /** Answers with the list of the directory at another path. */
  firstPage: RouteHandler;
  download: RouteHandler;
  upload: RouteHandler;
  /** Answers a POST that reads. */
  zip: RouteHandler;
  /** Answers for resumable uploads. */
  uploads: RouteHandler;
  /** Adds to a response to OPTIONS what it says of uploads. */
  describeUploads(response: Response): Response;
  removal: RouteHandler;
  move: RouteHandler;
  /** Undoes what was deleted, or enacts it. */
  undo: RouteHandler;
  /** Makes links for others, and codes of them. */
  share: RouteHandler;
  /** The forms to log in and out, where there are users. */
  login?: RouteHandler;
  logout?: RouteHandler;
  /** Makes the page of X-ray. */
  xrayPage: Pages["xray"];
  errorPage: Pages["error"];
  /** Removes uploads that were not resumed, and what removals have left. */
  sweep(): Promise<void>;
  /** Removes what could still be put back. */
  close(): Promise<void>;
}

/** Makes the handlers. */
export function makeHandlers(options: HandlersOptions): LoadedHandlers {
  const { directory, prefix = "", index, resourcePolicy, access } = options;
  const { maxSize, maxUploads, maxSpace } = options;
  const pages = pagesOf(options);
  const { about, uploadPage } = pages;
  const listing = options.mayList !== false && pages.listing;
  const mayWrite = access?.mayWrite.bind(access);
  const resumable = new ResumableUploads(directory, {
    path: `${prefix}/uploads/`,
    maxSize,
    maxUploads,
    maxSpace,
    mayWrite,
  });
  const undoable = new UndoableRemovals(directory, {
    path: `${prefix}/undo/`,
    mayUndo: access?.mayDelete.bind(access),
    mayWrite,
  });
  const remove = removal(directory, { recursive: true });
  const methods = methodsOf(options);
  const receive = upload(directory, { resumable, mayStore: mayWrite, methods });
  if (options.isUploadOnly) keepWithoutForms(directory, storedEnds);
  const shown = {
    listing,
    resourcePolicy,
    ...options.caching,
    mayRead: access?.mayRead.bind(access),
    zip: true,
    search: true,
    count: true,
  };
  const shownHere = download(directory, shown);
  const put = options.isUploadOnly
    ? onlyNew(receive, prefix, access?.copied.bind(access))
    : receive;
  const zip = options.isUploadOnly ? () => refuseToRead(methods) : shownHere;
  return {
    about: compress(about),
    uploadPage: compress(uploadPage),
    // The links of an index.html and of a search are relative to where it is.
    firstPage: linkToFiles(download(directory, { ...shown, search: false })),
    download: download(directory, { ...shown, index }),
    zip,
    // An archive needs no more than the right to read.
    upload: (request, info, match) => {
      const answer = wantsZip(request) ? zip : put;
      return answer(request, info, match);
    },
    uploads: resumable.handler,
    describeUploads: (response) => resumable.describe(response),
    removal: (request, info, match) => {
      const answer = wantsUndo(request) ? undoable.remove : remove;
      return answer(request, info, match);
    },
    undo: undoable.handler,
    move: move(directory, { mayReplace: access?.mayReplace.bind(access) }),
    share: shareHandler({
      prefix,
      urlsOnNetwork: options.urlsOnNetwork ?? (() => []),
      signLink: access?.signLink.bind(access),
    }),
    ...access?.forms(pages.login),
    xrayPage: pages.xray,
    errorPage: pages.error,
    async sweep() {
      await resumable.sweep();
      if (options.mayDelete) await new TreeRemoval(directory).sweep();
    },
    close: () => undoable.close(),
  };
}

function refuseToRead(methods: readonly string[]): never {
  throw new HttpError(405, "This server receives files and sends none", {
    headers: { allow: methods.join(", ") },
  });
}

/** What `Allow` lists for a directory. */
function methodsOf({ isUploadOnly, mayDelete }: HandlersOptions): string[] {
  return [
    ...isUploadOnly ? [] : ["GET", "HEAD"],
    ...["PUT", "POST", "MKCOL"],
    ...mayDelete ? ["DELETE", "MOVE"] : [],
    "OPTIONS",
  ];
}

function pagesOf(options: HandlersOptions): Pages {
  const { directory, hosts, prefix = "", mayWrite, access } = options;
  const { mayDelete = false } = options;
  return createPages({
    prefix,
    version: project.version,
    originOf: (request, info) => hosts.originOf(request, info),
    mayWrite,
    mayDelete,
    maxSize: options.maxSize ?? Infinity,
    limits: { ...defaultLimits, ...options.limits },
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    permissions: () => heldPermissions(directory.path),
    hasXray: options.hasXray,
    hasLessons: options.hasLessons,
    isUploadOnly: options.isUploadOnly ?? false,
    mayList: options.mayList ?? true,
    hasLogin: access !== undefined,
    isPublic: access?.isPublic,
    urlsOnNetwork: options.urlsOnNetwork,
    changesOf: access?.changesOf.bind(access),
    loginOf: access?.loginOf.bind(access),
    nearestOf: options.isUploadOnly || options.mayList === false
      ? undefined
      : (request) =>
        nearestFolder(
          directory,
          request,
          `${prefix}/files/`,
          access?.mayRead(request),
        ),
  });
}
