// The action that shares a file or a folder. Its dialog is loaded when it is
// first opened.

import { addAction } from "./actions.js";
import { hrefOf } from "./format.js";
import { focusEntry } from "./view_switch.js";
import { words } from "./words.js";

/** Adds the action to each row. */
export function addShareAction() {
  addAction({
    id: "share-file",
    label: words.share.share,
    labelOf: words.share.shareOf,
    appliesTo: ([, other]) => !other,
    async run([entry]) {
      const { openShare } = await import("./share_dialog.js");
      await openShare({
        name: entry.name,
        path: new URL(hrefOf(entry), document.baseURI).pathname,
        isFile: entry.type === "file",
      });
      focusEntry(entry.name);
    },
  }, { before: "delete" });
}
