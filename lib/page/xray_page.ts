/**
 * Makes the page of X-ray without content: `browser/xray.js` fetches what it
 * shows.
 *
 * @module
 */

import { type Navigation, respondWithPage } from "./document.ts";
import { words } from "./browser/words.js";
import { markup } from "./markup.ts";

/** Makes the page, with a place for lessons if there are any. */
export function xrayPage(
  navigation: Navigation,
  { hasLessons = false } = {},
): Response {
  return respondWithPage({
    title: `${hasLessons ? words.lessons.title : "X-ray"} – Sluice`,
    content: contentOf(hasLessons),
    script: "xray.js",
    styles: ["xray.css", ...hasLessons ? ["lessons.css"] : []],
    here: "/xray",
  }, navigation);
}

/** `lessons.js` fills its section, and is loaded only if there is one. */
const contentOf = (hasLessons: boolean) =>
  markup`${
    hasLessons ? lessonsHead : head
  }<p class="danger without-script">X-ray needs JavaScript to show exchanges live.</p>
${hasLessons && lessons}<details id="typed" class="panel with-script">
<summary>Type a request</summary>
<form id="send">
<label for="octets">The octets of a request, right or wrong. <code>\\r</code>, <code>\\n</code>, <code>\\t</code>, <code>\\0</code>, <code>\\\\</code> and <code>\\x7f</code> stand for octets that you cannot type. <code>\\w</code> waits for an answer before the rest is sent.</label>
<textarea id="octets" rows="7" spellcheck="false" autocapitalize="off">GET /echo/hello HTTP/1.1
Host: localhost

</textarea>
<div class="row">
<label for="line-end">Each line ends with</label>
<select id="line-end"><option value="crlf">CR LF, the standard</option><option value="lf">LF only</option><option value="cr">CR only</option><option value="none">nothing</option></select>
<label for="sample">Try</label>
<select id="sample"></select>
<button class="main">Send</button>
</div>
</form>
</details>
<div id="xray" class="with-script">
<section aria-labelledby="exchanges-title">
<div class="row"><h2 id="exchanges-title">Exchanges</h2>
<label class="heard" for="filter">Filter exchanges</label>
<input type="search" id="filter" placeholder="Filter" autocomplete="off">
<button type="button" id="pause" aria-pressed="false">Pause</button>
<button type="button" id="clear">Clear</button></div>
<ul id="exchanges" aria-label="Exchanges, latest first"></ul>
<p id="none" class="muted">None yet.</p>
</section>
<section id="details" aria-label="Selected exchange" tabindex="-1"><p class="muted">Select an exchange to see its octets.</p></section>
</div>
<p id="status" role="status"></p>
`;

const lessons =
  markup`<section id="lessons" class="with-script" aria-label="Lessons"></section>
`;

const head = markup`<h1>X-ray</h1>
<p>Everything that crosses the wire, octet by octet. Open this server in <a href="/files/" target="_blank">another tab</a>, or send it a request with curl: each exchange appears here.</p>
`;

const lessonsHead = markup`<h1>${words.lessons.title}</h1>
<p>${words.lessons.intro}</p>
`;
