/**
 * The command with users and a few files. It does not know what is asked.
 *
 * @module
 */

import { hashPassword } from "../../lib/access/password_hash.ts";
import {
  mayRunCommand,
  readmeFlags,
  type RunningCommand,
  Site,
  startCommand,
} from "./command.ts";

const hash = mayRunCommand ? await hashPassword("secret") : "";

/** Users with the password `secret`: alice may do all, bob what is written. */
const users = `alice:${hash}
bob:${hash}:/=read /inbox=read,write /private=none /trash=read,delete
`;

/** The command while it runs, and what it serves. */
export interface GuardedCommand extends AsyncDisposable {
  site: Site;
  command: RunningCommand;
}

/** Starts it; each of three folders has a file `here.txt`. */
export async function startGuarded(
  more: string[] = [],
  { host = "--host=127.0.0.1", flags = [] }: {
    host?: string;
    flags?: string[];
  } = {},
): Promise<GuardedCommand> {
  const stack = new AsyncDisposableStack();
  const site = stack.use(await Site.make());
  for (const name of ["inbox", "private", "trash"]) {
    const folder = `${site.path}/public/${name}`;
    await Deno.mkdir(folder);
    await Deno.writeTextFile(`${folder}/here.txt`, name);
  }
  await Deno.writeTextFile(`${site.path}/users`, users);
  const command = stack.use(
    await startCommand(["--port=0", host, "--auth=users", ...more], {
      cwd: site.path,
      flags: [...readmeFlags, "--allow-read=users", ...flags],
    }),
  );
  return { site, command, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** What to ask for. */
export interface Asked {
  /** The name of a user. Default: nobody. */
  as?: string;
  method?: string;
  accept?: string;
  body?: BodyInit;
}

/** What came. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** Asks, and follows no redirection. */
export async function askAs(
  { url }: { url: string },
  path: string,
  { as, method, accept = "*/*", body }: Asked = {},
): Promise<Answer> {
  const headers = new Headers({ accept });
  if (as) headers.set("authorization", `Basic ${btoa(`${as}:secret`)}`);
  const response = await fetch(new URL(path, url), {
    method,
    headers,
    body,
    redirect: "manual",
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}
