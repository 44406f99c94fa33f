// What can be done with entries of a list: one table for the buttons of a row,
// its menu, the bar of the selection, and the keys. Another module adds its
// action when it is imported:
//
//     addAction({
//       id: "edit",
//       label: words.preview.edit,
//       appliesTo: ([entry, other]) => !other && kindOf(entry) === "text",
//       run: ([entry]) => edit(entry),
//     }, { before: "delete" });

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

/**
 * @typedef {object} Action
 * @property {string} id also the class of its icon
 * @property {string} label such as `Copy link`
 * @property {(name: string) => string} [labelOf] its label for a screen
 * reader, beside one entry
 * @property {string} [labelForSeveral] such as `Copy links`
 * @property {string} [key] as in `KeyboardEvent.key`
 * @property {boolean} [isQuick] whether a row has a button for it on a desk
 * @property {boolean} [isDangerous] whether something is lost by it
 * @property {(entries: ShownEntry[]) => boolean} appliesTo called with at least
 * one entry
 * @property {(entries: ShownEntry[]) => unknown} run
 */

/**
 * Something that is done with the folder itself.
 *
 * @typedef {object} FolderAction
 * @property {string} id
 * @property {string} label
 * @property {() => unknown} run
 */

/** @type {Action[]} */
const actions = [];

/** @type {FolderAction[]} */
const folderActions = [];

/**
 * Adds an action. Rows show it if it is added before the list starts.
 *
 * @param {Action} action
 * @param {{ before?: string }} [options] the one that it stands before; default:
 * the end
 */
export function addAction(action, { before } = {}) {
  insert(actions, action, before);
}

/**
 * Adds an entry to the menu of the folder.
 *
 * @param {FolderAction} action
 * @param {{ before?: string }} [options]
 */
export function addFolderAction(action, { before } = {}) {
  insert(folderActions, action, before);
}

/**
 * @template {{ id: string }} T
 * @param {T[]} table
 * @param {T} action
 * @param {string} [before]
 */
function insert(table, action, before) {
  const at = table.findIndex(({ id }) => id === before);
  table.splice(at < 0 ? table.length : at, 0, action);
}

/** @returns {readonly FolderAction[]} */
export function allFolderActions() {
  return folderActions;
}

/**
 * The actions that can be done with all of these, in their order.
 *
 * @param {ShownEntry[]} entries
 */
export function actionsFor(entries) {
  if (entries.length === 0) return [];
  return actions.filter(({ appliesTo }) => appliesTo(entries));
}

/**
 * Does an action, if it applies.
 *
 * @param {string} id
 * @param {ShownEntry[]} entries
 * @returns {boolean} whether it does
 */
export function runAction(id, entries) {
  const action = actionsFor(entries).find((action) => action.id === id);
  action?.run(entries);
  return action !== undefined;
}
