// Every text that a person reads on a page, in one table: a section for each
// part of the pages. A text that names something is a function. To add a
// language, translate the table.

/** The server writes numbers as the texts are; a browser as its user does. */
export const locale = typeof document === "undefined" ? "en" : undefined;

/**
 * @param {number} number
 * @param {string} one such as `file`
 * @param {string} [more] such as `files`
 * @returns {string} such as `1,234 files`
 */
export function counted(number, one, more = `${one}s`) {
  return `${number.toLocaleString(locale)} ${number === 1 ? one : more}`;
}

/** Words of all parts. */
const common = {
  cancel: "Cancel",
  close: "Close",
  cannotReach: "Cannot reach the server. Check the connection and try again.",
  /** @param {number} status */
  answered: (status) => `The server answered with ${status}`,
  more: "More actions",
  keys: "Keyboard shortcuts",
  link: "Link",
};

/** The list of a folder. */
const list = {
  actions: "Actions",
  name: "Name",
  size: "Size",
  modified: "Modified",
  select: "Select",
  /** @param {string} name */
  selectOne: (name) => `Select ${name}`,
  selectAll: "Select all",
  deselect: "Deselect",
  deselectAll: "Clear the selection",
  /** @param {number} count */
  selected: (count) => `${count.toLocaleString(locale)} selected`,
  filter: "Filter",
  filterLabel: "Show names that contain",
  search: "Search",
  searchBelow: "Search subfolders",
  searchLabel: "Search all folders below",
  sort: "Sort",
  /** @param {string} key */
  sortedBy: (key) => `Sort by ${key}`,
  ascending: "Ascending",
  descending: "Descending",
  up: "Parent folder",
  root: "Files and folders",
  selection: "Selection",
  results: "Search results",
  /** @param {number} total */
  entries: (total) => counted(total, "item"),
  /** @param {number} shown @param {number} total */
  someOf: (shown, total) =>
    `${shown.toLocaleString(locale)} of ${counted(total, "item")}`,
  noMatch: "No names here match. Clear the filter, or search subfolders.",
  empty: "This folder is empty.",
  emptyDrop: "This folder is empty. Drop files here, or choose Upload.",
  readOnly: "Read-only: you can download files here, not change them.",
  /** @param {string} why */
  cannotLoad: (why) => `Cannot load the rest of the list: ${why}`,
};

/**
 * The keys and what they do, and what the reader needs to have them.
 *
 * @type {{ keys: string[], meaning: string, needs?: "mayWrite" | "mayDelete" }[]}
 */
const keys = [
  { keys: ["/"], meaning: "Filter by name" },
  { keys: ["↓", "↑"], meaning: "Next and previous row" },
  { keys: ["Home", "End"], meaning: "First and last row" },
  { keys: ["Enter"], meaning: "Open" },
  { keys: ["Space"], meaning: "Preview" },
  { keys: ["X"], meaning: "Select, or deselect" },
  { keys: ["Shift ↓", "Shift ↑"], meaning: "Select more" },
  { keys: ["Ctrl A"], meaning: "Select all" },
  { keys: ["Esc"], meaning: "Clear the selection" },
  { keys: ["Shift F10"], meaning: "Menu of a row" },
  { keys: ["Delete"], meaning: "Delete", needs: "mayDelete" },
  { keys: ["Backspace"], meaning: "Parent folder" },
  { keys: ["?"], meaning: "This help" },
];

/** What is done with files and folders. */
const actions = {
  open: "Open",
  preview: "Preview",
  /** @param {string} name */
  previewOf: (name) => `Preview ${name}`,
  download: "Download",
  /** @param {string} name */
  downloadOf: (name) => `Download ${name}`,
  downloadZip: "Download as zip",
  downloadAll: "Download all as zip",
  copyLink: "Copy link",
  copyLinks: "Copy links",
  /** @param {string} name */
  copyLinkOf: (name) => `Copy the link to ${name}`,
  /** @param {string} name */
  copied: (name) => `Copied the link to ${name}`,
  /** @param {number} count */
  copiedSome: (count) => `Copied ${counted(count, "link")}`,
  rename: "Rename",
  move: "Move to…",
  delete: "Delete",
  /** @param {string} name */
  moreFor: (name) => `More actions for ${name}`,
  newFolder: "New folder",
  folderName: "Name",
  createFolder: "Create folder",
  /** @param {string} name */
  created: (name) => `Created the folder ${name}`,
  /** @param {string} name */
  alreadyThere: (name) => `There is already a folder ${name}`,
  /** @param {string} name */
  deleteFile: (name) => `“${name}” will be permanently deleted.`,
  /** @param {string} name */
  deleteFolder: (name) =>
    `“${name}” and all that is in it will be permanently deleted.`,
  deleteTitle: "Delete this?",
  /** @param {string} name */
  deleted: (name) => `Deleted ${name}`,
};

/** Uploads. */
const upload = {
  files: "Upload files",
  folder: "Upload a folder",
  upload: "Upload",
  more: "Upload a folder, or create one",
  chooseFiles: "Files to upload",
  chooseFolder: "Folder to upload",
  andReplace: "Upload and replace",
  panel: "Uploads",
  cannotReadDropped: "Cannot read the dropped files",
};

/** Previews, the grid and the editor. */
const preview = {};

/** Links, codes, and who is logged in. */
const share = {};

/** The page about the server. */
const about = {};

/** Pages for errors. */
const errors = {};

/** X-ray. */
const xray = {};

/** Lessons. */
const lessons = {};

export const words = {
  common,
  list,
  keys,
  actions,
  upload,
  preview,
  share,
  about,
  errors,
  xray,
  lessons,
};
