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

/**
 * @param {string[]} parts
 * @returns {string} such as `read, write and delete`
 */
export function joined(parts) {
  return parts.length < 2
    ? parts.join("")
    : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** Words of all parts. */
const common = {
  cancel: "Cancel",
  close: "Close",
  undo: "Undo",
  cannotReach: "Cannot reach the server. Check the connection and try again.",
  /** @param {number} status */
  answered: (status) => `The server answered with ${status}`,
  more: "More actions",
  keys: "Keyboard shortcuts",
  link: "Link",
  noSlash: "A name cannot contain a slash (/).",
  noDots: "“.” and “..” stand for folders. Choose another name.",
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
  { keys: ["F2"], meaning: "Rename", needs: "mayDelete" },
  { keys: ["M"], meaning: "Move to another folder", needs: "mayDelete" },
  { keys: ["Delete"], meaning: "Delete", needs: "mayDelete" },
  { keys: ["Ctrl Z"], meaning: "Undo, while it is offered" },
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
};

/** To delete, and to undo it. */
const deleting = {
  /** @param {string} what */
  title: (what) => `Delete ${what}?`,
  /** @param {number} seconds */
  canUndo: (seconds) => `You can undo this for ${seconds} seconds.`,
  forGood: "So many cannot be restored: this cannot be undone.",
  noUndo: "The server cannot keep this for you to undo. Delete it for good?",
  deleteForGood: "Delete for good",
  counting: "Counting what is in it…",
  /** @param {number} files @param {string} size @param {boolean} isMore */
  contents: (files, size, isMore) =>
    files === 0 && !isMore
      ? "It holds no files."
      : `${isMore ? "More than " : ""}${counted(files, "file")}, ${size}.`,
  /** @param {string} what */
  deleted: (what) => `Deleted ${what}`,
  /** @param {string} name @param {string} why */
  notDeleted: (name, why) => `${name} was not deleted: ${why}`,
  /** @param {string} what */
  restored: (what) => `Restored ${what}`,
  /** @param {string} name @param {string} why */
  notRestored: (name, why) => `${name} was not restored: ${why}`,
  otherNameTitle: "Restore under another name",
  restore: "Restore",
};

/** To move. */
const moving = {
  /** @param {number} count @param {string} name */
  title: (count, name) =>
    `Move ${count === 1 ? `“${name}”` : counted(count, "item")}`,
  here: "Move here",
  loading: "Loading folders…",
  noFolders: "No folders in here.",
  isThere: "there is something with that name already",
  /** @param {number} count @param {string} name @param {string} place */
  moved: (count, name, place) =>
    `Moved ${count === 1 ? name : counted(count, "item")} to ${place}`,
  /** @param {number} count @param {string} name */
  movedBack: (count, name) =>
    `Moved ${count === 1 ? name : counted(count, "item")} back`,
  /** @param {string} name @param {string} why */
  notMoved: (name, why) => `${name} was not moved: ${why}`,
};

/** To rename. */
const renaming = {
  /** @param {string} name */
  label: (name) => `New name for ${name}`,
  /** @param {string} name */
  renamed: (name) => `Renamed to ${name}`,
  /** @param {string} name */
  isThere: (name) =>
    `There is already something named “${name}”. Choose another name.`,
};

/** To search below a folder. */
const search = {
  /** @param {string} text */
  title: (text) => `“${text}” in this folder and below`,
  running: "Searching…",
  back: "Back to the list",
  here: "This folder",
  /** @param {number} count */
  soFar: (count) => `Searching… ${count.toLocaleString(locale)} found so far`,
  /** @param {number} count @param {string} [cut] what ended it early */
  found: (count, cut) =>
    `${count.toLocaleString(locale)} found.${
      cut ? " There may be more: narrow it down to see all." : ""
    }`,
  /** @param {string} text */
  nothing: (text) =>
    `Nothing named “${text}” here or below. Try fewer letters.`,
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
  /** @param {string} path */
  dropTo: (path) => `Drop to upload to ${path}`,
  total: "All uploads",
  clear: "Clear finished",
  /** @param {number} over @param {number} total */
  uploading: (over, total) =>
    total === 1
      ? "Uploading 1 file"
      : `Uploading ${over.toLocaleString()} of ${counted(total, "file")}`,
  /** @param {string} name */
  uploaded: (name) => `Uploaded ${name}`,
  /** @param {number} count */
  uploadedSome: (count) => `${counted(count, "file")} uploaded`,
  /** @param {number} count */
  failedSome: (count) => `${count.toLocaleString()} failed`,
  unfinished: "Unfinished uploads",
  /** @param {number} count */
  moreRows: (count) => `${count.toLocaleString()} more`,
  /** @param {string} time */
  left: (time) => `${time} left`,
  /** @param {number} seconds */
  duration: (seconds) => {
    const whole = Math.ceil(seconds);
    if (whole < 60) return `${whole} s`;
    if (whole < 3600) return `${Math.ceil(whole / 60)} min`;
    return `${(whole / 3600).toFixed(1)} h`;
  },
  /** @param {string} part @param {string} whole */
  partOf: (part, whole) => `${part} of ${whole}`,
  /** @param {string} size */
  doneOf: (size) => `${size}, done`,
  states: {
    waiting: "Waiting",
    sending: "",
    paused: "Paused",
    offline: "Connection lost, retrying",
    asking: "There is already a file with that name",
    failed: "Failed",
    done: "Done",
    cancelled: "Cancelled",
  },
  pause: "Pause",
  resume: "Resume",
  retry: "Retry",
  /** @param {string} name */
  uploadOf: (name) => `Upload of ${name}`,
  /** @param {string} name */
  chooseAgainOf: (name) => `Choose ${name} again`,
  chooseAgain: "Choose the file again to resume",
  giveUp: "Cancel upload",
  /** @param {string} part @param {string} whole */
  arrived: (part, whole) => `${part} of ${whole} uploaded.`,
  otherFile: "This is not the file whose upload was begun. Choose that file.",
  conflictTitle: "Replace the file?",
  /** @param {string} name @param {string} path */
  conflict: (name, path) =>
    path === "/"
      ? `There is already a file “${name}”.`
      : `There is already a file “${name}” in ${path}.`,
  existing: "On the server",
  yours: "Yours",
  newer: "newer",
  replace: "Replace",
  keepBoth: "Keep both",
  skip: "Skip",
  /** @param {number} others */
  forAll: (others) =>
    others === 1
      ? "Do the same with the other file"
      : `Do the same with the ${others.toLocaleString()} other files`,
  /** @param {string} size */
  tooLarge: (size) =>
    `The file is larger than this server accepts: ${size} at most`,
  diskFull: "The server's disk is full. Make room on it, then choose Retry.",
  loggedOut: "You are logged out. Log in in another tab, then choose Retry.",
  readOnly: "This server is read-only",
  noParts: "The server does not accept uploads in parts",
  unreadable: "The file was changed or removed. Choose it again.",
};

/** Previews, the grid and the editor. */
const preview = {
  edit: "Edit",
  previous: "Previous file",
  next: "Next file",
  none: "There is no preview of this kind of file.",
  empty: "The file is empty.",
  notText: "This is not a text in UTF-8.",
  brokenImage: "This browser cannot show the picture.",
  brokenMedia: "This browser cannot play the file.",
  openPdf: "Open the PDF in a new tab",
  /** @param {string} size */
  cut: (size) => `This is the first ${size}. Open the file to see all of it.`,
  source: "Show source",
  picture: "Picture",
  /** @param {string} host */
  pictureElsewhere: (host) => `A picture at ${host}, not loaded`,
  showAll: "Show all",
  showLess: "Show less",
  view: "View",
  views: { list: "List", grid: "Grid" },
  grid: "Files",
  folder: "Folder",
  loading: "Loading…",
  saving: "Saving…",
  unsaved: "Not saved",
  save: "Save",
  endEdit: "Close editor",
  /** @param {string} name */
  textOf: (name) => `Text of ${name}`,
  /** @param {string} name */
  saved: (name) => `Saved ${name}`,
  saveAs: "Save as another file",
  newName: "Name",
  /** @param {string} name */
  nameInUse: (name) =>
    `There is already a file “${name}”. Choose another name.`,
  leaveTitle: "Save your changes?",
  /** @param {string} name */
  leave: (name) => `Your changes to “${name}” are not saved.`,
  discard: "Discard changes",
  keepEditing: "Keep editing",
  conflictTitle: "Somebody else has changed this file",
  /** @param {string} name */
  conflict: (name) =>
    `“${name}” is not what it was when you began. What should it be?`,
  /** @param {string} name */
  gone: (name) => `“${name}” was deleted or renamed while you were editing it.`,
  mine: "Your text",
  theirs: "On the server",
  keepMine: "Keep mine",
  takeTheirs: "Take theirs",
  saveAgain: "Save it again",
};

/** Links, codes, and who is logged in. */
const share = {
  share: "Share",
  /** @param {string} name */
  shareOf: (name) => `Share ${name}`,
  /** @param {string} name */
  title: (name) => `Share “${name}”`,
  link: "Link",
  copy: "Copy link",
  copied: "Copied",
  cannotCopy: "Press Ctrl C to copy the link",
  system: "Share by another app…",
  /** @param {string} name */
  codeOf: (name) => `QR code of the link to ${name}`,
  scan: "Scan the code with a phone.",
  onlyHere:
    "Only this machine can open this link. To share on the network, start the server with --host 0.0.0.0.",
  who: "Who can open it",
  withLogin: "People who can log in here",
  /** @param {string} time */
  anyone: (time) => `Anyone with the link, for ${time}`,
  hour: "1 hour",
  day: "1 day",
  week: "7 days",
  month: "30 days",
  /** @param {string} time */
  until: (time) => `Anyone with the link can download the file until ${time}.`,
  loginNeeded: "Whoever opens it has to log in.",
  cannotShare: "Cannot make the link",
  folder: "Share this folder",
  others: "Other machines on the network find it at:",
  loggedIn: "Logged in",
  logIn: "Log in",
  logOut: "Log out",
  /** @param {string} name */
  youAre: (name) => `You are logged in as ${name}.`,
  userName: "Name",
  password: "Password",
  wrongLogin: "The name or the password is wrong. Type both again.",
  byBrowser: "Your browser has logged you in. To log out, close it.",
  /** @param {string[]} rights */
  mayHere: (rights) => `Here you may ${joined(rights)}.`,
  read: "download",
  write: "upload",
  move: "move",
  delete: "delete",
};

/** The page about the server. */
const about = {
  /** @param {string} version */
  title: (version) => `Sluice ${version}`,
  what: "A small HTTP server that serves and receives files.",
  seeFiles: "See the files",
  sendFiles: "Send files",
  rights: "What you can do here",
  anyone: "Anyone who reaches this address can:",
  users: "Everybody has to log in. Those whose rights allow it can:",
  public:
    "Anyone can see and download files. Those who log in, and whose rights allow it, can:",
  perFolder:
    "Rights differ from folder to folder. The page of a folder shows what you may do there, under your name at the top.",
  list: "see what is in the folders, and search them",
  download: "download files, and folders as a zip file",
  downloadByName: "download a file whose name they know; there are no lists",
  upload: "upload files and create folders",
  uploadNew: "upload files under new names; none is replaced",
  replace: "replace and edit files",
  delete: "move, rename and delete",
  readOnly: "Nobody can change anything: the server is read-only.",
  noDelete: "Nobody can delete or move files.",
  limits: "Limits",
  /** @param {string} size */
  size: (size) => `A file may be up to ${size}.`,
  noSize: "A file may be of any size.",
  resumed:
    "An upload that breaks off can go on where it stopped, for 24 hours: the page does that by itself.",
  /** @param {string} time */
  pause: (time) => `If nothing moves for ${time}, a transfer breaks off.`,
  /** @param {number} count */
  connections: (count) =>
    `Up to ${counted(count, "connection")} at once, of all people together.`,
  /** @param {number} count */
  clientConnections: (count) =>
    `Up to ${counted(count, "connection")} at once for each of them.`,
  /** @param {number} count */
  clientRate: (count) =>
    `Up to ${counted(count, "request")} a second for each of them.`,
  allLimits: "All limits",
  reach: "What the server itself may reach",
  tryIt: "Try it",
  send: "Send",
  shell: "From a shell",
  commands: "Commands to try",
  more: "More",
  xray: "X-ray shows everything that crosses the wire, octet by octet.",
  openXray: "Open X-ray",
  help: "All options:",
  /** @param {string} status @param {string} path @param {string} time */
  answered: (status, path, time) =>
    `${status} for GET ${path}, after ${time} ms`,
  fields: "Response headers",
  content: "Response content",
};

/** Pages for errors. */
const errors = {
  title: "Something went wrong",
  /** By the status. @type {Record<number, string>} */
  titles: {
    400: "This address is not understood",
    401: "Log in first",
    403: "You may not do this",
    404: "Nothing is here",
    405: "This cannot be done here",
    409: "Something is in the way",
    412: "It has changed meanwhile",
    413: "Too large",
    414: "The address is too long",
    415: "This kind of content is not taken",
    421: "Not at this address",
    429: "Too many requests",
    500: "The server has failed",
    502: "The server cannot do this",
    503: "The server is busy",
    507: "No space is left",
  },
  /** What to do next, by the status. @type {Record<number, string>} */
  next: {
    400: "Check the address for a typing error.",
    404: "Check the name. It may have been moved or deleted.",
    405: "Go back to the files.",
    409: "Go back and choose another name.",
    412: "Go back and reload the page to see it as it is now, then try again.",
    413: "Send less at once.",
    414: "Go back to the files, and open it from there.",
    415: "Go back and send it as a file.",
    500:
      "Try again. If it happens again, tell whoever runs this server what time it was.",
    503: "Wait a moment, then try again.",
    507:
      "Delete what is no longer needed, or ask whoever runs this server for more space.",
  },
  logIn: "Log in to see what you may do.",
  otherLogin: "Log in as somebody who may, or ask whoever runs this server.",
  ask: "If you need this, ask whoever runs this server.",
  /** @param {string} size */
  limit: (size) =>
    `This server takes up to ${size} at once. Send less, or ask whoever runs it for more (--max-body).`,
  /** @param {number} seconds */
  wait: (seconds) => `Wait ${counted(seconds, "second")}, then try again.`,
  toLogin: "Log in",
  again: "Try again",
  toFolder: "Go to the folder",
  home: "All files",
  about: "What this server does",
};

/** @param {number} count */
const octets = (count) => counted(count, "octet");

/** X-ray. */
const xray = {
  octets,

  page: {
    title: "X-ray",
    intro:
      "Everything that crosses the wire, octet by octet. Type a request, send one with curl, or use this server in another tab: each exchange appears here.",
    open: "Open another tab",
    needsScript: "X-ray needs JavaScript to show exchanges live.",
    selected: "Selected exchange",
  },

  list: {
    title: "Exchanges",
    label: "Exchanges, latest first",
    filter: "Filter",
    filterLabel: "Filter exchanges",
    clear: "Clear",
    lost: "Cannot reach the server, retrying",
    pause: "Pause",
    resume: "Resume",
    none: "None yet.",
  },

  composer: {
    title: "Type a request",
    start: "Start from an example",
    clear: "Clear",
    sends: "sends",
    more: "Line ends, signs and the end",
    lineEnd: "Each line ends with",
    lineEnds: {
      crlf: "CR LF, the standard",
      lf: "LF only",
      cr: "CR only",
      none: "nothing",
    },
    last: "After the last octet",
    ends: {
      "half-close": "end my side (half-close)",
      "stay": "stay, and wait",
      "hang-up": "hang up",
    },
    notation: "For octets that you cannot type, write",
    wait: "waits for an answer, up to a second, before the rest is sent.",
    empty: "Type a request first, or start from an example.",
    cleared: "Cleared. Press Escape again to bring it back.",
    examples: "Examples",
    send: "Send",
    sending: "Sending…",
    noRequest:
      "The server saw no request in these octets: the connection ended before one began.",
    answered: (/** @type {(number | undefined)[]} */ statuses) => {
      const each = statuses.map((status) => status ?? "no answer");
      return each.length === 1
        ? `Answered: ${each[0]}`
        : `${each.length} requests were answered: ${each.join(", ")}`;
    },
    refilled: (/** @type {number} */ left) =>
      left > 0
        ? `Only the octets that were kept are here: ${
          octets(left)
        } are missing.`
        : "The request is in the box: change it, then send it.",
  },

  details: {
    choose: "Send a request, or select an exchange, to see its octets.",
    hint: "Point at a part, tap it, or use the arrow keys, to see what it is.",
    title: { request: "Request", response: "Response" },
    octetByOctet: (/** @type {string} */ title) => `${title}, octet by octet`,
    from: (
      /** @type {{ client: string, connection: number, started: string }} */
      { client, connection, started },
    ) =>
      `From ${client}, on connection ${connection}, at ${
        new Date(started).toLocaleTimeString("en-GB")
      }`,
    open: "The answer is still to come",
    unanswered: "No answer",
    shown: (/** @type {number} */ count) =>
      `the first ${count.toLocaleString("en")} are shown`,
    nothing: "Nothing was sent.",
    hex: "Hex",
    edit: "Edit and resend",
    copy: "Copy as…",
    replay: "Replay",
    follow: "Connection",
    all: "Show all octets",
    space: "space",
    andMore: (/** @type {number} */ count) => `and ${count} more`,
    beyond: (/** @type {[string, string][]} */ found) =>
      `In UTF-8, ${
        found.map(([text, hex]) => `${text} is ${hex}`).join(", ")
      }.`,
  },

  times: {
    caption: "Where the time went",
    stages: /** @type {Record<string, string>} */ ({
      "accept": "Accept: the connection is open, no octet has come",
      "reading head": "Head: octets arrive and are parsed",
      "handling": "Handler: it prepares the response",
      "content": "Content: octets arrive",
      "responding": "Response: it is encoded and sent",
      "draining": "Drain: the rest of the content is read",
      "upgraded": "Upgraded: another protocol is spoken",
    }),
    sum: (/** @type {number} */ worked, /** @type {number} */ waited) =>
      `The server worked for ${ms(worked)} and waited ${
        ms(waited)
      } for the client (hatched).`,
    waited: (/** @type {number} */ waited) => `, of it ${ms(waited)} waiting`,
  },

  copy: {
    title: "Copy this request",
    raw: "Raw text",
    notText:
      "Some octets are not text, so they cannot be copied as text. The nc command sends them.",
    rawNote: "With its line ends, CR and LF.",
    exact: "Sends exactly these octets.",
    ownWay:
      "Asks for the same, but curl writes some octets in its own way: Host comes first, and chunks are cut anew. The nc command sends the very same octets.",
    noCurl: "curl does not send what breaks the grammar. The nc command does.",
    noFetch: "fetch does not send a request like this one.",
    fetchNote: (/** @type {string[]} */ left) =>
      left.length === 0
        ? "For the console of a browser, or Deno."
        : `For the console of a browser, or Deno. It chooses these fields itself: ${
          left.join(", ")
        }.`,
    ncNote:
      "Sends exactly these octets. It stays until the server closes; Ctrl+C ends it.",
    left: (/** @type {number} */ count) =>
      `${octets(count)} were not kept, and are missing here.`,
    copy: "Copy",
    copied: "Copied",
    failed: "The browser does not allow it: select the text, and copy it.",
    close: "Close",
  },

  replay: {
    title: "The parser, octet by octet",
    about:
      "The server’s own parser was run on the first octet, then on the first two, and so on, as if the connection had paused after each. Each line is judged when it has ended.",
    head: "The octets of the head",
    octet: "Octet",
    back: "Back",
    on: "Next",
    play: "Play",
    stop: "Stop",
    terms: {
      octet: "Octet",
      state: "State",
      rule: "Rule",
      taken: "Taken",
      known: "Known",
    },
    at: (
      /** @type {number} */ at,
      /** @type {number} */ count,
      /** @type {string} */ text,
      /** @type {string} */ hex,
    ) => `${at} of ${count}: ${text}, in hexadecimal ${hex}`,
    states: /** @type {Record<string, string>} */ ({
      "empty line": "Skips an empty line before the request",
      "request line": "Waits for the end of the request line",
      "fields": "Waits for the rest of the fields",
      "complete": "The head is complete: the handler can begin",
      "refused": "Refused",
    }),
    refused: (/** @type {{ status: number, reason: string }} */ refusal) =>
      `Refused with ${refusal.status}: ${refusal.reason}`,
    taken: (/** @type {number} */ taken, /** @type {number} */ at) =>
      taken < at
        ? `${octets(taken)}; the last ${
          at - taken === 1 ? "one waits" : `${at - taken} wait`
        } for the next`
        : `${octets(taken)}, none of which is looked at again`,
    nothingKnown: "Nothing for certain yet",
    line: (
      /** @type {{ method: string, form: string, version: string }} */
      { method, form, version },
    ) => `method ${method}; target in ${form}-form; version ${version}`,
    framing: /** @type {Record<string, string>} */ ({
      none: "no content",
      length: "content of a given length",
      chunked: "content in chunks",
    }),
    decided: (
      /** @type {{ framing: string, length?: number, mayPersist: boolean, expectsContinue: boolean, upgrade: string[] }} */
      { framing, length, mayPersist, expectsContinue, upgrade },
    ) =>
      [
        length === undefined
          ? xray.replay.framing[framing]
          : `content of ${octets(length)}`,
        mayPersist
          ? "another request may follow"
          : "the connection closes afterwards",
        ...expectsContinue ? ["the client waits for 100 Continue"] : [],
        ...upgrade.length > 0 ? [`it asks for ${upgrade.join(", ")}`] : [],
      ].join("; "),
    left: (/** @type {number} */ left) =>
      `The replay ends here: ${octets(left)} more are not stepped through.`,
  },

  connection: {
    title: (/** @type {number} */ number) => `Connection ${number}`,
    events: "What happened on it, in order",
    opened: "The connection is accepted",
    received: (/** @type {number} */ count) => `${octets(count)} arrive`,
    sent: (/** @type {number} */ count) => `${octets(count)} are sent`,
    ended: "The client sends no more (half-close); it may still read",
    states: /** @type {Record<string, string>} */ ({
      "reading head": "A request begins",
      "handling": "Its head is complete, the handler begins",
      "responding": "The answer is written",
      "draining": "The rest of the content is read and dropped",
      "idle": "The exchange is over, the connection stays open",
      "upgraded": "The connection now speaks another protocol",
      "lingering":
        "The server sends no more, and waits until the client has read all",
      "closed": "The connection is closed",
    }),
    unknown: "an exchange that is not shown",
    /** @param {string} time */
    pause: (time) => `${time} later`,
    dropped: (/** @type {number} */ count) =>
      `${count.toLocaleString("en")} events are left out here`,
    from: "Client",
    to: "Server",
    facts: {
      one: "One request on this connection.",
      several: (/** @type {number} */ count) =>
        `Keep-alive: ${count} requests on one connection.`,
      pipelined:
        "Pipelining: a request arrived before the one before it was answered.",
      halfClosed:
        "Half-close: the client ended its side first, after which it may still read.",
      upgraded: "Upgrade: after 101 these octets are not HTTP.",
      open: "It is still open.",
    },
  },

  ms,
};

/**
 * A duration, with as many digits as matter.
 *
 * @param {number} value
 */
function ms(value) {
  return value >= 1000
    ? `${(value / 1000).toFixed(1)} s`
    : `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

/** Lessons. */
const lessons = {
  title: "Learn HTTP",
  intro:
    "Type requests by hand and send them to this very server. Each lesson has a task; what you sent and what came back appears below, octet by octet (an octet is a byte). Nothing here can break: the server answers to this machine alone, and stores files in a folder of its own.",
  all: "All lessons",
  /** @param {number} solved @param {number} total */
  count: (solved, total) => `(${solved} of ${total} solved)`,
  done: "(solved)",
  reset: "Start over",
  resetQuestion:
    "This browser forgets which lessons you have solved. Files that you have stored stay.",
  /** @param {number} number @param {number} total */
  number: (number, total) => `Lesson ${number} of ${total}`,
  goal: "Your task:",
  /** @param {number} number @param {number} total */
  hint: (number, total) => `Show hint ${number} of ${total}`,
  solution: "Show the solution",
  solutionIs: "One way to solve it:",
  solutionOpen:
    "One way to solve it. Put what the last answer said in the place of the words in capitals between < and >:",
  use: "Put it in the box",
  again: "Start this one again",
  missing: "Not yet.",
  halfway: "Half-way.",
  solved: "Solved.",
  nothing: "Nothing was sent. Type a request into the box, and press Send.",
  elsewhere: "In browsers and proxies",
  sources: {
    title: "The code that decides this, and its test",
    code: "Code:",
    test: "Test:",
    /** @param {string} number */
    line: (number) => `from line ${number}`,
  },
  next: "Next lesson",
  toAnswer: "To the octets",
  allSolved:
    "You have solved all lessons. What decided each of them is code that you can read: docs/learn.md leads through it in the order in which a request meets it.",
};

export const words = {
  common,
  list,
  keys,
  actions,
  deleting,
  moving,
  renaming,
  search,
  upload,
  preview,
  share,
  about,
  errors,
  xray,
  lessons,
};
