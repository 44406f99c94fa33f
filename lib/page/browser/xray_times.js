// Where the time of an exchange went: the server's work, and its waiting for
// the client.

import { element } from "./dialogs.js";
import { words as all } from "./words.js";

const words = all.xray;

/** @typedef {{ name: string, from: number, to: number, waited: number }} Stage */

/** @param {Stage[]} stages */
export function timesOf(stages) {
  const begin = Math.min(...stages.map(({ from }) => from));
  const length = Math.max(...stages.map(({ to }) => to)) - begin || 1;
  const body = element("tbody");
  for (const { name, from, to, waited } of stages) {
    const place = element("td", { class: "bar-place" });
    /** @type {[string, number, number][]} */
    const bars = [["wait", from, from + waited], ["work", from + waited, to]];
    for (const [kind, left, right] of bars) {
      if (right <= left && kind === "wait") continue;
      if (right <= left && waited > 0) continue;
      const bar = element("span", { class: `bar ${kind}` });
      bar.style.insetInlineStart = `${(left - begin) / length * 100}%`;
      bar.style.width = `max(2px, ${(right - left) / length * 100}%)`;
      place.append(bar);
    }
    const isWait = waited > 0 && waited >= to - from;
    body.append(element(
      "tr",
      {},
      element("th", { scope: "row" }, words.times.stages[name] ?? name),
      place,
      element(
        "td",
        { class: "time" },
        words.ms(to - from),
        element(
          "span",
          { class: "heard" },
          waited > 0 && !isWait ? words.times.waited(waited) : "",
        ),
      ),
    ));
  }
  return element(
    "table",
    { class: "waterfall" },
    element(
      "caption",
      {},
      words.times.caption,
      element("span", { class: "muted" }, words.times.sum(...sumOf(stages))),
    ),
    body,
  );
}

/**
 * Content may arrive while the handler runs: that time counts as waiting.
 *
 * @param {Stage[]} stages
 * @returns {[worked: number, waited: number]}
 */
function sumOf(stages) {
  const waited = stages.reduce((sum, stage) => sum + stage.waited, 0);
  const begin = Math.min(...stages.map(({ from }) => from));
  const end = Math.max(...stages.map(({ to }) => to));
  return [Math.max(0, end - begin - waited), waited];
}
