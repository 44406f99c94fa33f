/**
 * Makes the page of a directory. Browsing, downloading and sending a form work
 * without a script. `browser/files.js` adds the rest.
 *
 * @module
 */

import type { Listed, Listing } from "../listing.ts";
import { formatSize, hrefOf, kindOf, timeFormat } from "./browser/format.js";
import { type Navigation, respondWithPage } from "./document.ts";
import { type Markup, markup } from "./markup.ts";

/** What the reader of a page may do with the files. */
export interface Rights {
  mayWrite: boolean;
  mayDelete: boolean;
  /** The maximum size of a file in octets. */
  maxSize: number;
}

/** Makes the page of a list. */
export function listingPage(
  listing: Listing,
  rights: Rights,
  { navigation, share }: {
    navigation: Navigation;
    /** How to find this server, on the page of its top. */
    share?: Markup;
  },
): Response {
  const { prefix } = navigation;
  const isFirst = listing.path === `${prefix}/`;
  const shown = isFirst ? { ...listing, path: prefix + ROOT } : listing;
  return respondWithPage({
    title: `${shown.path} – Sluice`,
    content: contentOf(shown, rights, { root: prefix + ROOT, share }),
    script: "files.js",
    styles: ["files.css"],
    here: "/",
    // The links of the page are relative.
    base: isFirst ? { of: "/", is: ROOT } : undefined,
  }, navigation);
}

/** Where the served directory is; `/` shows the same. */
const ROOT = "/files/";

function contentOf(
  listing: Listing,
  rights: Rights,
  { root, share }: { root: string; share?: Markup },
): Markup {
  return markup`<h1>${crumbs(listing.path)}</h1>
${toolbar(listing, rights)}
${share}<section id="uploads" class="panel" aria-label="Uploads" hidden></section>
${table(listing, rights)}
${afterwards(listing, root)}
${pager(listing)}
<p id="status" role="status"></p>
`;
}

/** The path of the directory: each directory on the way is a link. */
function crumbs(path: string): Markup {
  const names = path.split("/").slice(1, -1);
  const links = names.map((name, at) => {
    const above = names.length - 1 - at;
    const href = "../".repeat(above) || "./";
    const current = above === 0 && markup` aria-current="page"`;
    return markup`<a href="${href}"${current}>${name}</a><span aria-hidden="true">/</span>`;
  });
  return markup`<span class="crumbs">${links}</span>`;
}

function toolbar(listing: Listing, { mayWrite }: Rights): Markup {
  const { filter, sort, order, total } = listing;
  const readOnly =
    markup`<p class="muted">Read-only: files can be downloaded, not uploaded.</p>`;
  return markup`<div class="toolbar">
<form class="row" role="search">
<label class="heard" for="filter">Show names that contain</label>
<input type="search" id="filter" name="filter" value="${filter}" placeholder="Filter" autocomplete="off" maxlength="255">
<input type="hidden" name="sort" value="${sort}"><input type="hidden" name="order" value="${order}">
<button class="without-script">Filter</button>
<button type="button" id="keys" class="with-script" aria-label="Keyboard shortcuts" title="Keyboard shortcuts">?</button>
</form>
${belowForms(listing)}
<p id="count" class="muted">${total.toLocaleString("en")} ${
    total === 1 ? "entry" : "entries"
  }</p>
${mayWrite ? uploadControls() : readOnly}
</div>`;
}

/**
 * What is done with all that is below. Forms and not links: a program that
 * mirrors the list follows links, and would get everything once more.
 */
function belowForms({ total }: Listing): Markup | false {
  return total > 0 && markup`<form class="row" action="./">
<label class="heard" for="search">Search all folders below</label>
<input type="search" id="search" name="search" placeholder="Search below" autocomplete="off" maxlength="255" required>
<button>Search</button>
</form>
<form class="row" action="./">
<button name="zip">Download as zip</button>
</form>`;
}

