/**
 * Makes the page with which a browser brings files to a server that shows none.
 * It is a plain form, and needs no script.
 *
 * @module
 */

import { type Navigation, respondWithPage } from "./document.ts";
import { markup } from "./markup.ts";

/** Makes the page; its form is stored in the served folder. */
export function uploadPage(
  request: Request,
  navigation: Navigation,
): Response {
  const isBack = new URL(request.url).searchParams.has("received");
  const received = isBack &&
    markup`<p role="status">Received. You can send more.</p>`;
  return respondWithPage({
    title: "Send files – Sluice",
    content: markup`<h1>Send files</h1>
${received}
<p>Files go to this server, and cannot be seen here afterwards. A name that is taken is refused.</p>
<form class="panel row" method="post" enctype="multipart/form-data" action="/files/">
<label>Files to upload <input type="file" name="file" multiple required></label>
<button class="main">Upload</button>
</form>
`,
    here: "/",
  }, navigation);
}
