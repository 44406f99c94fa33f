/**
 * Makes the part of a page that says where other machines find this server, with
 * a code that a phone reads from the screen. It needs no script.
 *
 * @module
 */

import { renderSVG } from "uqr";
import { words } from "./browser/words.js";
import { Markup, markup } from "./markup.ts";

/** Modules of white around a code (ISO/IEC 18004 §6.3.8). */
const QUIET_ZONE = 4;

/** @param urls At least one; the code is of the first. */
export function sharePanel(urls: readonly string[]): Markup {
  const links = urls.map((url) =>
    markup`<li><a href="${url}">${url}</a></li>\n`
  );
  const code = new Markup(renderSVG(urls[0], { border: QUIET_ZONE }));
  return markup`<details class="panel share">
<summary>${words.share.folder}</summary>
<p>${words.share.others}</p>
<ul>
${links}</ul>
<div class="code" role="img" aria-label="QR code of ${urls[0]}">${code}</div>
</details>
`;
}
