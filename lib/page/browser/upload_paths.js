// The paths of uploads, as they are sent and as they are shown.

/**
 * The path of a URL for its reader, below the top of what is served.
 *
 * @param {string} path percent-encoded, such as `/files/photos/a.jpg`
 * @param {{ isFile?: boolean }} [options] whether its last name is a file's,
 * whose folder is meant
 * @returns {string} such as `/photos/`
 */
export function shownPath(path, { isFile = false } = {}) {
  const folder = isFile ? path.slice(0, path.lastIndexOf("/") + 1) : path;
  return decodeURIComponent(folder.replace(/^.*?\/files(?=\/)/, ""));
}

/**
 * @param {string} folder percent-encoded
 * @param {string} path names, separated by `/`
 */
export function targetOf(folder, path) {
  return folder + path.split("/").map(encodeURIComponent).join("/");
}
