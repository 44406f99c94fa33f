/**
 * Makes the page of a directory. Browsing, downloading and sending a form work
 * without a script. `browser/files.js` adds the rest.
 *
 * @module
 */

import type { Listed, Listing } from "../listing.ts";
import { formatSize, hrefOf, kindOf, timeFormat } from "./browser/format.js";
import { words } from "./browser/words.js";
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
    hasWorkers: true,
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
  // Scripts fill `view-switch`, `readme`, `uploads` and `drop-layer`.
  return markup`<div class="head">
${up(listing, root)}<h1>${crumbs(listing)}</h1>
</div>
<div id="bar">
${toolbar(listing, rights)}
<div id="selection-bar" class="with-script" role="region" aria-label="${words.list.selection}" hidden></div>
</div>
${share}
<section id="found" aria-label="${words.list.results}" hidden></section>
<section id="entries" aria-label="${words.list.root}">
${table(listing, rights, root)}
${nothing(listing, rights)}
</section>
${pager(listing)}
<section id="readme" hidden></section>
<section id="uploads" class="panel" aria-label="${words.upload.panel}" hidden></section>
<div id="drop-layer" hidden></div>
<p id="status" role="status"></p>
`;
}

/** The path of the directory: each directory on the way is a link. */
function crumbs(listing: Listing): Markup {
  const names = listing.path.split("/").slice(1, -1);
  const links = names.map((name, at) => {
    const above = names.length - 1 - at;
    const href = `${"../".repeat(above) || "./"}${orderQuery(listing)}`;
    const current = above === 0 && markup` aria-current="page"`;
    return markup`<a href="${href}"${current}>${name}</a><span aria-hidden="true">/</span>`;
  });
  return markup`<span class="crumbs">${links}</span>`;
}

/** The order of a list, for the links to others; nothing if it is the usual. */
function orderQuery({ sort, order }: Listing): string {
  if (sort === "name" && order === "asc") return "";
  return `?${new URLSearchParams({ sort, order })}`;
}

function toolbar(listing: Listing, { mayWrite }: Rights): Markup {
  const { filter, sort, order, total } = listing;
  const w = words.list;
  const readOnly = !mayWrite &&
    markup`<p class="muted read-only">${w.readOnly}</p>`;
  return markup`<div id="toolbar" class="toolbar">
<form class="find" role="search">
<label class="heard" for="filter">${w.filterLabel}</label>
<input type="search" id="filter" name="filter" value="${filter}" placeholder="${w.filter}" autocomplete="off" maxlength="255">
<input type="hidden" name="sort" value="${sort}"><input type="hidden" name="order" value="${order}">
<button class="without-script">${w.filter}</button>
<button type="button" id="search-below" class="with-script quiet icon search" title="${w.searchBelow}"><span>${w.searchBelow}</span></button>
</form>
${belowForms(listing)}
<p id="count" class="muted">${w.entries(total)}</p>
<div class="tools with-script">
<button type="button" id="sort-menu" class="quiet icon sort" aria-haspopup="menu" aria-expanded="false"></button>
<span class="view-switch" role="group" aria-label="${words.preview.view}">${
    viewButton("list", true)
  }${viewButton("grid")}</span>
<button type="button" id="folder-menu" class="quiet icon more" aria-haspopup="menu" aria-expanded="false" aria-label="${words.common.more}" title="${words.common.more}"></button>
</div>
${mayWrite && uploadControls()}
</div>
${readOnly}`;
}

function viewButton(view: "list" | "grid", isPressed = false): Markup {
  const label = words.preview.views[view];
  return markup`<button type="button" class="quiet icon view-${view}" data-view="${view}" aria-pressed="${`${isPressed}`}" aria-label="${label}" title="${label}"></button>`;
}

/**
 * What is done with all that is below. Forms and not links: a program that
 * mirrors the list follows links, and would get everything once more.
 */
