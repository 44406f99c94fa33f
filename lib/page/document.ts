/**
 * Makes a whole page of its content, with the same frame and the same strict
 * rules for each.
 *
 * @module
 */

import { type Markup, markup } from "./markup.ts";

/** What a page consists of. */
export interface Page {
  title: string;
  /** What stands in its `<main>`. */
  content: Markup;
  /** The module of `browser/` that it runs, such as `files.js`. */
  script?: string;
  /** Style sheets of `browser/` beside `style.css`. */
  styles?: string[];
  /** Which of the links at its head leads here. */
  here?: string;
  status?: number;
  headers?: HeadersInit;
}

/** A link at the head of each page. */
export interface NavigationLink {
  href: string;
  name: string;
}

/** Makes the response with a page. */
export function respondWithPage(
  page: Page,
  navigation: readonly NavigationLink[],
): Response {
  const nonce = crypto.randomUUID();
  const headers = new Headers(page.headers);
  headers.set("cache-control", "no-cache");
  headers.set("content-security-policy", securityPolicy(nonce));
  headers.set("content-type", "text/html; charset=utf-8");
  headers.set("cross-origin-resource-policy", "same-origin");
  headers.set("referrer-policy", "same-origin");
  headers.set("x-content-type-options", "nosniff");
  const text = String(documentOf(page, navigation, nonce));
  return new Response(text, { status: page.status, headers });
}

/**
 * Nothing but what comes from here, and no script but the page's own: a file
 * that somebody uploaded lies under the same origin, but has no nonce.
 */
function securityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'self'",
    // The icons stand in the style sheet.
    "img-src 'self' data:",
    "media-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function documentOf(
  { title, content, script, styles = [], here }: Page,
  navigation: readonly NavigationLink[],
  nonce: string,
): Markup {
  const links = navigation.map(({ href, name }) => {
    const current = href === here && markup` aria-current="page"`;
    return markup`<a href="${href}"${current}>${name}</a>`;
  });
  const sheets = ["style.css", ...styles].map((name) =>
    markup`<link rel="stylesheet" href="/page/${name}">\n`
  );
  const module = script &&
    markup`<script type="module" nonce="${nonce}" src="/page/${script}"></script>\n`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" type="image/svg+xml" href="/page/icon.svg">
${sheets}${module}</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<nav aria-label="Pages"><a class="brand" href="/">Sluice</a>${links}</nav>
</header>
<main id="content" tabindex="-1">
${content}</main>
</body>
</html>
`;
}
