// X-ray: what is typed, a live list of exchanges, and the octets of the selected
// one.

import { find, isNarrow } from "./xray_page_parts.js";
import "./source_links.js";
import { listenToTyping } from "./xray_composer.js";
import { choose, listenForExchanges } from "./xray_list.js";
import { showNothing } from "./xray_details.js";

listenForExchanges({ onClear: showNothing });
listenToTyping({
  /** @param {number} id */
  async onAnswered(id) {
    await choose(id);
    // On a phone the answer is below what was typed.
    if (isNarrow()) find("#details").scrollIntoView();
  },
});

if (document.querySelector("#lessons")) import("./lessons.js");
