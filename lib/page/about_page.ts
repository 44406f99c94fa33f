/**
 * Makes the page about a server: what it is, what to try, and its limits.
 *
 * @module
 */

import type { Limits, Timeouts } from "../limits.ts";
import { formatSize } from "./browser/format.js";
import { type Navigation, respondWithPage } from "./document.ts";
import { type Markup, markup } from "./markup.ts";

/** A name and its meaning. */
export type Row = readonly [name: string, meaning: string];

/** The content of the page about the server. */
export interface About {
  version: string;
  mayWrite: boolean;
  mayDelete: boolean;
  /** Whether clients may bring new files and do nothing else. */
  isUploadOnly: boolean;
  /** Whether a directory is answered with its list. */
  mayList: boolean;
  /** The limits in force. */
  limits: Limits;
  /** The timeouts in force. */
  timeouts: Timeouts;
  /** What Deno permits the server to do now. */
  permissions: () => Promise<readonly Row[]>;
}

/** Makes the page about the server. */
export async function aboutPage(
  about: About,
  origin: string,
  navigation: Navigation,
): Promise<Response> {
  const permissions = await about.permissions();
  return respondWithPage({
    title: "Sluice",
    content: markup`<h1>Sluice ${about.version}</h1>
<p>An HTTP/1.1 server, written from the socket up for Deno. It ${
      purposeOf(about)
    }</p>
${tryIt(about, origin)}
${facts("Limits in force", limitRows(about))}
${facts("Permissions in force", permissions)}
`,
    script: "about.js",
    styles: ["about.css"],
    here: "/about",
  }, navigation);
}

function purposeOf({ mayWrite, isUploadOnly, mayList }: About): Markup {
  if (isUploadOnly) {
    return markup`receives files, and shows none: <a href="/">send some</a>.`;
  }
  const list = mayList
    ? markup`<a href="/">see them</a>`
    : "each by its name, without lists";
  const receiving = mayWrite ? ", and receives files." : ". It is read-only.";
  return markup`serves the files of one directory: ${list}${receiving}`;
}

/** Commands for a shell. */
export function commandsToTry(about: About, origin: string): string[] {
  const { mayWrite, mayDelete, isUploadOnly, mayList } = about;
  const mayRead = !isUploadOnly;
  return [
    `curl ${origin}/echo/hello`,
    `curl ${origin}/user-agent`,
    ...mayRead && mayList
      ? [`curl -H 'Accept: text/plain' ${origin}/files/`]
      : [],
    ...mayRead ? [`curl -O ${origin}/files/NAME`] : [],
    ...mayWrite ? [`curl -T NAME ${origin}/files/`] : [],
    ...mayWrite && mayDelete ? [`curl -X DELETE ${origin}/files/NAME`] : [],
  ];
}

function tryIt(about: About, origin: string): Markup {
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
    commandsToTry(about, origin).join("\n")
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

function limitRows({ limits, timeouts }: About): Row[] {
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
