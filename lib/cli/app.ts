/**
 * The handler of the command: the table of its routes over a directory. Most
 * handlers are loaded when a request first needs one, or after the first
 * answer.
 *
 * @module
 */

import type { Directory } from "../files/directory.ts";
import type { Handler, HandlerInfo, RouteHandler } from "../handler.ts";
import { compress } from "../handlers/compression.ts";
import { csrf } from "../handlers/csrf.ts";
import { makeOnce, onDemand } from "../handlers/on_demand.ts";
// Not on demand: Deno would then ask for permission to import text modules,
// which the command has given up by then.
import { answerWithAsset } from "../page/assets.ts";
import { type Route, route } from "../router/router.ts";
import {
  type ErrorResponse,
  toErrorResponse,
} from "../server/error_response.ts";
import type { Teacher } from "../xray/lessons/teacher.ts";
import type { Xray } from "../xray/xray.ts";
import type { Access } from "./access.ts";
import type { AnswerFields } from "./answer_fields.ts";
import type { CrossOrigin } from "./cross_origin.ts";
import { rememberingErrors, requestOf } from "./asked.ts";
import { echo, userAgent } from "./demo.ts";
import type { HandlersOptions, LoadedHandlers } from "./loaded_handlers.ts";
import { putBackDeleted } from "./put_back_deleted.ts";

/** Options of {@linkcode createApp}. */
export interface AppOptions
  extends Omit<HandlersOptions, "hasXray" | "hasLessons">, FieldSetters {
  /** Shows the traffic. Default: no X-ray. */
  xray?: Xray;
  /** Judges what is sent for lessons in X-ray. Default: no lessons. */
  teacher?: Teacher;
}

/** What sets fields of answers. Default: nothing. */
export interface FieldSetters {
  /** Lets pages of other origins use the files. */
  cors?: CrossOrigin;
  /** Sets fields that were chosen at the start. */
  fields?: AnswerFields;
}

/** Answers requests, and formats errors. */
export interface App {
  handler: Handler;
  errorResponse?: ErrorResponse;
  /** The patterns of its routes, each once; none if all paths are files. */
  patterns: string[];
  /** Loads the handlers that no request has needed yet. */
  loadRest: () => Promise<unknown>;
  /** Removes uploads that were not resumed. */
  sweep?: () => Promise<void>;
  /** Puts back what crashed processes have deleted and not removed. */
  putBack?: () => Promise<number>;
  /** Ends what is not over: called once nothing is asked for any more. */
  close?: () => Promise<void>;
}

/** A route whose pattern is that of a path. */
interface PathRoute extends Route {
  pattern: string;
}

/** A module that the handlers of files load themselves. */
const loadTypes = () => import("@std/media-types/content-type");

/** Returns the handlers, loaded on first use. */
type Load = () => Promise<LoadedHandlers>;

/** Creates the application that the command serves. */
export function createApp(options: AppOptions): App {
  const { prefix = "" } = options;
  let isLoaded = false;
  const load = makeOnce(async () => {
    const { makeHandlers } = await import("./loaded_handlers.ts");
    isLoaded = true;
    return makeHandlers({
      ...options,
      hasXray: options.xray !== undefined,
      hasLessons: options.teacher !== undefined,
    });
  });
  const table = protectedRoutes([
    ...pageRoutes(load, options),
    ...options.isUploadOnly ? [] : fileRoutes(load),
    ...options.mayWrite ? writeRoutes(load, options) : [zipRoute(load)],
    ...options.xray ? xrayRoutes(load, options.xray) : [],
    ...lessonRoutes(options),
    ...options.access ? loginRoutes(load) : [],
  ], options.access);
  const routes = [
    ...table,
    ...options.mayWrite ? optionsRoutes(load, placedBelow(prefix, table)) : [],
  ];
  const routed = route(placedBelow(prefix, routes));
  const answered = options.access?.guard(routed) ?? routed;
  const handler = withFields(options, answered, csrf(answered));
  return {
    handler: rememberingErrors(options.hosts.guard(handler)),
    errorResponse: errorResponseOf(load),
    patterns: [
      ...new Set(routes.map(({ pattern }) => prefix + pattern)),
    ],
    loadRest: () => Promise.all([load(), loadTypes()]),
    sweep: options.mayWrite ? async () => (await load()).sweep() : undefined,
    putBack: options.mayWrite
      ? () => putBackDeleted(options.directory)
      : undefined,
    close: async () => {
      if (isLoaded) await (await load()).close();
    },
  };
}

/** Handlers of routes, by their name. */
type Loaded = Exclude<
  keyof LoadedHandlers,
  "xrayPage" | "errorPage" | "sweep" | "describeUploads" | "close"
>;

function protectedRoutes(
  routes: PathRoute[],
  access: Access | undefined,
): PathRoute[] {
  if (!access) return routes;
  return routes.map((each) => ({
    ...each,
    handler: access.protect(each.pattern, each.handler),
  }));
}

/** A handler that is loaded on first use. */
function loaded(
  load: Load,
  name: Loaded,
): RouteHandler {
  return onDemand(async () => (await load())[name]!);
}

const files = "/files/*";
const uploads = "/uploads/:token";
const undo = "/undo/:id";

function get(pattern: string, handler: RouteHandler): PathRoute {
  return { method: "GET", pattern, handler };
}

function pageRoutes(
  load: Load,
  { isUploadOnly, mayList = true }: AppOptions,
): PathRoute[] {
  const first = isUploadOnly ? "uploadPage" : mayList ? "firstPage" : "about";
  return [
    get("/", loaded(load, first)),
    get("/about", loaded(load, "about")),
    get("/echo/*", compress(echo)),
    get("/user-agent", userAgent),
    ...isUploadOnly ? [] : [shareRoute(load)],
    get("/page/:name", compress(answerWithAsset)),
  ];
}