function belowForms({ total }: Listing): Markup | false {
  const w = words.list;
  return total > 0 &&
    markup`<form class="row without-script" action="./">
<label class="heard" for="search">${w.searchLabel}</label>
<input type="search" id="search" name="search" placeholder="${w.searchBelow}" autocomplete="off" maxlength="255" required>
<button>${w.search}</button>
</form>
<form id="zip-form" class="row without-script" action="./">
<button name="zip">${words.actions.downloadZip}</button>
</form>`;
}

/** Buttons for browsers with scripts, and a plain form for those without. */
function uploadControls(): Markup {
  const w = words.upload;
  return markup`<div class="split with-script">
<button type="button" class="main icon upload" id="pick">${w.files}</button>
<button type="button" class="main icon expand" id="upload-menu" aria-haspopup="menu" aria-expanded="false" aria-label="${w.more}" title="${w.more}"><span>${w.upload}</span></button>
<input type="file" id="pick-input" aria-label="${w.chooseFiles}" multiple hidden>
<input type="file" id="pick-folder-input" aria-label="${w.chooseFolder}" webkitdirectory hidden>
</div>
<form class="row without-script" method="post" enctype="multipart/form-data" action="./?existing=keep">
<label>${w.chooseFiles} <input type="file" name="file" multiple required></label>
<button class="main">${w.upload}</button>
<button formaction="./">${w.andReplace}</button>
</form>`;
}

function table(listing: Listing, rights: Rights, root: string): Markup {
  const { path, entries, total, offset } = listing;
  const { mayWrite, mayDelete, maxSize } = rights;
  const size = Number.isFinite(maxSize) && maxSize;
  const w = words.list;
  return markup`<table id="files" data-root="${root}" data-total="${total}" data-may-write="${
    mayWrite && "yes"
  }" data-may-delete="${
    mayDelete && "yes"
  }" data-max-size="${size}" aria-rowcount="${total + 1}">
<caption class="heard">Contents of ${path}</caption>
<thead><tr aria-rowindex="1">
<th class="check"><input type="checkbox" id="select-all" class="with-script" aria-label="${w.selectAll}"></th>
${heading(listing, "name", w.name)}
${heading(listing, "size", w.size)}
${heading(listing, "modified", w.modified)}
<th class="actions" scope="col"><span class="heard">${w.actions}</span></th>
</tr></thead>
<tbody>
${entries.map((entry, at) => row(entry, offset + at + 2, listing))}</tbody>
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

function row(entry: Listed, index: number, listing: Listing): Markup {
  const { name, type, size, modified } = entry;
  const isFile = type === "file";
  const href = hrefOf(entry);
  const time = modified && markup` datetime="${modified}"`;
  const w = words.actions;
  const download = isFile &&
    markup`<a class="action download" href="${href}?download" aria-label="${
      w.downloadOf(name)
    }" title="${w.download}"></a>`;
  return markup`<tr aria-rowindex="${index}" data-name="${name}" data-type="${type}" data-size="${size}" data-modified="${modified}" data-etag="${entry.etag}">
<td class="check"><input type="checkbox" class="select" name="name" value="${name}" form="zip-form" aria-label="${
    words.list.selectOne(name)
  }"></td>
<td class="name"><a href="${href}${
    !isFile && orderQuery(listing)
  }" class="icon ${kindOf(entry)}" title="${name}">${name}</a></td>
<td class="size">${formatSize(size)}</td>
<td class="modified"><time${time}>${formatTime(modified)}</time></td>
<td class="actions">${download}<span class="room with-script"></span></td>
</tr>
`;
}

/** What stands in the place of rows if there are none. */
function nothing({ filter, total }: Listing, { mayWrite }: Rights): Markup {
  const w = words.list;
  const text = filter ? w.noMatch : mayWrite ? w.emptyDrop : w.empty;
  return markup`<p id="nothing" class="muted"${
    total > 0 && markup` hidden`
  }>${text}</p>`;
}

function up(listing: Listing, root: string): Markup | false {
  const { up } = words.list;
  return listing.path !== root &&
    markup`<a href="../${
      orderQuery(listing)
    }" id="up" class="button quiet icon up" aria-label="${up}" title="${up}"></a>\n`;
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