/** Buttons for browsers with scripts, and a plain form for those without. */
function uploadControls(): Markup {
  return markup`<div class="row with-script">
<button type="button" class="main" id="pick">Upload files</button>
<button type="button" id="pick-folder">Upload a folder</button>
<button type="button" id="make-folder">New folder</button>
<input type="file" id="pick-input" aria-label="Files to upload" multiple hidden>
<input type="file" id="pick-folder-input" aria-label="Folder to upload" webkitdirectory hidden>
</div>
<form class="row without-script" method="post" enctype="multipart/form-data" action="./?existing=keep">
<label>Files to upload <input type="file" name="file" multiple required></label>
<button class="main">Upload</button>
<button formaction="./">Upload and replace</button>
</form>`;
}

function table(listing: Listing, rights: Rights): Markup {
  const { path, entries, total, offset } = listing;
  const { mayWrite, mayDelete, maxSize } = rights;
  const size = Number.isFinite(maxSize) && maxSize;
  return markup`<table id="files" data-total="${total}" data-may-write="${
    mayWrite && "yes"
  }" data-may-delete="${
    mayDelete && "yes"
  }" data-max-size="${size}" aria-rowcount="${total + 1}">
<caption class="heard">Contents of ${path}</caption>
<thead><tr aria-rowindex="1">
${heading(listing, "name", "Name")}
${heading(listing, "size", "Size")}
${heading(listing, "modified", "Modified")}
<th class="actions" scope="col"><span class="heard">Actions</span></th>
</tr></thead>
<tbody>
${entries.map((entry, at) => row(entry, offset + at + 2))}</tbody>
</table>`;
}

function heading(
  { sort, order, filter }: Listing,
  key: Listing["sort"],
  name: string,
): Markup {
  const isSorted = sort === key;
  const next = isSorted && order === "asc" ? "desc" : "asc";
  const query = new URLSearchParams({ sort: key, order: next, filter });
  const sorted = isSorted &&
    markup` aria-sort="${order === "asc" ? "ascending" : "descending"}"`;
  return markup`<th class="${key}" scope="col"${sorted}><a href="?${`${query}`}" data-sort="${key}">${name}</a></th>`;
}

/** The user's time zone is unknown here; a script shows local time. */
const formatTime = timeFormat("UTC");

function row(entry: Listed, index: number): Markup {
  const { name, type, size, modified } = entry;
  const href = hrefOf(entry);
  const time = modified && markup` datetime="${modified}"`;
  const download = type === "file" &&
    markup`<a class="action download" href="${href}?download" aria-label="Download ${name}" title="Download"></a>`;
  return markup`<tr aria-rowindex="${index}" data-name="${name}" data-type="${type}" data-size="${size}" data-modified="${modified}">
<td class="name"><a href="${href}" class="icon ${
    kindOf(entry)
  }" title="${name}">${name}</a></td>
<td class="size">${formatSize(size)}</td>
<td class="modified"><time${time}>${formatTime(modified)}</time></td>
<td class="actions">${download}</td>
</tr>
`;
}

function afterwards({ path, filter, total }: Listing, root: string): Markup {
  const isRoot = path === root;
  const up = !isRoot &&
    markup`<p><a href="../" id="up">Up to the parent directory</a></p>`;
  return markup`<p id="nothing" class="muted"${total > 0 && markup` hidden`}>${
    filter ? "No names here match." : "This directory is empty."
  }</p>${up}`;
}

/** Links to the parts of a list that does not fit on one page. */
function pager(listing: Listing): Markup | undefined {
  const { offset, limit, total } = listing;
  if (offset === 0 && limit >= total) return undefined;
  const before = offset > 0 &&
    pageLink(listing, Math.max(0, offset - limit), "Previous page");
  const after = offset + limit < total &&
    pageLink(listing, offset + limit, "Next page");
  return markup`<nav class="row without-script" aria-label="Parts of the list">${before} ${after}</nav>`;
}

function pageLink(
  { sort, order, filter, limit }: Listing,
  offset: number,
  name: string,
): Markup {
  const query = new URLSearchParams({
    sort,
    order,
    filter,
    offset: `${offset}`,
    limit: `${limit}`,
  });
  return markup`<a class="button" href="?${`${query}`}">${name}</a>`;
}