function fileRoutes(load: Load): PathRoute[] {
  return [
    get(files, loaded(load, "download")),
    get("/files", redirectBelow),
  ];
}

/** What the pages share: a link that ends is signed. */
function shareRoute(load: Load): PathRoute {
  return { method: "POST", pattern: "/share", handler: loaded(load, "share") };
}

/** Where nothing is written, a POST reads. */
function zipRoute(load: Load): PathRoute {
  return { method: "POST", pattern: files, handler: loaded(load, "zip") };
}

function writeRoutes(load: Load, { mayDelete }: AppOptions): PathRoute[] {
  const routes: PathRoute[] = [
    {
      method: ["PUT", "POST", "MKCOL"],
      pattern: files,
      handler: loaded(load, "upload"),
    },
    {
      // POST is for clients that can say the method only in a field (tus).
      method: ["HEAD", "PATCH", "DELETE", "POST"],
      pattern: uploads,
      handler: loaded(load, "uploads"),
    },
  ];
  if (mayDelete) {
    routes.push(
      { method: "DELETE", pattern: files, handler: loaded(load, "removal") },
      { method: "MOVE", pattern: files, handler: loaded(load, "move") },
      {
        method: ["POST", "DELETE"],
        pattern: undo,
        handler: loaded(load, "undo"),
      },
    );
  }
  return routes;
}

/** Answers OPTIONS as the table does, with what clients ask of uploads. */
function optionsRoutes(load: Load, table: PathRoute[]): PathRoute[] {
  const answer = route(table);
  const handler: RouteHandler = async (request, info) => {
    const response = await answer(request, info);
    return (await load()).describeUploads(response);
  };
  return [files, uploads].map((pattern) => ({
    method: "OPTIONS",
    pattern,
    handler,
  }));
}

function loginRoutes(load: Load): PathRoute[] {
  const login = loaded(load, "login");
  const logout = loaded(load, "logout");
  return [
    { method: ["GET", "POST"], pattern: "/login", handler: login },
    { method: "POST", pattern: "/logout", handler: logout },
  ];
}

function xrayRoutes(load: Load, xray: Xray): PathRoute[] {
  const page = xray.page(onDemand(async () => (await load()).xrayPage));
  const exchanges = "/xray/exchanges";
  return [
    { method: "GET", pattern: "/xray", handler: page },
    { method: "GET", pattern: "/xray/events", handler: xray.events },
    {
      method: "GET",
      pattern: "/xray/exchanges/:id",
      handler: xray.exchange,
    },
    {
      method: "GET",
      pattern: "/xray/exchanges/:id/replay",
      handler: xray.replay,
    },
    {
      method: "GET",
      pattern: "/xray/exchanges/:id/connection",
      handler: xray.connection,
    },
    { method: "DELETE", pattern: exchanges, handler: xray.clear },
    { method: "POST", pattern: "/xray/send", handler: xray.typed },
  ];
}

function lessonRoutes({ xray, teacher }: AppOptions): PathRoute[] {
  if (!xray || !teacher) return [];
  return [
    get("/xray/lessons", xray.onlyHere(teacher.list)),
    get("/xray/lessons/:id/verdict", xray.onlyHere(teacher.verdict)),
  ];
}

/** Creates a static site; all its paths are files. */
export function createSite(
  directory: Directory,
  { prefix = "", spa, resourcePolicy, caching, hosts, ...setters }:
    & Pick<HandlersOptions, "prefix" | "resourcePolicy" | "caching" | "hosts">
    & FieldSetters
    & { spa: boolean },
): App {
  const load = makeOnce(async () => {
    const { serveDir } = await import("../files/serve_dir.ts");
    const options = { single: spa, resourcePolicy, ...caching };
    return { handler: serveDir(directory, options) };
  });
  const site = onDemand<HandlerInfo, [match?: URLPatternResult]>(async () =>
    (await load()).handler
  );
  const handler = prefix === ""
    ? site
    : route(placedBelow(prefix, [{ pattern: "/*", handler: site }]));
  return {
    handler: hosts.guard(withFields(setters, handler, handler)),
    patterns: [],
    loadRest: () => Promise.all([load(), loadTypes()]),
  };
}

/**
 * Sets fields of answers.
 *
 * @param trusted Answers pages that may do all that a page of this server may.
 * @param others Answers everybody else.
 */
function withFields(
  { cors, fields }: FieldSetters,
  trusted: Handler,
  others: Handler,
): Handler {
  const handler = cors?.guard(trusted, others) ?? others;
  return fields?.guard(handler) ?? handler;
}

/** Shows errors as pages to browsers, and as usual to other clients. */
function errorResponseOf(load: Load): ErrorResponse {
  return (error, accept) => {
    const response = toErrorResponse(error, accept);
    const type = response.headers.get("content-type");
    return type?.startsWith("text/html")
      ? load().then(({ errorPage }) =>
        errorPage(error, response.headers, requestOf(error))
      )
      : response;
  };
}

/**
 * Puts all routes below a path, which itself leads to the first page. A proxy in
 * front leaves the path in place.
 */
function placedBelow(prefix: string, routes: PathRoute[]): PathRoute[] {
  if (prefix === "") return routes;
  return [
    ...routes.map((each) => ({ ...each, pattern: prefix + each.pattern })),
    get(prefix, redirectBelow),
  ];
}

/** Redirects to the same path with a `/` at its end. */
function redirectBelow({ url }: Request): Response {
  const { pathname, search } = new URL(url);
  const headers = { location: `${pathname}/${search}` };
  return new Response(null, { status: 308, headers });
}
