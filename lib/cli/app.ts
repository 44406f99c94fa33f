/**
 * A directory goes in, the handler of the command comes out: the table of its
 * routes, and the text at its root. It does not know how it is served.
 *
 * @module
 */

import {
  compress,
  type Directory,
  download,
  echo,
  type Handler,
  refuseCrossSite,
  removal,
  ResumableUploads,
  type Route,
  route,
  site,
  upload,
  userAgent,
} from "../../mod.ts";

/** What the application serves. */
export interface AppOptions {
  directory: Directory;
  /** Whether it receives files as well. */
  mayWrite: boolean;
  /** Octets that an upload in pieces may have in all. Default: no limit. */
  maxSize?: number;
  /** Whether files may be removed. Default: false. */
  mayDelete?: boolean;
  /** Whether a directory is answered with its index.html. Default: false. */
  index?: boolean;
  /** Whether it is served as a static site, and nothing else. Default: false. */
  site?: boolean;
  /** The same, with its index.html for what is not there. Default: false. */
  spa?: boolean;
}

/** Makes the handler that the command serves. */
export function createApp(
  { directory, mayWrite, maxSize, mayDelete, index, site: isSite, spa }:
    AppOptions,
): Handler {
  if (isSite || spa) return site(directory, { spa });
  const root = new URLPattern({ pathname: "/" });
  const echoed = new URLPattern({ pathname: "/echo/*" });
  const agent = new URLPattern({ pathname: "/user-agent" });
  const files = new URLPattern({ pathname: "/files/*" });
  const bareFiles = new URLPattern({ pathname: "/files" });
  const routes: Route[] = [
    { method: "GET", pattern: root, handler: welcome(mayWrite) },
    { method: "GET", pattern: echoed, handler: compress(echo) },
    { method: "GET", pattern: agent, handler: userAgent },
    { method: "GET", pattern: files, handler: download(directory, { index }) },
    { method: "GET", pattern: bareFiles, handler: redirectToFiles },
  ];
  if (mayWrite) {
    const resumable = new ResumableUploads(directory, { maxSize });
    const handler = upload(directory, { resumable });
    routes.push({ method: ["PUT", "POST"], pattern: files, handler }, {
      method: ["HEAD", "PATCH", "DELETE"],
      pattern: new URLPattern({ pathname: "/uploads/:token" }),
      handler: resumable.handler,
    });
  }
  if (mayWrite && mayDelete) {
    const handler = removal(directory);
    routes.push({ method: "DELETE", pattern: files, handler });
  }
  return refuseCrossSite(route(routes));
}

function redirectToFiles(): Response {
  return new Response(null, { status: 308, headers: { location: "/files/" } });
}

function welcome(mayWrite: boolean): Handler {
  return (request) => {
    const { origin } = new URL(request.url);
    const lastLine = mayWrite
      ? `curl --data-binary @notes.txt ${origin}/files/notes.txt`
      : "It is read-only: it receives no files.";
    return new Response(`This is Sluice, an HTTP/1.1 server. Try:

curl ${origin}/echo/hello
curl ${origin}/user-agent
curl ${origin}/files/
curl -O ${origin}/files/NAME
${lastLine}
`);
  };
}
