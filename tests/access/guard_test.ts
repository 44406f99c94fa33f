/** What is refused reaches no handler, so that neither disk nor time tells more. */

import { assertEquals, assertRejects } from "@std/assert";
import { AccessGuard } from "../../lib/access/guard.ts";
import { hashPassword } from "../../lib/access/password_hash.ts";
import { Sessions } from "../../lib/access/sessions.ts";
import { SignedLinks } from "../../lib/access/signed_links.ts";
import { parseUsers } from "../../lib/access/users.ts";
import { HttpError } from "../../lib/errors.ts";
import { destinationOf } from "../../lib/files/destination.ts";
import { wantsZip } from "../../lib/files/tree_request.ts";
import type { HandlerInfo } from "../../lib/handler.ts";
import { route } from "../../lib/router/router.ts";

const line = `bob:${await hashPassword("secret")}`;
const keys = () => [new Uint8Array(32)];
const info = {
  remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 1 },
} as HandlerInfo;

/** Asks as bob; tells the status and the paths that have reached the handler. */
async function ask(
  rights: string,
  method: string,
  path: string,
  login = true,
): Promise<[status: number, reached: number]> {
  const split = (path: string) => path.split("/").map(decodeURIComponent);
  const guard = new AccessGuard(parseUsers(`${line}:${rights}`, split), {
    paths: {
      split,
      destination: (request, from) => destinationOf(request, from).path,
      onlyReads: wantsZip,
      absent: () => new HttpError(404, "There is no such file"),
      variants: [".gz"],
    },
    sessions: new Sessions(keys),
    links: new SignedLinks(keys),
    isPublic: false,
    clientOf: () => undefined,
  });
  let reached = 0;
  const nowhere = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?:\/|$)/;
  const handler = guard.needs((_request, _info, match) => {
    // What may not be read is looked for where nothing is.
    if (nowhere.test(match.pathname.groups["0"]!)) {
      throw new HttpError(404, "There is no such file");
    }
    reached++;
    return new Response();
  });
  const guarded = guard.guard(
    route<HandlerInfo>([{ pattern: "/files/*", handler }]),
    () => false,
  );
  const headers = new Headers();
  const [from, to] = path.split(" > ");
  if (to !== undefined) headers.set("destination", `/files/${to}`);
  if (login) headers.set("authorization", `Basic ${btoa("bob:secret")}`);
  const request = new Request(`http://h/files/${from}`, { method, headers });
  try {
    return [(await guarded(request, info)).status, reached];
  } catch (error) {
    await assertRejects(() => Promise.reject(error), HttpError);
    return [(error as HttpError).status, reached];
  }
}

const cases: [rights: string, asked: string, status: number][] = [
  ["/=read", "GET a", 200],
  ["/=read", "PUT a", 403],
  ["/=read", "DELETE a", 403],
  ["/=read", "BREW a", 403],
  ["/=read /a=none", "GET a", 404],
  ["/=read /a=none", "GET a/b", 404],
  ["/=read /a=none", "HEAD %61", 404],
  ["/=read /a=none", "GET A", 404],
  // What may be sent or stored in place of another file.
  ["/=read /a.gz=none", "GET a", 404],
  ["/=read /d/index.html=none", "GET d/", 404],
  ["/=read,write /a=read", "PUT a.gz", 403],
  ["/=read,write /a=read", "PUT A.GZ", 403],
  ["/=read,write", "PUT a.gz", 200],
  // What touches names that the path does not tell: those in a form are judged
  // when they come.
  ["/=read,write /d/x=none", "POST d/", 200],
  ["/=read,write /d=read /d/x=read,write", "POST d/", 403],
  ["/=read,delete /d/x=none", "DELETE d/", 403],
  ["/=read,write /d/x=none", "MKCOL d/", 200],
  ["/=read,write /d=read", "MKCOL d/", 403],
  // A POST that only reads.
  ["/=read", "POST d/?zip", 200],
  ["/=read", "POST d/", 403],
  ["/=read", "PUT d/?zip", 403],
  ["/=read /d=none", "POST d/?zip", 404],
  // A move takes away here, and brings there.
  ["/=read,write,delete", "MOVE a > b", 200],
  ["/=read,write", "MOVE a > b", 403],
  ["/=read,delete", "MOVE a > b", 403],
  ["/=read,delete /in=read,write", "MOVE a > in/a", 200],
  ["/=read,write,delete /d/x=read", "MOVE d/ > e/", 403],
  ["/=read,write,delete /e/x=read", "MOVE d/ > e", 403],
  ["/=read,write,delete /d/x=read", "MOVE d/a > e/", 200],
  ["/=read,write,delete /b=read", "MOVE a > b.gz", 403],
  ["/=read,write,delete", "MOVE a", 400],
];

for (const [rights, asked, status] of cases) {
  Deno.test(`${rights}: ${asked} gets ${status}`, async () => {
    const [method, ...rest] = asked.split(" ");
    const path = rest.join(" ");
    const reached = status === 200 ? 1 : 0;
    assertEquals(await ask(rights, method, path), [status, reached]);
    assertEquals(await ask(rights, method, path, false), [401, 0]);
  });
}
