// Renders Markdown: `marked` makes HTML of it in a thread that can be stopped,
// and DOMPurify takes out what is not text. What is left can show pictures of
// this server and link to pages of the web, and nothing else. The policy of the
// page would refuse the rest as well.

import { element } from "./dialogs.js";
import { useStyle } from "./styles.js";
import { words } from "./words.js";

/** Milliseconds after which a text is shown as it is. */
const PATIENCE = 4000;

const tags =
  "a abbr b blockquote br center code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var"
    .split(" ");
const attributes =
  "align alt checked colspan height href open rowspan src start title type width"
    .split(" ");

/**
 * @param {string} text
 * @param {string} base what its links are relative to
 * @returns {Promise<HTMLElement>} rejected if that takes too long, or makes too
 * much
 */
export async function renderMarkdown(text, base) {
  const [html] = await Promise.all([
    htmlOf(text),
    // @ts-ignore: it is made by the server, of a package.
    import("./purify.js"),
    useStyle("markdown.css"),
  ]);
  // @ts-ignore: its module only defines this.
  const { DOMPurify } = globalThis;
  /** @type {DocumentFragment} */
  const content = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: attributes,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
  // Nothing is loaded before it is part of this document.
  for (const box of content.querySelectorAll("input")) asText(box);
  for (const image of content.querySelectorAll("img")) {
    confineImage(image, base);
  }
  for (const link of content.querySelectorAll("a")) confineLink(link, base);
  for (const code of content.querySelectorAll("pre")) code.tabIndex = 0;
  const article = element("article", { class: "markdown", dir: "auto" });
  article.append(content);
  lowerHeadings(article);
  article.addEventListener("click", (event) => followInside(article, event));
  return article;
}

/**
 * @param {string} text
 * @returns {Promise<string>}
 */
async function htmlOf(text) {
  const url = new URL("markdown_worker.js", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error("It took too long")), PATIENCE);
      worker.onmessage = ({ data }) =>
        data === undefined
          ? reject(new Error("It becomes too much"))
          : resolve(data);
      worker.onerror = () => reject(new Error("It cannot be rendered"));
      worker.postMessage(text);
    });
  } finally {
    worker.terminate();
  }
}

/** A box of a list of tasks. @param {HTMLInputElement} box */
function asText(box) {
  const isTask = box.getAttribute("type") === "checkbox";
  box.replaceWith(isTask ? box.hasAttribute("checked") ? "☑" : "☐" : "");
}

/**
 * The URL of a link or a picture, if it is one of the web.
 *
 * @param {string | null} href
 * @param {string} base
 */
function webUrl(href, base) {
  if (!href || !URL.canParse(href, base)) return undefined;
  const url = new URL(href, base);
  return /^https?:$/.test(url.protocol) ? url : undefined;
}

/** @param {HTMLImageElement} image @param {string} base */
function confineImage(image, base) {
  const url = webUrl(image.getAttribute("src"), base);
  const alt = image.getAttribute("alt") || words.preview.picture;
  if (!url) return image.replaceWith(alt);
  if (url.origin === location.origin) {
    image.setAttribute("src", url.href);
    image.setAttribute("alt", alt);
    image.setAttribute("loading", "lazy");
    return;
  }
  // Loading it would tell another server who reads this.
  const title = words.preview.pictureElsewhere(url.host);
  image.replaceWith(
    image.closest("a")
      ? alt
      : element("a", { href: url.href, title }, `${alt} ↗`),
  );
}

/** @param {HTMLAnchorElement} link @param {string} base */
function confineLink(link, base) {
  const href = link.getAttribute("href");
  if (href?.startsWith("#")) return;
  const url = webUrl(href, base);
  if (!url) return link.removeAttribute("href");
  link.setAttribute("href", url.href);
  if (url.origin === location.origin) return;
  link.setAttribute("target", "_blank");
  link.setAttribute("rel", "noopener noreferrer");
}

/** The page has headings above those of the text. @param {HTMLElement} article */
function lowerHeadings(article) {
  for (const heading of article.querySelectorAll("h1, h2, h3, h4, h5")) {
    const level = Number(heading.localName[1]);
    const tag = /** @type {"h3"} */ (`h${level + 1}`);
    heading.replaceWith(
      element(tag, { class: `level-${level}` }, ...heading.childNodes),
    );
  }
}

/**
 * Follows a link to a heading. Headings get no `id`: the page has its own.
 *
 * @param {HTMLElement} article
 * @param {MouseEvent} event
 */
function followInside(article, event) {
  const { target } = event;
  const link = target instanceof Element ? target.closest("a") : null;
  const href = link?.getAttribute("href");
  if (!href?.startsWith("#")) return;
  event.preventDefault();
  const wanted = href.slice(1).toLowerCase();
  for (const heading of article.querySelectorAll("h2, h3, h4, h5, h6")) {
    if (slugOf(heading.textContent ?? "") !== wanted) continue;
    heading.scrollIntoView({ block: "start" });
    return;
  }
}

/** @param {string} text such as `How it works` */
function slugOf(text) {
  return encodeURIComponent(
    text.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-"),
  ).toLowerCase();
}
