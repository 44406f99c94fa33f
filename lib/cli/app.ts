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
  type Route,
  route,
  upload,
  userAgent,
} from "../../mod.ts";

/** What the application serves. */
export interface AppOptions {
  directory: Directory;
  /** Whether it receives files as well. */
  mayWrite: boolean;
}

/** Makes the handler that the command serves. */
export function createApp({ directory, mayWrite }: AppOptions): Handler {
  const root = new URLPattern({ pathname: "/" });
  const echoed = new URLPattern({ pathname: "/echo/*" });
  const agent = new URLPattern({ pathname: "/user-agent" });
  const files = new URLPattern({ pathname: "/files/*" });
  const routes: Route[] = [
    { method: "GET", pattern: root, handler: welcome(mayWrite) },
    { method: "GET", pattern: echoed, handler: compress(echo) },
    { method: "GET", pattern: agent, handler: userAgent },
    { method: "GET", pattern: files, handler: download(directory) },
  ];
  if (mayWrite) {
    routes.push({ method: "POST", pattern: files, handler: upload(directory) });
  }
  return refuseCrossSite(route(routes));
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
curl -O ${origin}/files/NAME
${lastLine}
`);
  };
}
