/**
 * Makes a whole page from its content. Every page has the same frame and the
 * same strict security policy.
 *
 * @module
 */

import { modulesOf } from "./assets.ts";
import { type Markup, markup } from "./markup.ts";

/** The parts of a page. */
export interface Page {
  title: string;
  /** The content of its `<main>`. */
  content: Markup;
  /** The module of `browser/` that it runs, such as `files.js`. */
  script?: string;
  /** Whether its script starts others in threads of their own. */
  hasWorkers?: boolean;
  /** Style sheets of `browser/` in addition to `style.css`. */
  styles?: string[];
  /** The link at its head that leads to this page. */
  here?: string;
  /** A path for its relative links that is not its own. */
  base?: { of: string; is: string };
  status?: number;
  headers?: HeadersInit;
}

/** A link at the head of every page. */
export interface NavigationLink {
  href: string;
  name: string;
}

/** What leads from each page to the others. */
export interface Navigation {
  /** The path before those of all links; empty at the top of a server. */
  prefix: string;
  links: readonly NavigationLink[];
  /** Who has logged in; styled by `who.css`. */
  who?: Markup;
}

/** Makes a response with a page. */
export function respondWithPage(
  page: Page,
  navigation: Navigation,
): Response {
  const nonce = crypto.randomUUID();
  const headers = new Headers(page.headers);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-cache");
  headers.set("content-security-policy", securityPolicy(nonce, page));
  headers.set("content-type", "text/html; charset=utf-8");
  headers.set("cross-origin-resource-policy", "same-origin");
  headers.set("referrer-policy", "same-origin");
  headers.set("x-content-type-options", "nosniff");
  const text = String(documentOf(page, navigation, nonce));
  return new Response(below(navigation.prefix, text), {
    status: page.status,
    headers,
  });
}

/**
 * Puts a path before those of all links. A name of a file cannot be taken for
 * one: in it `"` is escaped.
 */
function below(prefix: string, page: string): string {
  return page.replaceAll(/ (?:href|src|action)="(?=\/)/g, `$&${prefix}`);
}

/**
 * Allows only resources from this server, and only the page's own script: an
 * uploaded file has the same origin, but no nonce.
 */
function securityPolicy(
  nonce: string,
  { base, hasWorkers }: Pick<Page, "base" | "hasWorkers">,
): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'self'",
    // The code of a link has no URL.
    "img-src 'self' data:",
    "media-src 'self'",
    "connect-src 'self'",
    // A policy has no nonces for these; only the page's own script starts one.
    ...hasWorkers ? ["worker-src 'self'"] : [],
    "form-action 'self'",
    `base-uri ${base ? "'self'" : "'none'"}`,
    "frame-ancestors 'none'",
  ].join("; ");
}

function documentOf(
  { title, content, script, styles = [], here, base }: Page,
  { links: others, who }: Navigation,
  nonce: string,
): Markup {
  const links = others.map(({ href, name }) => {
    const current = href === here && markup` aria-current="page"`;
    return markup`<a href="${href}"${current}>${name}</a>`;
  });
  const sheets = ["style.css", ...who ? ["who.css"] : [], ...styles].map((
    name,
  ) => markup`<link rel="stylesheet" href="/page/${name}">\n`);
  const module = script &&
    markup`<script type="module" nonce="${nonce}" src="/page/${script}"></script>\n`;
  // One leads to the next; a browser that knows all asks for all at once. They
  // stand last and may wait, as the page shows without them.
  const preloads = (script ? modulesOf(script) : []).map((name) =>
    markup`<link rel="modulepreload" nonce="${nonce}" fetchpriority="low" href="/page/${name}">\n`
  );
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
${base && markup`<base href="${base.is}">\n`}<title>${title}</title>
<link rel="icon" type="image/svg+xml" href="/page/icon.svg">
${sheets}${module}</head>
<body>
<a class="skip" href="${base?.of}#content">Skip to the content</a>
<header class="top">
<nav aria-label="Pages"><a class="brand" href="/">Sluice</a>${links}${who}</nav>
</header>
<main id="content" tabindex="-1">
${content}</main>
${preloads}</body>
</html>
`;
}
