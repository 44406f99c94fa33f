// The page of a directory: starts the parts that it is made of. Modules that
// add actions come before the list starts.

import { say } from "./dialogs.js";
import { addFileActions } from "./file_actions.js";
import { folder } from "./folder.js";
import { primeFreshness, startFreshness } from "./freshness.js";
import { startDragging } from "./moving.js";
import { startPointing } from "./pointing.js";
import { addShareAction } from "./share.js";
import { startSearch } from "./search.js";
import { startSeeing } from "./seeing.js";
import { startShortcuts } from "./shortcuts.js";
import { startToolbar } from "./toolbar.js";
import { startUploads } from "./upload_controls.js";
import { words } from "./words.js";

addFileActions();
addShareAction();
startSeeing();
startUploads();
folder.list.start();
startToolbar();
startPointing();
startShortcuts();
startSearch();
if (folder.mayDelete) startDragging();
await primeFreshness();
await folder.list.loadRest().then(
  startFreshness,
  (error) => say(words.list.cannotLoad(error.message)),
);
