// The forms of the page about the server: they show the server's response in place.

import { element } from "./dialogs.js";

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
        `${response.status} ${response.statusText} for GET ${path}, after ${time} ms`,
      ),
      element("pre", {
        class: "muted",
        tabindex: "0",
        "aria-label": "Response headers",
      }, fields.join("\n")),
      element(
        "pre",
        { tabindex: "0", "aria-label": "Response content" },
        body,
      ),
    );
  } catch {
    place?.replaceChildren(
      element("p", { class: "danger" }, "Cannot reach the server."),
    );
  }
  place?.removeAttribute("hidden");
}
