/**
 * Makes the page about a server: what it is, what to try, and its limits.
 *
 * @module
 */

import type { Limits, Timeouts } from "../limits.ts";
import { formatSize } from "./browser/format.js";
import { words } from "./browser/words.js";
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
  /** Whether people can log in. */
  hasLogin?: boolean;
  /** Whether anyone may read, and only users write. */
  isPublic?: boolean;
  /** Whether there is an X-ray of the traffic. */
  hasXray: boolean;
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
  const w = words.about;
  return respondWithPage({
    title: w.title(about.version),
    content: markup`<h1>${w.title(about.version)}</h1>
<p>${w.what}</p>
${ways(about)}
${rights(about)}
${limits(about)}
${tryIt(about, origin)}
<section class="panel" aria-labelledby="more">
<h2 id="more">${w.more}</h2>
${about.hasXray && markup`<p>${w.xray} <a href="/xray">${w.openXray}</a></p>`}
<p>${w.help} <code>sluice --help</code></p>
${facts(w.reach, permissions)}
</section>
`,
    script: "about.js",
    styles: ["about.css"],
    here: "/about",
  }, navigation);
}

/** Where the files are. */
function ways({ isUploadOnly, mayList }: About): Markup | false {
  if (isUploadOnly) {
    return markup`<p><a class="button" href="/">${words.about.sendFiles}</a></p>`;
  }
  return mayList &&
    markup`<p><a class="button" href="/">${words.about.seeFiles}</a></p>`;
}

/** Who may do what. */
function rights(about: About): Markup {
  const { mayWrite, mayDelete, isUploadOnly, mayList } = about;
  const w = words.about;
  const reading = isUploadOnly
    ? []
    : mayList
    ? [w.list, w.download]
    : [w.downloadByName];
  const writing = !mayWrite
    ? []
    : isUploadOnly
    ? [w.uploadNew]
    : [w.upload, w.replace, ...mayDelete ? [w.delete] : []];
  const isOpen = about.hasLogin && about.isPublic;
  const who = isOpen ? w.public : about.hasLogin ? w.users : w.anyone;
  const items = [...isOpen ? [] : reading, ...writing]
    .map((each) => markup`<li>${each}</li>\n`);
  const closed = !mayWrite ? w.readOnly : !mayDelete && w.noDelete;
  return markup`<section class="panel" aria-labelledby="rights">
<h2 id="rights">${w.rights}</h2>
<p>${who}</p>
<ul>
${items}</ul>
${closed && markup`<p>${closed}</p>`}
${about.hasLogin && markup`<p>${w.perFolder}</p>`}
</section>`;
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

/** The limits in words, and all of them in figures. */
function limits(about: About): Markup {
  const { limits, timeouts, mayWrite } = about;
  const { clientConnections, clientRate } = limits;
  const w = words.about;
  const said = [
    mayWrite &&
    (Number.isFinite(limits.content)
      ? w.size(formatSize(limits.content))
      : w.noSize),
    mayWrite && !about.isUploadOnly && w.resumed,
    w.pause(inSeconds(Math.min(timeouts.content, timeouts.write))),
    Number.isFinite(limits.connections) && w.connections(limits.connections),
    Number.isFinite(clientConnections) &&
    w.clientConnections(clientConnections),
    Number.isFinite(clientRate) && w.clientRate(clientRate),
  ];
  const items = said.filter((each) => each !== false)
    .map((each) => markup`<li>${each}</li>\n`);
  return markup`<section class="panel" aria-labelledby="limits">
<h2 id="limits">${w.limits}</h2>
<ul>
${items}</ul>
${facts(w.allLimits, limitRows(about))}
</section>`;
}

function tryIt(about: About, origin: string): Markup {
  const w = words.about;
  return markup`<section class="panel" aria-labelledby="try">
<h2 id="try">${w.tryIt}</h2>
<form class="row" action="/echo/hello">
<label for="text"><code>GET /echo/</code></label>
<input type="text" id="text" value="hello" maxlength="2000" autocomplete="off">
<button class="main">${w.send}</button>
</form>
<form class="row" action="/user-agent">
<code>GET /user-agent</code>
<button class="main">${w.send}</button>
</form>
<div id="answer" role="status" hidden></div>
<h3>${w.shell}</h3>
<pre tabindex="0" role="region" aria-label="${w.commands}">${
    commandsToTry(about, origin).join("\n")
  }</pre>
</section>`;
}

/** Names and their meanings, to be opened. */
function facts(title: string, rows: readonly Row[]): Markup {
  const items = rows.map(([name, meaning]) =>
    markup`<div><dt>${name}</dt><dd>${meaning}</dd></div>\n`
  );
  return markup`<details class="facts">
<summary>${title}</summary>
<dl>
${items}</dl>
</details>`;
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
