/**
 * Makes the page of X-ray without content: `browser/xray.js` fetches what it
 * shows.
 *
 * @module
 */

import { type Navigation, respondWithPage } from "./document.ts";
import { words } from "./browser/words.js";
import { markup } from "./markup.ts";

const { page, details, composer, list } = words.xray;

/** Makes the page, with a place for lessons if there are any. */
export function xrayPage(
  navigation: Navigation,
  { hasLessons = false } = {},
): Response {
  return respondWithPage({
    title: `${hasLessons ? words.lessons.title : page.title} – Sluice`,
    content: contentOf(hasLessons),
    script: "xray.js",
    styles: [
      "xray.css",
      "xray_tools.css",
      ...hasLessons ? ["lessons.css"] : [],
    ],
    here: "/xray",
  }, navigation);
}

/** `lessons.js` fills its section, and is loaded only if there is one. */
const contentOf = (hasLessons: boolean) =>
  markup`${
    hasLessons ? lessonsHead : head
  }<p class="danger without-script">${page.needsScript}</p>
${hasLessons && lessons}<div id="xray" class="with-script">
<div class="sending">
${typing}${exchanges}</div>
<section id="details" aria-label="${page.selected}" tabindex="-1"><p class="muted">${details.choose}</p></section>
</div>
<p id="status" role="status"></p>
`;

const lessons =
  markup`<section id="lessons" class="with-script" aria-label="Lessons"></section>
`;

const head = markup`<h1>${page.title}</h1>
<p>${page.intro} <a href="/files/" target="_blank">${page.open}</a></p>
`;

const lessonsHead = markup`<h1>${words.lessons.title}</h1>
<p>${words.lessons.intro}</p>
`;

const optionsOf = (choices: Record<string, string>) =>
  Object.entries(choices).map(([value, name]) =>
    markup`<option value="${value}">${name}</option>`
  );

const typing =
  markup`<section id="typed" class="panel" aria-labelledby="typed-title">
<form id="send">
<div class="row"><h2 id="typed-title"><label for="octets">${composer.title}</label></h2>
<select id="sample" aria-label="${composer.start}"></select></div>
<textarea id="octets" rows="7" spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby="octets-error notation">GET /echo/hello HTTP/1.1
Host: localhost

</textarea>
<p id="octets-error" class="danger" role="alert"></p>
<div class="row"><button class="main" aria-keyshortcuts="Control+Enter">${composer.send}</button>
<button type="button" id="clear-octets" aria-keyshortcuts="Escape" title="Esc">${composer.clear}</button>
<p id="sent" class="muted" role="status"><span class="with-keys"><kbd>Ctrl</kbd> <kbd>Enter</kbd> ${composer.sends}</span></p></div>
<details class="more">
<summary>${composer.more}</summary>
<div class="choices"><label for="line-end">${composer.lineEnd}</label>
<select id="line-end">${optionsOf(composer.lineEnds)}</select>
<label for="last">${composer.last}</label>
<select id="last">${optionsOf(composer.ends)}</select></div>
<p id="notation">${composer.notation} <code>\\r</code> <code>\\n</code> <code>\\t</code> <code>\\0</code> <code>\\\\</code> <code>\\x7f</code>. <code>\\w</code> ${composer.wait}</p>
</details>
</form>
</section>
`;

const exchanges = markup`<section aria-labelledby="exchanges-title">
<div class="row"><h2 id="exchanges-title">${list.title}</h2>
<input type="search" id="filter" placeholder="${list.filter}" aria-label="${list.filterLabel}" autocomplete="off">
<button type="button" id="pause" aria-pressed="false">${list.pause}</button>
<button type="button" id="clear">${list.clear}</button></div>
<ul id="exchanges" aria-label="${list.label}"></ul>
<p id="none" class="muted">${list.none}</p>
</section>
`;
