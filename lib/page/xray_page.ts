/**
 * Makes the page of X-ray, empty: `browser/xray.js` fetches what it shows.
 *
 * @module
 */

import { type NavigationLink, respondWithPage } from "./document.ts";
import { markup } from "./markup.ts";

/** Makes the page. */
export function xrayPage(navigation: readonly NavigationLink[]): Response {
  return respondWithPage({
    title: "X-ray – Sluice",
    content,
    script: "xray.js",
    styles: ["xray.css"],
    here: "/xray",
  }, navigation);
}

const content = markup`<h1>X-ray</h1>
<p>What crosses the wire, octet by octet. Open this server in <a href="/files/" target="_blank">another tab</a>, or ask it with curl: each exchange shows up here.</p>
<p class="danger without-script">X-ray needs JavaScript: it shows what happens at this moment.</p>
<details id="typed" class="panel with-script">
<summary>Type a request</summary>
<form id="send">
<label for="octets">The octets of a request, right or wrong. <code>\\r</code>, <code>\\n</code>, <code>\\t</code>, <code>\\0</code>, <code>\\\\</code> and <code>\\x7f</code> stand for what can't be typed.</label>
<textarea id="octets" rows="7" spellcheck="false" autocapitalize="off">GET /echo/hello HTTP/1.1
Host: localhost

</textarea>
<div class="row">
<label for="line-end">Each line ends with</label>
<select id="line-end"><option value="crlf">CR LF, as it should</option><option value="lf">LF alone</option><option value="cr">CR alone</option><option value="none">nothing</option></select>
<label for="sample">Try</label>
<select id="sample"></select>
<button class="main">Send</button>
</div>
</form>
</details>
<div id="xray" class="with-script">
<section aria-labelledby="exchanges-title">
<div class="row"><h2 id="exchanges-title">Exchanges</h2>
<label class="heard" for="filter">Show those that contain</label>
<input type="search" id="filter" placeholder="Filter" autocomplete="off">
<button type="button" id="pause" aria-pressed="false">Pause</button>
<button type="button" id="clear">Clear</button></div>
<ul id="exchanges" aria-label="Exchanges, the latest first"></ul>
<p id="none" class="muted">None yet.</p>
</section>
<section id="details" aria-label="The chosen exchange" tabindex="-1"><p class="muted">Choose an exchange to see its octets.</p></section>
</div>
<p id="status" role="status"></p>
`;
