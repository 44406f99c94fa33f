// The dialog that shows one file after another, and lets a text be edited.
// `previewed.js` shows the content; `editor.js` comes when it is first needed.

import { element } from "./dialogs.js";
import { folder } from "./folder.js";
import { formatSize, hrefOf, timeFormat } from "./format.js";
import { mayEdit, previewed } from "./previewed.js";
import { useStyle } from "./styles.js";
import { words } from "./words.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

/**
 * The entry so many steps after another one, if there is one.
 *
 * @typedef {(entry: ShownEntry, step: number) => ShownEntry | undefined} Beside
 */

/** How far (px) a finger moves for the next file. */
const SWIPE = 48;

const formatTime = timeFormat();

/**
 * Shows a file until the dialog is closed.
 *
 * @param {ShownEntry} entry
 * @param {Beside} beside
 * @param {{ isEdited?: boolean }} [options] whether its text can be changed at
 * once
 * @returns {Promise<ShownEntry>} the one that was shown last
 */
export async function preview(entry, beside, { isEdited = false } = {}) {
  await useStyle("preview.css");
  const dialog = new Preview(entry, beside);
  if (isEdited) await dialog.edit();
  return await dialog.closed;
}

class Preview {
  #beside;
  #shown;
  #title = element("h2", { id: "preview-title", dir: "auto" });
  #facts = element("p", { class: "muted preview-facts" });
  #place = element("div", { class: "previewed" });
  #open = element("a", { class: "button" }, words.actions.open);
  #download = element(
    "a",
    { class: "button", download: true },
    words.actions.download,
  );
  #edit = element("button", { type: "button" }, words.preview.edit);
  #previous = step("previous", words.preview.previous);
  #next = step("next", words.preview.next);
  #close = element("button", {
    type: "button",
    class: "action close",
    "aria-label": words.common.close,
    title: words.common.close,
    autofocus: true,
  });
  #dialog;
  /** What stops it from being closed. @type {import("./editor.js").Editor | undefined} */
  #editor;
  /** @type {Promise<ShownEntry>} */
  closed;

  /** @param {ShownEntry} entry @param {Beside} beside */
  constructor(entry, beside) {
    this.#shown = entry;
    this.#beside = beside;
    this.#dialog = element(
      "dialog",
      { class: "preview-dialog", "aria-labelledby": "preview-title" },
      element(
        "div",
        { class: "preview-head" },
        element("div", { class: "preview-name" }, this.#title, this.#facts),
        element(
          "div",
          { class: "preview-actions" },
          this.#edit,
          this.#open,
          this.#download,
        ),
        this.#close,
      ),
      element(
        "div",
        { class: "preview-body" },
        this.#previous,
        this.#place,
        this.#next,
      ),
    );
    this.#close.addEventListener("click", () => this.close());
    this.#edit.addEventListener("click", () => this.edit());
    this.#previous.addEventListener("click", () => this.#go(-1));
    this.#next.addEventListener("click", () => this.#go(1));
    this.#listen();
    document.body.append(this.#dialog);
    this.#dialog.showModal();
    this.#show(entry);
    this.closed = this.#untilClosed();
  }

  /** Closes it, unless there is a text that the user wants to keep. */
  async close() {
    if (await this.#mayLeave()) this.#dialog.close();
  }

  /** Lets the user change the text. */
  async edit() {
    if (this.#editor || !mayEdit(this.#shown, folder)) return;
    const entry = this.#shown;
    const { Editor } = await import("./editor.js");
    if (this.#shown !== entry) return;
    const editor = new Editor(entry, {
      onSaved: (saved) => this.#saved(saved),
      onEnd: () => this.#endEdit(),
    });
    this.#editor = editor;
    this.#dialog.classList.add("edited");
    this.#edit.hidden = true;
    this.#place.replaceChildren(editor.element);
    await editor.load();
  }

  /** @param {ShownEntry} entry */
  #show(entry) {
    this.#name(entry);
    this.#open.href = hrefOf(entry);
    this.#download.href = `${hrefOf(entry)}?download`;
    this.#previous.disabled = !this.#beside(entry, -1);
    this.#next.disabled = !this.#beside(entry, 1);
    this.#edit.hidden = !mayEdit(entry, folder);
    this.#dialog.classList.remove("edited");
    // The focus must not go with what had it.
    if (this.#place.contains(document.activeElement)) this.#close.focus();
    this.#place.replaceChildren(previewed(entry));
  }

  /** @param {number} step */
  async #go(step) {
    const next = this.#beside(this.#shown, step);
    if (!next || !await this.#mayLeave()) return;
    this.#show(next);
  }

  /** @returns {Promise<boolean>} whether the text may go, if there is one */
  async #mayLeave() {
    if (this.#editor && !await this.#editor.mayLeave()) return false;
    this.#editor = undefined;
    return true;
  }

  #endEdit() {
    this.#editor = undefined;
    this.#show(this.#shown);
    this.#edit.focus();
  }

  /** @param {ShownEntry} entry */
  #saved(entry) {
    folder.list.put(entry);
    this.#name(entry);
  }

  /** @param {ShownEntry} entry */
  #name(entry) {
    this.#shown = entry;
    this.#title.textContent = entry.name;
    this.#facts.textContent = [
      formatSize(entry.size),
      formatTime(entry.modified),
    ].filter(Boolean).join(" · ");
  }

  #listen() {
    const dialog = this.#dialog;
    dialog.addEventListener("keydown", (event) => this.#onKey(event));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    // A press that begins inside, to select a text, may end outside.
    let beganOutside = false;
    dialog.addEventListener("pointerdown", ({ target }) => {
      beganOutside = target === dialog;
    });
    dialog.addEventListener("click", ({ target }) => {
      if (target === dialog && beganOutside) this.close();
    });
    this.#listenToFingers();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { key, target } = event;
    if (key === "Escape") {
      event.preventDefault();
      this.close();
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) {
      return;
    }
    // There the keys seek in a video, or move in a text.
    if (target instanceof HTMLMediaElement || this.#editor) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (!step) return;
    event.preventDefault();
    this.#go(step);
  }

  #listenToFingers() {
    /** @type {Touch | undefined} */
    let began;
    /** @param {Event} event */
    const ended = (event) => {
      const [end] = /** @type {TouchEvent} */ (event).changedTouches;
      if (!began) return;
      const across = end.clientX - began.clientX;
      const along = end.clientY - began.clientY;
      began = undefined;
      if (Math.abs(across) < Math.max(SWIPE, 2 * Math.abs(along))) return;
      this.#go(across < 0 ? 1 : -1);
    };
    this.#place.addEventListener("touchstart", ({ touches, target }) => {
      const isMedia = target instanceof HTMLMediaElement;
      const isZoomed = (visualViewport?.scale ?? 1) > 1;
      const isOne = touches.length === 1 && !isMedia && !isZoomed;
      began = isOne && !this.#editor ? touches[0] : undefined;
      // A touch ends at what it began at, though other content may have come
      // in its place meanwhile.
      const options = { once: true, passive: true };
      target?.addEventListener("touchend", ended, options);
    }, { passive: true });
  }

  /** @returns {Promise<ShownEntry>} */
  async #untilClosed() {
    for (;;) {
      await new Promise((resolve) =>
        this.#dialog.addEventListener("close", resolve, { once: true })
      );
      // A browser closes a dialog in the end, whatever a page wants.
      if (!this.#editor?.isUnsaved) break;
      this.#dialog.showModal();
      this.close();
    }
    this.#dialog.remove();
    return this.#shown;
  }
}

/**
 * A button that leads to a neighbor.
 *
 * @param {string} side
 * @param {string} label
 */
function step(side, label) {
  return element("button", {
    type: "button",
    class: `step icon ${side}`,
    "aria-label": label,
    title: label,
  });
}
