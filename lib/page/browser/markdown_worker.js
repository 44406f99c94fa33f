// Makes HTML of Markdown, in a thread of its own: a text may be written so that
// this takes forever.
//
// HTML in the text loses here what could never be shown. DOMPurify takes out
// what is dangerous later, but to do so it has to parse it, and the browser
// reports each style and script that it meets then, though it runs none.

// @ts-ignore: it is made by the server, of a package.
import { Marked } from "./marked.js";

/** Elements that a text may have. */
const allowed = new Set(
  "a abbr b blockquote br center code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var"
    .split(" "),
);

/**
 * Elements that HTML opens again in each paragraph after one that does not close
 * them, unless three are alike: without attributes they are.
 */
const reopened = new Set("b code em i s small strong u".split(" "));

/** Elements whose content is no text for a reader. */
const hidden = new Set(
  "iframe math noembed noframes noscript object script style svg template textarea title xmp"
    .split(" "),
);

/** More would hold up the page, which has to parse them. */
const MOST_TAGS = 30_000;

/** The longest tag that is read as one. */
const MOST = 4096;
const tag = /^<(\/?)([a-z][a-z0-9]*)(?=[\s/>])([^<>]*)>/i;
const attribute =
  /\b(align|alt|colspan|height|href|rowspan|src|start|title|width)=(?:"([^"]*)"|'([^']*)'|([^\s"'=`]+))|\b(open)\b/gi;

const marked = new Marked({
  gfm: true,
  /** @type {Record<string, (token: { text: string }) => string>} */
  renderer: { html: ({ text }) => harmless(text) },
});

onmessage = ({ data }) => postMessage(bounded(marked.parse(data)));

/**
 * Undefined if it has too many tags: a few letters may become many, such as the
 * cells of a short row.
 *
 * @param {string} html
 */
function bounded(html) {
  let tags = 0;
  for (let at = -1; (at = html.indexOf("<", at + 1)) >= 0;) {
    if (++tags > MOST_TAGS) return undefined;
  }
  return html;
}

/** @param {string} html */
function harmless(html) {
  const lower = html.toLowerCase();
  let made = "";
  let at = 0;
  for (;;) {
    const from = html.indexOf("<", at);
    if (from < 0) return made + html.slice(at);
    made += html.slice(at, from);
    if (html.startsWith("<!--", from)) {
      at = endOf(html, "-->", from);
      continue;
    }
    const [whole, slash, name = "", rest = ""] =
      tag.exec(html.slice(from, from + MOST)) ?? [];
    at = from + (whole?.length ?? 1);
    const known = name.toLowerCase();
    if (!whole) made += "&lt;";
    else if (hidden.has(known)) {
      if (!slash) at = endOf(lower, ">", endOf(lower, `</${known}`, at));
    } else if (allowed.has(known)) {
      const isPlain = slash || reopened.has(known);
      made += `<${slash}${known}${isPlain ? "" : attributesOf(rest)}>`;
    }
  }
}

/**
 * Where a text has ended, or the end of all.
 *
 * @param {string} html
 * @param {string} end
 * @param {number} from
 */
function endOf(html, end, from) {
  const at = html.indexOf(end, from);
  return at < 0 ? html.length : at + end.length;
}

/** @param {string} text */
function attributesOf(text) {
  return [...text.matchAll(attribute)].map(
    ([, name, double, single, bare, flag]) =>
      flag
        ? ` ${flag}`
        : ` ${name}="${(double ?? single ?? bare).replaceAll('"', "&quot;")}"`,
  ).join("");
}
