// Uploads that an earlier page began here. A page cannot keep a file, but the
// server keeps the octets that arrived.

import { element, say } from "./dialogs.js";
import { folder } from "./folder.js";
import { formatSize } from "./format.js";
import { words } from "./words.js";

export class UnfinishedUploads {
  element = element("ul", { class: "uploads" });
  #uploads;
  #onChange;

  /**
   * @param {import("./uploads.js").Uploads} uploads
   * @param {() => void} onChange
   */
  constructor(uploads, onChange) {
    this.#uploads = uploads;
    this.#onChange = onChange;
    this.#find();
  }

  get count() {
    return this.element.childElementCount;
  }

  async #find() {
    const { savedUploads } = this.#uploads;
    for (
      const [target, { location, size }] of Object.entries(savedUploads.all())
    ) {
      if (!target.startsWith(folder.path)) continue;
      const response = await fetch(location, { method: "HEAD" }).catch(() =>
        undefined
      );
      if (!response) continue;
      if (!response.ok || response.headers.get("upload-complete") === "?1") {
        savedUploads.forget(target);
        continue;
      }
      const offset = Number(response.headers.get("upload-offset"));
      this.element.append(this.#row(target, location, { offset, size }));
      this.#onChange();
    }
  }

  /**
   * @param {string} target
   * @param {string} location
   * @param {{ offset: number, size: number }} progress
   */
  #row(target, location, { offset, size }) {
    const w = words.upload;
    const { savedUploads } = this.#uploads;
    const name = decodeURIComponent(target.split("/").pop() ?? "");
    const input = element("input", {
      type: "file",
      class: "heard",
      tabindex: "-1",
      "aria-label": w.chooseAgainOf(name),
    });
    const choose = element("button", { type: "button" }, w.chooseAgain);
    const giveUp = element("button", { type: "button" }, w.giveUp);
    const row = element(
      "li",
      { "data-state": "paused" },
      element("span", { class: "upload-name", dir: "auto" }, name),
      element("progress", {
        max: `${size || 1}`,
        value: `${offset}`,
        "aria-label": w.uploadOf(name),
      }),
      element(
        "span",
        { class: "upload-detail" },
        w.arrived(formatSize(offset), formatSize(size)),
      ),
      element("span", { class: "row" }, input, choose, giveUp),
    );
    choose.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      const saved = savedUploads.find(target);
      if (!file) return;
      if (file.size !== saved?.size || file.lastModified !== saved.modified) {
        return say(w.otherFile);
      }
      row.remove();
      this.#uploads.add(file, target);
    });
    giveUp.addEventListener("click", async () => {
      await fetch(location, { method: "DELETE" }).catch(() => {});
      savedUploads.forget(target);
      row.remove();
      this.#onChange();
    });
    return row;
  }
}
