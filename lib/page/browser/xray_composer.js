// Requests by hand: what is typed is sent as it is, right or wrong.

import { element, problemOf, say, wantsProblem } from "./dialogs.js";
import { octetsOf } from "./octet_text.js";
import { typedOctets } from "./typed_octets.js";
import { offerComposer, tellTyped } from "./xray_hooks.js";
import { find } from "./xray_page_parts.js";
import { samples } from "./xray_samples.js";
import { words as all } from "./words.js";

const words = all.xray;

/** @typedef {import("./xray_hooks.js").Exchange} Exchange */
/** @typedef {import("./xray_hooks.js").Part} Part */

/** @type {HTMLTextAreaElement} */
const octets = find("#octets");
/** @type {HTMLSelectElement} */
const lineEnd = find("#line-end");
/** @type {HTMLSelectElement} */
const last = find("#last");
/** @type {HTMLSelectElement} */
const sample = find("#sample");
/** @type {HTMLFormElement} */
const form = find("#send");
/** @type {HTMLButtonElement} */
const button = find("#send button");

/** What was in the box before it was cleared. */
let cleared = "";

/** @param {{ onAnswered: (id: number) => Promise<void> }} callbacks */
export function listenToTyping({ onAnswered }) {
  offerSamples();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    if (octets.value === "") return complain(words.composer.empty);
    complain("");
    find("#sent").textContent = "";
    button.disabled = true;
    button.textContent = words.composer.sending;
    try {
      await send(onAnswered);
    } catch {
      complain(words.list.lost);
    } finally {
      button.disabled = false;
      button.textContent = words.composer.send;
    }
  });
  octets.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === "Escape") {
      event.preventDefault();
      clearOrRestore();
    }
  });
  octets.addEventListener("input", () => complain(""));
  find("#clear-octets").addEventListener("click", () => {
    clear();
    octets.focus();
  });
  offerComposer(
    ({ text, lineEnd: end = "crlf", end: manner = "half-close" }) => {
      octets.value = text;
      lineEnd.value = end;
      last.value = manner;
      sample.value = "";
      complain("");
      find("#typed").scrollIntoView({ block: "nearest" });
      octets.focus();
    },
  );
}

function offerSamples() {
  sample.append(element("option", { value: "" }, words.composer.examples));
  for (const [group, texts] of Object.entries(samples)) {
    const options = Object.keys(texts).map((name) =>
      element("option", {}, name)
    );
    sample.append(element("optgroup", { label: group }, ...options));
  }
  const all = Object.assign({}, ...Object.values(samples));
  sample.addEventListener("change", () => {
    if (sample.value === "") return;
    octets.value = all[sample.value];
    lineEnd.value = "crlf";
    last.value = "half-close";
    complain("");
  });
}

/** @param {string} text */
function complain(text) {
  find("#octets-error").textContent = text;
  if (text === "") octets.removeAttribute("aria-invalid");
  else {
    octets.setAttribute("aria-invalid", "true");
    octets.focus();
  }
}

function clear() {
  if (octets.value !== "") cleared = octets.value;
  octets.value = "";
  sample.value = "";
  complain("");
}

function clearOrRestore() {
  if (octets.value === "") {
    octets.value = cleared;
    return complain("");
  }
  clear();
  say(words.composer.cleared);
}

/** @param {(id: number) => Promise<void>} onAnswered */
async function send(onAnswered) {
  const sent = typedOctets(octets.value, lineEnd.value);
  const query = new URLSearchParams({ end: last.value });
  if (sent.waits.length > 0) query.set("wait", `${sent.waits}`);
  const response = await fetch(`/xray/send?${query}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream", ...wantsProblem },
    body: sent.octets,
  });
  const text = await response.text();
  if (!response.ok) return complain(problemOf(text, response.status));
  const { client, exchanges } = JSON.parse(text);
  const found = await Promise.all(exchanges.map(exchangeOf));
  if (found.length === 0) complain(words.composer.noRequest);
  else {
    await onAnswered(found[0].id);
    find("#sent").textContent = words.composer.answered(
      found.map(({ status }) => status),
    );
  }
  tellTyped({
    client,
    octets: await sent.octets.bytes(),
    exchanges: found,
  });
}

/**
 * An exchange, as lessons see it.
 *
 * @param {number} id
 * @returns {Promise<Exchange>}
 */
async function exchangeOf(id) {
  const { messages, ...details } = await (await fetch(`/xray/exchanges/${id}`))
    .json();
  const [request, response] = messages.map((
    /** @type {{ octets: string }} */ message,
  ) => ({ ...message, bytes: octetsOf(message.octets) }));
  const statuses = response.parts
    .filter((/** @type {Part} */ { kind }) => kind === "status")
    .map((/** @type {Part} */ { from, to }) =>
      Number(new TextDecoder().decode(response.bytes.subarray(from, to)))
    );
  return { ...details, request, response, statuses };
}
