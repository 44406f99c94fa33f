/**
 * Makes the home page of a server: what it is, what to try, and its limits.
 *
 * @module
 */

import type { Limits, Timeouts } from "../limits.ts";
import { formatSize } from "./browser/format.js";
import { type NavigationLink, respondWithPage } from "./document.ts";
import { type Markup, markup } from "./markup.ts";

/** A name and its meaning. */
export type Row = readonly [name: string, meaning: string];

/** The content of the home page. */
export interface Home {
  version: string;
  mayWrite: boolean;
  mayDelete: boolean;
  /** The limits in force. */
  limits: Limits;
  /** The timeouts in force. */
  timeouts: Timeouts;
  /** What Deno permits the server to do now. */
  permissions: () => Promise<readonly Row[]>;
}

/** Makes the home page. */
export async function homePage(
  home: Home,
  origin: string,
  navigation: readonly NavigationLink[],
): Promise<Response> {
  const permissions = await home.permissions();
  const purpose = home.mayWrite
    ? markup`, and receives files: <a href="/files/">browse the files, or drop some there</a>.`
    : markup`: <a href="/files/">browse the files</a>. It is read-only.`;
  return respondWithPage({
    title: "Sluice",
    content: markup`<h1>Sluice ${home.version}</h1>
<p>An HTTP/1.1 server, written from the socket up for Deno. It serves the files of one directory${purpose}</p>
${tryIt(home, origin)}
${facts("Limits in force", limitRows(home))}
${facts("Permissions in force", permissions)}
`,
    script: "home.js",
    styles: ["home.css"],
    here: "/",
  }, navigation);
}

function tryIt({ mayWrite, mayDelete }: Home, origin: string): Markup {
  const commands = [
    `curl ${origin}/echo/hello`,
    `curl ${origin}/user-agent`,
    `curl ${origin}/files/`,
    `curl -O ${origin}/files/NAME`,
    ...mayWrite ? [`curl -T NAME ${origin}/files/`] : [],
    ...mayWrite && mayDelete ? [`curl -X DELETE ${origin}/files/NAME`] : [],
  ];
  return markup`<section class="panel" aria-labelledby="try">
<h2 id="try">Try it</h2>
<form class="row" action="/echo/hello">
<label for="text"><code>GET /echo/</code></label>
<input type="text" id="text" value="hello" maxlength="2000" autocomplete="off">
<button class="main">Send</button>
</form>
<form class="row" action="/user-agent">
<code>GET /user-agent</code>
<button class="main">Send</button>
</form>
<div id="answer" role="status" hidden></div>
<h3>From a shell</h3>
<pre tabindex="0" role="region" aria-label="Commands to try">${
    commands.join("\n")
  }</pre>
</section>`;
}

function facts(title: string, rows: readonly Row[]): Markup {
  const id = title.split(" ")[0].toLowerCase();
  const items = rows.map(([name, meaning]) =>
    markup`<div><dt>${name}</dt><dd>${meaning}</dd></div>\n`
  );
  return markup`<section class="panel" aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
<dl class="facts">
${items}</dl>
</section>`;
}

function limitRows({ limits, timeouts }: Home): Row[] {
  return [
    ["Request line", formatSize(limits.requestLine)],
    [
      "Header section",
      `${formatSize(limits.fieldSection)}, ${limits.fieldCount} fields`,
    ],
    ["Request content", formatSize(limits.content)],
    ["Connections", `${limits.connections} at once`],
    ...clientRows(limits),
    ["Idle between requests", inSeconds(timeouts.idle)],
    ["Request head", inSeconds(timeouts.head)],
    ["Each wait for content", inSeconds(timeouts.content)],
    ["Minimum rate", `${timeouts.rate} octets a second, after 10 s`],
    ["Each wait for the client to read", inSeconds(timeouts.write)],
    ["Shutdown", inSeconds(timeouts.shutdown)],
  ];
}

/** What one client may take, where that is limited. */
function clientRows({ clientConnections, clientRate }: Limits): Row[] {
  const rows: Row[] = [
    ["Connections of one client", `${clientConnections} at once`],
    ["Requests of one client", `${clientRate} a second`],
  ];
  return rows.filter((_, at) => [clientConnections, clientRate][at] < Infinity);
}

function inSeconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`;
}
