// Dialogs and messages for the user.

import { element } from "./element.js";
import { words } from "./words.js";

export { element } from "./element.js";
export { say } from "./toasts.js";

/**
 * @typedef {object} Choice
 * @property {string} value
 * @property {string} label
 * @property {boolean} [isMain] whether Enter takes it
 * @property {boolean} [isDangerous] whether something is lost by it
 */

/** Where the last click was. @type {EventTarget | null} */
let lastClicked = null;

// The second half of a double click must not hit what a dialog or a menu has
// uncovered.
addEventListener("click", (event) => {
  const isGone = lastClicked instanceof Element && !lastClicked.isConnected &&
    lastClicked.closest("dialog, .menu");
  if (event.detail > 1 && isGone) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else {
    lastClicked = event.target;
  }
}, true);

/**
 * Shows a dialog until it is closed.
 *
 * @param {string} title
 * @param {(Node | string)[]} content
 * @param {{ className?: string }} [options]
 * @returns {{ dialog: HTMLDialogElement, closed: Promise<string> }} the dialog, and the value of the button that closed it
 */
export function showDialog(title, content, { className } = {}) {
  const dialog = element(
    "dialog",
    { "aria-labelledby": "dialog-title", class: className },
    element("h2", { id: "dialog-title" }, title),
    ...content,
  );
  document.body.append(dialog);
  const closed = new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
  });
  dialog.showModal();
  return { dialog, closed };
}

/**
 * Asks for one of several answers.
 *
 * @param {string} title
 * @param {string} text
 * @param {Choice[]} choices
 * @param {{ forAll?: string, details?: HTMLElement }} [options] the label of a
 * checkbox, and what stands above the text
 * @returns {Promise<{ value: string, forAll: boolean }>} the value is empty if
 * the user gave no answer
 */
export async function ask(title, text, choices, { forAll, details } = {}) {
  const box = element("input", { type: "checkbox" });
  const form = element(
    "form",
    { method: "dialog" },
    ...(details ? [details] : []),
    element("p", {}, text),
    ...(forAll
      ? [element("p", {}, element("label", {}, box, ` ${forAll}`))]
      : []),
    buttons(choices),
  );
  const { closed } = showDialog(title, [form]);
  return { value: await closed, forAll: box.checked };
}

/**
 * Asks for a line of text.
 *
 * @param {string} title
 * @param {string} label
 * @param {string} action the label of the button
 * @param {{ value?: string, attempt?: (text: string) => Promise<unknown> }} [options]
 * the text at the start; and what is done with the answer: if it rejects, the
 * dialog says why, and what was typed stays
 * @returns {Promise<string>} empty if the user gave no answer
 */
export async function askForText(title, label, action, options = {}) {
  const input = element("input", {
    type: "text",
    id: "dialog-text",
    required: true,
    autofocus: true,
    maxlength: "255",
    autocomplete: "off",
    "aria-describedby": "dialog-refusal",
  });
  input.value = options.value ?? "";
  const refusal = element("p", {
    id: "dialog-refusal",
    class: "refusal",
    role: "alert",
  });
  const form = element(
    "form",
    { method: "dialog", class: "stack" },
    element("label", { for: "dialog-text" }, label),
    input,
    refusal,
    buttons([
      // The first one is that of the Enter key.
      { value: "yes", label: action, isMain: true },
      { value: "", label: words.common.cancel },
    ], { hasText: true }),
  );
  const { dialog, closed } = showDialog(title, [form]);
  input.select();
  form.addEventListener("submit", async (event) => {
    const { submitter } = event;
    const isCancelled = submitter instanceof HTMLButtonElement &&
      submitter.value === "";
    if (isCancelled || !options.attempt) return;
    event.preventDefault();
    try {
      await options.attempt(input.value);
      dialog.close("yes");
    } catch (error) {
      refusal.textContent = `${/** @type {Error} */ (error).message}`;
      input.setAttribute("aria-invalid", "true");
      input.focus();
    }
  });
  return await closed === "yes" ? input.value : "";
}

/**
 * @param {Choice[]} choices
 * @param {{ hasText?: boolean }} [options] whether the focus belongs to a text
 */
export function buttons(choices, { hasText } = {}) {
  return element(
    "div",
    { class: "row" },
    ...choices.map(({ value, label, isMain, isDangerous }) =>
      element("button", {
        value,
        class: isMain ? "main" : isDangerous ? "danger" : undefined,
        autofocus: isMain && !hasText,
        // Cancelling needs no valid text.
        formnovalidate: value === "",
      }, label)
    ),
  );
}

/**
 * The error that a response reports, as a sentence.
 *
 * @param {string} text the body of a response with `application/problem+json`
 * @param {number} status
 */
export function problemOf(text, status) {
  try {
    const { detail, title } = JSON.parse(text);
    return `${detail ?? title} (${status})`;
  } catch {
    return words.common.answered(status);
  }
}

/** Asks for an error that {@linkcode problemOf} can read. */
export const wantsProblem = { accept: "application/problem+json, */*;q=0.1" };
