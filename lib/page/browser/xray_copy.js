// A dialog with a request as text and as commands, to be copied.

import { element, showDialog } from "./dialogs.js";
import {
  curlCommand,
  fetchCommand,
  ncCommand,
  parseRequest,
  textOf,
} from "./request_commands.js";
import { words as all } from "./words.js";

const words = all.xray;

/** @typedef {import("./xray_hooks.js").Part} Part */

/** @param {{ bytes: Uint8Array, length: number, parts: Part[] }} message */
export function showCommands({ bytes, length, parts }) {
  const { copy } = words;
  const server = {
    host: location.host,
    isSecure: location.protocol === "https:",
  };
  const request = parseRequest(bytes, parts);
  const curl = request && curlCommand(request, server);
  const fetched = request && fetchCommand(request, server);
  const raw = textOf(bytes);
  // deno-lint-ignore no-control-regex
  const isText = raw !== undefined && !/[\0-\x08\x0b\x0c\x0e-\x1f]/.test(raw);
  const isExact = curl !== undefined && equals(curl.sends, bytes);
  const form = element(
    "form",
    { method: "dialog" },
    ...length > bytes.length
      ? [element("p", { class: "danger" }, copy.left(length - bytes.length))]
      : [],
    ...commandOf(
      "curl",
      curl?.command,
      curl ? isExact ? copy.exact : copy.ownWay : copy.noCurl,
    ),
    ...commandOf("nc", ncCommand(bytes, server), copy.ncNote),
    ...commandOf(
      "fetch",
      fetched?.command,
      fetched ? copy.fetchNote(fetched.left) : copy.noFetch,
    ),
    ...commandOf(
      copy.raw,
      isText ? raw : undefined,
      isText ? copy.rawNote : copy.notText,
    ),
    element(
      "div",
      { class: "row" },
      element("button", {}, copy.close),
    ),
  );
  showDialog(copy.title, [form], { className: "commands" });
}

/**
 * @param {string} name
 * @param {string | undefined} text
 * @param {string} note
 */
function commandOf(name, text, note) {
  const heading = element("h3", {}, name);
  const about = element("p", { class: "muted" }, note);
  if (text === undefined) return [heading, about];
  const button = element(
    "button",
    { type: "button", "aria-label": `${words.copy.copy} ${name}` },
    words.copy.copy,
  );
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = words.copy.copied;
    } catch {
      about.textContent = words.copy.failed;
    }
  });
  return [
    element("div", { class: "row" }, heading, button),
    about,
    element("pre", { tabindex: "0", "aria-label": name }, text),
  ];
}

/**
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
function equals(one, other) {
  return one.length === other.length &&
    one.every((octet, at) => octet === other[at]);
}
