// Edits a text in its preview, and saves it only over the version that was
// read. If somebody else has changed it meanwhile, the user decides.

import {
  ask,
  askForText,
  element,
  problemOf,
  say,
  wantsProblem,
} from "./dialogs.js";
import { hrefOf } from "./format.js";
import { compare } from "./editor_conflict.js";
import { refusePath } from "./requests.js";
import { words } from "./words.js";

/** @typedef {import("./format.js").ShownEntry} ShownEntry */

/**
 * @typedef {object} EditorOptions
 * @property {(entry: ShownEntry) => void} onSaved
 * @property {() => void} onEnd the user edits no longer
 */

/** A text as it is on the server. */
export class RemoteText {
  /**
   * @param {string} text with `\n` at the end of lines
   * @param {object} options
   * @param {string} [options.etag] none for a file that is not there
   * @param {string} [options.newline] at the end of its lines
   */
  constructor(text, { etag, newline = "\n" }) {
    this.text = text;
    this.etag = etag;
    this.newline = newline;
  }
}

export class Editor {
  #entry;
  #options;
  #text = element("textarea", {
    class: "editor-text",
    spellcheck: "false",
    autocapitalize: "off",
    autocomplete: "off",
    dir: "auto",
    readonly: true,
  });
  #save = element(
    "button",
    { type: "button", class: "main" },
    words.preview.save,
  );
  #end = element("button", { type: "button" }, words.preview.endEdit);
  #state = element("p", { class: "muted editor-state", role: "status" });
  /** The version that was read or saved last. @type {RemoteText} */
  #remote = new RemoteText("", {});
  /** What is being saved. @type {Promise<boolean> | undefined} */
  #saving;
  /** Whether something is said that must be read. */
  #isTold = false;
  element;

  /** @param {ShownEntry} entry @param {EditorOptions} options */
  constructor(entry, options) {
    this.#entry = entry;
    this.#options = options;
    this.#text.setAttribute("aria-label", words.preview.textOf(entry.name));
    this.element = element(
      "div",
      { class: "editor" },
      this.#text,
      element(
        "div",
        { class: "editor-foot" },
        this.#state,
        this.#end,
        this.#save,
      ),
    );
    this.#save.addEventListener("click", () => this.save());
    this.#end.addEventListener("click", () => this.#endIfWanted());
    this.#text.addEventListener("input", () => {
      this.#isTold = false;
      this.#update();
    });
    this.element.addEventListener("keydown", (event) => {
      const isSave = (event.ctrlKey || event.metaKey) && !event.altKey &&
        event.key.toLowerCase() === "s";
      if (!isSave) return;
      event.preventDefault();
      this.save();
    });
    addEventListener("beforeunload", this.#keep);
  }

  get isUnsaved() {
    return this.#text.value !== this.#remote.text;
  }

  /** Reads the text. */
  async load() {
    this.#state.textContent = words.preview.loading;
    this.#save.disabled = true;
    try {
      this.#remote = await readWhole(
        hrefOf(this.#entry),
        this.#entry.size,
      );
    } catch (error) {
      say(error instanceof Error ? error.message : `${error}`);
      return this.#finish();
    }
    this.#text.value = this.#remote.text;
    this.#text.readOnly = false;
    this.#text.setSelectionRange(0, 0);
    this.#text.focus();
    this.#update();
  }

  /**
   * Asks about a text that is not saved.
   *
   * @returns {Promise<boolean>} whether it may go; then this has ended
   */
  async mayLeave() {
    if (this.isUnsaved) {
      const { value } = await ask(
        words.preview.leaveTitle,
        words.preview.leave(this.#entry.name),
        [
          { value: "save", label: words.preview.save, isMain: true },
          { value: "discard", label: words.preview.discard },
          { value: "", label: words.preview.keepEditing },
        ],
      );
      if (value === "save" && !await this.save()) return false;
      if (value === "") {
        this.#text.focus();
        return false;
      }
    }
    removeEventListener("beforeunload", this.#keep);
    return true;
  }

  /** @returns {Promise<boolean>} whether the text is saved */
  save() {
    this.#saving ??= this.#saveOnce().finally(() => {
      this.#saving = undefined;
      this.#update();
    });
    return this.#saving;
  }

  async #saveOnce() {
    if (!this.isUnsaved) return true;
    this.#tell(words.preview.saving);
    return await this.#put(this.#entry, this.#remote.etag);
  }

  /**
   * @param {ShownEntry} entry
   * @param {string | undefined} etag the version that may be replaced; none if
   * nothing may be there
   * @param {{ isOther?: boolean }} [options] whether it is another file
   * @returns {Promise<boolean>}
   */
  async #put(entry, etag, { isOther = false } = {}) {
    const text = this.#text.value;
    const { newline } = this.#remote;
    const body = new Blob([text.replaceAll("\n", newline)]);
    const response = await fetch(hrefOf(entry), {
      method: "PUT",
      headers: {
        ...wantsProblem,
        ...(etag ? { "if-match": etag } : { "if-none-match": "*" }),
      },
      body,
    }).catch(() => undefined);
    if (!response) return this.#failed(words.common.cannotReach);
    if (response.status === 412) {
      return isOther
        ? this.#failed(words.preview.nameInUse(entry.name))
        : await this.#solveConflict();
    }
    if (!response.ok) {
      return this.#failed(problemOf(await response.text(), response.status));
    }
    const saved = {
      ...entry,
      size: body.size,
      modified: new Date().toISOString(),
      etag: response.headers.get("etag") ?? undefined,
    };
    this.#remote = new RemoteText(text, { etag: saved.etag, newline });
    this.#entry = saved;
    this.#options.onSaved(saved);
    this.#tell(words.preview.saved(saved.name), { isGood: true });
    return true;
  }

  /** Somebody else has changed or removed the file. */
  async #solveConflict() {
    let theirs;
    try {
      theirs = await readWhole(hrefOf(this.#entry));
    } catch (error) {
      return this.#failed(error instanceof Error ? error.message : `${error}`);
    }
    const answer = await compare(this.#entry.name, this.#text.value, theirs);
    if (answer === "mine") return await this.#put(this.#entry, theirs.etag);
    if (answer === "other") return await this.#saveAs();
    if (answer === "theirs") {
      this.#remote = theirs;
      this.#replaceText(theirs.text);
      return true;
    }
    return false;
  }

  /**
   * Writes a text so that the user can undo it. @param {string} text
   */
  #replaceText(text) {
    this.#text.focus();
    this.#text.select();
    // Nothing else keeps what was there for Ctrl-Z.
    if (!document.execCommand("insertText", false, text)) {
      this.#text.value = text;
    }
    if (this.#text.value !== text) this.#text.value = text;
  }

  async #saveAs() {
    let isSaved = false;
    await askForText(
      words.preview.saveAs,
      words.preview.newName,
      words.preview.save,
      {
        value: this.#entry.name,
        attempt: async (name) => {
          refusePath(name);
          isSaved = await this.#put({ name, type: "file" }, undefined, {
            isOther: true,
          });
          if (!isSaved) throw new Error(this.#state.textContent ?? "");
        },
      },
    );
    return isSaved;
  }

  async #endIfWanted() {
    if (await this.mayLeave()) this.#finish();
  }

  #finish() {
    removeEventListener("beforeunload", this.#keep);
    this.#text.value = this.#remote.text;
    this.#options.onEnd();
  }

  /** @param {string} why */
  #failed(why) {
    this.#tell(why, { isBad: true });
    return false;
  }

  #update() {
    // A button that is disabled loses the focus.
    const isFocused = document.activeElement === this.#save;
    if (isFocused && !this.isUnsaved) this.#text.focus();
    this.#save.disabled = !this.isUnsaved;
    // Why it could not be saved stays until the text changes.
    if (this.#isTold) return;
    this.#tell(this.isUnsaved ? words.preview.unsaved : "");
  }

  /**
   * Beside the text: what is said on the page is behind the dialog.
   *
   * @param {string} text
   * @param {{ isBad?: boolean, isGood?: boolean }} [options]
   */
  #tell(text, { isBad = false, isGood = false } = {}) {
    this.#isTold = isBad || isGood;
    this.#state.textContent = text;
    this.#state.classList.toggle("danger", isBad);
  }

  /** @param {Event} event */
  #keep = (event) => {
    if (this.isUnsaved) event.preventDefault();
  };
}

