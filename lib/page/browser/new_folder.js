// Creates a folder. What was typed stays if the server refuses it.

import { askForText, say } from "./dialogs.js";
import { folder } from "./folder.js";
import { hrefOf } from "./format.js";
import { Refusal, refusePath, request } from "./requests.js";
import { focusEntry } from "./view_switch.js";
import { words } from "./words.js";

const w = words.actions;

export async function makeFolder() {
  const name = await askForText(w.newFolder, w.folderName, w.createFolder, {
    async attempt(name) {
      refusePath(name);
      const { status } = await request(
        "PUT",
        hrefOf({ name, type: "directory" }),
      );
      if (status === 204) throw new Refusal(w.alreadyThere(name), status);
    },
  });
  if (!name) return;
  folder.list.put({ name, type: "directory" });
  focusEntry(name);
  say(w.created(name));
}
