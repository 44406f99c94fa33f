// The dialog to share something: its link, a QR code, how long a link holds
// without a login, and what the system has for sharing.

import { element, showDialog } from "./dialogs.js";
import { request } from "./requests.js";
import { words } from "./words.js";

const w = words.share;

/**
 * @typedef {object} Shared
 * @property {string} url
 * @property {string | null} code an SVG
 * @property {string | null} until
 * @property {boolean} isLocal
 */

/** How long a link may hold without a login, in seconds. */
const times = [
  { seconds: 3600, label: w.hour },
  { seconds: 86_400, label: w.day },
  { seconds: 604_800, label: w.week },
  { seconds: 2_592_000, label: w.month },
];

/** @param {{ name: string, path: string, isFile: boolean }} what */
export async function openShare({ name, path, isFile }) {
  await style();
  const link = element("input", {
    type: "text",
    id: "share-link",
    readonly: true,
    autofocus: true,
    autocomplete: "off",
    dir: "ltr",
  });
  const copy = element("button", { type: "button", class: "main" }, w.copy);
  const code = element("img", {
    alt: w.codeOf(name),
    width: "200",
    height: "200",
  });
  const note = element("p", { class: "muted", role: "status" });
  const system = element("button", { type: "button", hidden: true }, w.system);
  const who = isFile && hasLogin() ? whoCanOpen() : undefined;
  const show = async () => {
    try {
      const shared = await linkTo(path, who?.select.value ?? "");
      link.value = shared.url;
      link.scrollLeft = 0;
      code.hidden = shared.code === null;
      if (shared.code !== null) {
        code.src = `data:image/svg+xml,${encodeURIComponent(shared.code)}`;
      }
      note.textContent = noteOn(shared, who !== undefined);
      system.hidden = !navigator.share;
    } catch (error) {
      note.textContent = `${w.cannotShare}: ${
        /** @type {Error} */ (error).message
      }`;
    }
  };
  copy.addEventListener("click", () => copyFrom(link, note));
  link.addEventListener("click", () => link.select());
  who?.select.addEventListener("change", show);
  system.addEventListener("click", () =>
    // The user may give up; that is no error.
    navigator.share({ title: name, url: link.value }).catch(() => {}));
  await show();
  const { closed } = showDialog(w.title(name), [
    element(
      "form",
      { method: "dialog", class: "stack" },
      ...(who ? [who.part] : []),
      element("label", { for: "share-link" }, w.link),
      element("div", { class: "link" }, link, copy),
      code,
      note,
      element(
        "div",
        { class: "row" },
        system,
        element("button", {}, words.common.close),
      ),
    ),
  ], { className: "share-dialog" });
  await closed;
}

/** Whether people log in here: then the page says who has. */
function hasLogin() {
  return document.querySelector(".who") !== null;
}

function whoCanOpen() {
  const select = element(
    "select",
    { id: "share-who" },
    element("option", { value: "" }, w.withLogin),
    ...times.map(({ seconds, label }) =>
      element("option", { value: `${seconds}` }, w.anyone(label))
    ),
  );
  const part = element(
    "div",
    { class: "stack" },
    element("label", { for: "share-who" }, w.who),
    select,
  );
  return { select, part };
}

/**
 * @param {string} path
 * @param {string} seconds empty for a link that does not end
 * @returns {Promise<Shared>}
 */
async function linkTo(path, seconds) {
  const at = new URL("../share", import.meta.url);
  const body = new URLSearchParams({ path, for: seconds });
  return (await request("POST", at.href, { body })).json();
}

/**
 * @param {Shared} shared
 * @param {boolean} needsLogin
 */
function noteOn({ until, isLocal }, needsLogin) {
  const time = until && new Date(until).toLocaleString(undefined, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  return [
    time ? w.until(time) : needsLogin ? w.loginNeeded : "",
    isLocal ? w.onlyHere : w.scan,
  ].filter(Boolean).join(" ");
}

/**
 * @param {HTMLInputElement} link
 * @param {HTMLElement} note
 */
async function copyFrom(link, note) {
  link.select();
  try {
    await navigator.clipboard.writeText(link.value);
    note.textContent = w.copied;
  } catch {
    // Only a page from this machine or over TLS may use the clipboard.
    note.textContent = document.execCommand("copy") ? w.copied : w.cannotCopy;
  }
}

/** Loads the look of the dialog, once. */
function style() {
  const href = new URL("share.css", import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return;
  const sheet = element("link", { rel: "stylesheet", href });
  const loaded = new Promise((resolve) => {
    sheet.addEventListener("load", resolve);
    sheet.addEventListener("error", resolve);
  });
  document.head.append(sheet);
  return loaded;
}