/**
 * A file as a text. Rejected with a message for the user if it is none.
 *
 * @param {string} href
 * @param {number} [size] octets that it had when last seen
 * @returns {Promise<RemoteText>}
 */
async function readWhole(href, size) {
  /** @param {Record<string, string>} headers */
  const ask = (headers) =>
    fetch(href, { cache: "no-store", headers: { ...headers, ...wantsProblem } })
      .catch(() => {
        throw new Error(words.common.cannotReach);
      });
  // A part is never compressed: only so is the tag that of the file itself. An
  // empty file has no parts.
  const part = { range: "bytes=0-" };
  let response = await ask(size === 0 ? {} : part);
  if (response.status === 416) response = await ask({});
  else if (response.headers.get("etag")?.startsWith("W/")) {
    response = await ask(part);
  }
  if (response.status === 404) return new RemoteText("", {});
  if (!response.ok) {
    throw new Error(problemOf(await response.text(), response.status));
  }
  const octets = await response.arrayBuffer();
  const text = decoded(octets);
  return new RemoteText(text.replaceAll("\r\n", "\n").replaceAll("\r", "\n"), {
    etag: response.headers.get("etag") ?? undefined,
    newline: newlineOf(text),
  });
}

/** @param {ArrayBuffer} octets */
function decoded(octets) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(octets);
    if (!text.includes("\0")) return text;
  } catch {
    // It has octets that are no UTF-8: saving it would change them.
  }
  throw new Error(words.preview.notText);
}

/** The end of most lines, since a browser knows one only. @param {string} text */
function newlineOf(text) {
  const ends = text.match(/\r\n?|\n/g) ?? [];
  const count = Map.groupBy(ends, (end) => end);
  return [...count].sort(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? "\n";
}
