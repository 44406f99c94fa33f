/**
 * Makes the part of a page's head that says who has logged in, what they may do
 * here, and how to log out. It needs no script.
 *
 * @module
 */

import { words } from "./browser/words.js";
import { type Markup, markup } from "./markup.ts";

/** Who has logged in. */
export interface Who {
  /** Undefined where a password has no name. */
  name?: string;
  /** Whether a form ends the login. */
  mayEnd: boolean;
}

/** What one may do at a place. */
export interface Doings {
  mayWrite: boolean;
  mayDelete: boolean;
}

/** @param doings What they may do where the page is about; undefined elsewhere. */
export function whoPart(
  { name = words.share.loggedIn, mayEnd }: Who,
  doings: Doings | undefined,
): Markup {
  const { share } = words;
  const rights = doings && [
    share.read,
    ...doings.mayWrite ? [share.write] : [],
    ...doings.mayDelete ? [share.move, share.delete] : [],
  ];
  const end = mayEnd
    ? markup`<form method="post" action="/logout"><button>${share.logOut}</button></form>`
    : markup`<p>${share.byBrowser}</p>`;
  return markup`<details class="who">
<summary><bdi>${name}</bdi></summary>
<div class="panel">${rights && markup`<p>${share.mayHere(rights)}</p>`}
${end}</div>
</details>
`;
}
