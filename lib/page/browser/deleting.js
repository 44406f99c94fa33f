// Deletes entries, once that is confirmed, and undoes it for a while.

import { ask, askForText, element } from "./dialogs.js";
import { folder } from "./folder.js";
import { formatSize, hrefOf } from "./format.js";
import { inTurn, refusePath, request } from "./requests.js";
import { say } from "./toasts.js";
import { focusAt, focusEntry } from "./view_switch.js";
import { words } from "./words.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */
/** @typedef {import("./requests.js").Refusal} Refusal */
/** @typedef {{ entry: ShownEntry, undo?: string }} Deleted */

/** How long (s) a deletion can be undone. */
const UNDO_SECONDS = 10;
/** The server keeps only so many. */
const MOST_UNDONE = 200;
/** How much longer (s) for each of several: the first waits for the last. */
const PACE = 0.25;

const w = words.deleting;

/** @param {ShownEntry[]} entries */
export async function remove(entries) {
  const canUndo = entries.length <= MOST_UNDONE;
  if (!await confirm(entries, canUndo)) return;
  const at = folder.list.shown.findIndex(({ name }) =>
    name === entries[0].name
  );
  const { done, refused } = await removeAll(entries, canUndo);
  // Some file systems cannot keep what is deleted.
  const kept = refused.filter(({ error }) => canUndo && error.status === 409);
  if (kept.length > 0 && await confirmForGood(kept.map(({ entry }) => entry))) {
    const again = await removeAll(kept.map(({ entry }) => entry), false);
    done.push(...again.done);
  }
  folder.list.removeAll(done.map(({ entry }) => entry.name));
  focusAt(at);
  tell(done, refused.filter(({ error }) => error.status !== 409));
}

/**
 * @param {Deleted[]} done
 * @param {{ entry: ShownEntry, error: Refusal }[]} refused
 */
function tell(done, refused) {
  const undoable = done.filter(({ undo }) => undo !== undefined);
  const offer = undoable.length > 0
    ? { label: words.common.undo, run: () => undo(undoable) }
    : undefined;
  const [first] = refused;
  if (first) {
    say(w.notDeleted(first.entry.name, first.error.message), offer);
  } else if (done.length > 0) {
    say(w.deleted(namesOf(done.map(({ entry }) => entry))), offer);
  }
}

/**
 * @param {ShownEntry[]} entries
 * @param {boolean} canUndo
 */
async function removeAll(entries, canUndo) {
  const seconds = UNDO_SECONDS + Math.floor(entries.length * PACE);
  const query = canUndo ? `?undo=${seconds}` : "";
  return await inTurn(entries, async (entry) => {
    const response = await request("DELETE", hrefOf(entry) + query);
    return { entry, undo: response.headers.get("location") ?? undefined };
  });
}

/** @param {ShownEntry[]} entries */
function namesOf(entries) {
  return entries.length === 1
    ? entries[0].name
    : words.list.entries(entries.length);
}

/**
 * @param {ShownEntry[]} entries
 * @param {boolean} canUndo
 */
async function confirm(entries, canUndo) {
  const folders = entries.filter(({ type }) => type === "directory");
  const files = entries.filter(({ type }) => type === "file");
  const contents = element("p", { role: "status" });
  const asked = new AbortController();
  if (folders.length > 0) {
    contents.textContent = w.counting;
    countBelow(folders, files, asked.signal).then(
      (text) => contents.textContent = text,
      // It is only said how many go.
      () => contents.textContent = "",
    );
  } else if (files.length > 1) {
    contents.textContent = formatSize(sizeOf(files));
  }
  const { value } = await ask(
    w.title(entries.length === 1 ? `“${entries[0].name}”` : namesOf(entries)),
    canUndo ? w.canUndo(UNDO_SECONDS) : w.forGood,
    [
      { value: "delete", label: words.actions.delete, isDangerous: true },
      { value: "", label: words.common.cancel, isMain: true },
    ],
    { details: contents },
  );
  asked.abort();
  return value === "delete";
}

/** @param {ShownEntry[]} entries */
async function confirmForGood(entries) {
  const { value } = await ask(w.title(namesOf(entries)), w.noUndo, [
    { value: "delete", label: w.deleteForGood, isDangerous: true },
    { value: "", label: words.common.cancel, isMain: true },
  ]);
  return value === "delete";
}

/** @param {ShownEntry[]} files */
function sizeOf(files) {
  return files.reduce((sum, { size = 0 }) => sum + size, 0);
}

/**
 * @param {ShownEntry[]} folders
 * @param {ShownEntry[]} files
 * @param {AbortSignal} signal
 */
async function countBelow(folders, files, signal) {
  const total = { files: files.length, octets: sizeOf(files), isMore: false };
  // One at a time: the server counts for others too.
  for (const each of folders) {
    const response = await request("GET", `${hrefOf(each)}?count`, { signal });
    const count = await response.json();
    total.files += count.files;
    total.octets += count.octets;
    total.isMore ||= count.isMore;
  }
  return w.contents(total.files, formatSize(total.octets), total.isMore);
}

/** @param {Deleted[]} deleted */
async function undo(deleted) {
  // What is below something comes after it.
  const { done, refused } = await inTurn(deleted, async ({ entry, undo }) => {
    await request("POST", undo ?? "");
    return entry;
  });
  folder.list.putAll(done);
  for (const { entry, error } of refused) {
    if (error.status !== 409) {
      say(w.notRestored(entry.entry.name, error.message));
      return;
    }
    const restored = await restoreUnderAnotherName(entry, error.message);
    if (restored) done.push(restored);
  }
  if (done.length === 0) return;
  focusEntry(done[0].name);
  say(w.restored(namesOf(done)));
}

/**
 * Something else has the name by now.
 *
 * @param {Deleted} deleted
 * @param {string} why
 */
async function restoreUnderAnotherName({ entry, undo }, why) {
  const name = await askForText(w.otherNameTitle, why, w.restore, {
    value: entry.name,
    async attempt(name) {
      refusePath(name);
      await request("POST", `${undo}?${new URLSearchParams({ name })}`);
    },
  });
  if (!name) return undefined;
  const restored = { ...entry, name };
  folder.list.put(restored);
  return restored;
}
