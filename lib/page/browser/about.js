// The forms of the page about the server: they show the server's response in place.

import { element } from "./dialogs.js";
import { words } from "./words.js";

const w = words.about;

for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = form.querySelector("input")?.value;
    const { pathname } = new URL(form.action);
    showAnswer(
      text === undefined
        ? pathname
        : pathname.replace(/[^/]*$/, () => encodeURIComponent(text)),
    );
  });
}

/** @param {string} path */
async function showAnswer(path) {
  const place = document.querySelector("#answer");
  const from = performance.now();
  try {
    const response = await fetch(path);
    const body = await response.text();
    const time = (performance.now() - from).toFixed(1);
    const fields = [...response.headers].map(([name, value]) =>
      `${name}: ${value}`
    );
    place?.replaceChildren(
      element(
        "p",
        {},
        w.answered(`${response.status} ${response.statusText}`, path, time),
      ),
      element("pre", {
        class: "muted",
        tabindex: "0",
        "aria-label": w.fields,
      }, fields.join("\n")),
      element(
        "pre",
        { tabindex: "0", "aria-label": w.content },
        body,
      ),
    );
  } catch {
    place?.replaceChildren(
      element("p", { class: "danger" }, words.common.cannotReach),
    );
  }
  place?.removeAttribute("hidden");
}
