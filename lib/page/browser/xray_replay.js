// The way of the server's parser through a head, octet by octet. The server has
// run it; this only shows what it said.

import { ruleOf } from "./abnf.js";
import { element, problemOf, wantsProblem } from "./dialogs.js";
import { linkOf } from "./explanations.js";
import { hexOf, visible } from "./octet_text.js";
import { words as all } from "./words.js";

const words = all.xray;

/** @typedef {import("./xray_hooks.js").Part} Part */
/** @typedef {{ method: string, target: string, form: string, version: string }} Line */
/** @typedef {{ framing: string, length?: number, mayPersist: boolean, expectsContinue: boolean, upgrade: string[] }} Decided */
/** @typedef {{ steps: { state: string, taken: number }[], line?: Line, decided?: Decided, refused?: { status: number, reason: string }, left: number }} Replay */
/** @typedef {{ bytes: Uint8Array, parts: Part[] }} Request */

/** Milliseconds from octet to octet. */
const BEAT = 120;

/**
 * @param {number} id
 * @param {Request} request
 */
export async function replayOf(id, request) {
  const response = await fetch(`/xray/exchanges/${id}/replay`, {
    headers: wantsProblem,
  });
  if (!response.ok) {
    throw new Error(problemOf(await response.text(), response.status));
  }
  return new Player(await response.json(), request).nodes;
}

/** Shows one step at a time. */
class Player {
  /** @type {Replay} */
  #replay;
  #request;
  #slider;
  #octets;
  #facts = element("dl", { class: "facts" });
  #play = element("button", { type: "button" }, words.replay.play);
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #beat;

  /**
   * @param {Replay} replay
   * @param {Request} request
   */
  constructor(replay, request) {
    this.#replay = replay;
    this.#request = request;
    const count = replay.steps.length;
    this.#slider = element("input", {
      type: "range",
      id: "replay-at",
      min: "1",
      max: `${Math.max(1, count)}`,
      value: "1",
    });
    this.#octets = element("pre", {
      class: "octets replay",
      tabindex: "0",
      "aria-label": words.replay.head,
    });
    for (let at = 0; at < count; at++) {
      const octet = request.bytes.subarray(at, at + 1);
      this.#octets.append(
        element("span", { "data-at": `${at + 1}` }, visible(octet)),
      );
    }
    this.#octets.addEventListener("click", ({ target }) => {
      const at = target instanceof HTMLElement && target.dataset.at;
      if (at) this.#show(Number(at));
    });
    this.#slider.addEventListener("input", () => this.#show(this.#at));
    this.#play.addEventListener("click", () => this.#toggle());
    this.#show(1);
  }

  get nodes() {
    const { title, about, octet, back, on, left } = words.replay;
    return [
      element("h3", {}, title),
      element("p", { class: "muted" }, about),
      this.#octets,
      element(
        "div",
        { class: "row" },
        this.#step(back, -1),
        this.#step(on, 1),
        this.#play,
        element("label", { for: "replay-at", class: "heard" }, octet),
        this.#slider,
      ),
      element("div", { role: "status" }, this.#facts),
      ...this.#replay.left > 0 && !this.#isDecided
        ? [element("p", { class: "muted" }, left(this.#replay.left))]
        : [],
    ];
  }

  get #isDecided() {
    return this.#replay.decided ?? this.#replay.refused;
  }

  get #at() {
    return Number(this.#slider.value);
  }

  get #last() {
    return this.#replay.steps.length;
  }

  /**
   * @param {string} name
   * @param {number} by
   */
  #step(name, by) {
    const button = element("button", { type: "button" }, name);
    button.addEventListener("click", () => {
      this.#pause();
      this.#show(Math.min(this.#last, Math.max(1, this.#at + by)));
    });
    return button;
  }

  #toggle() {
    if (this.#beat !== undefined) return this.#pause();
    if (this.#at >= this.#last) this.#show(1);
    this.#play.textContent = words.replay.stop;
    this.#beat = setInterval(() => {
      // It may have been closed while it played.
      if (this.#at >= this.#last || !this.#octets.isConnected) this.#pause();
      else this.#show(this.#at + 1);
    }, BEAT);
  }

  #pause() {
    clearInterval(this.#beat);
    this.#beat = undefined;
    this.#play.textContent = words.replay.play;
  }

  /** @param {number} at */
  #show(at) {
    if (this.#last === 0) return;
    this.#slider.value = `${at}`;
    for (const span of this.#octets.children) {
      const own = Number(span.getAttribute("data-at"));
      span.className = own < at ? "past" : own === at ? "now" : "ahead";
    }
    this.#reveal(at);
    const { state, taken } = this.#replay.steps[at - 1];
    const octet = this.#request.bytes[at - 1];
    const part = this.#request.parts.find(({ from, to }) =>
      from < at && at <= to
    );
    const [rule, section] = ruleOf(part ?? { kind: "section-end" });
    const { terms, states, refused } = words.replay;
    const isRefused = state === "refused" && this.#replay.refused;
    this.#facts.classList.toggle("refused", Boolean(isRefused));
    this.#facts.replaceChildren(
      ...fact(
        terms.octet,
        words.replay.at(
          at,
          this.#last,
          visible(Uint8Array.of(octet)).trim() || "a space",
          hexOf(octet),
        ),
      ),
      ...fact(
        terms.state,
        isRefused ? refused(isRefused) : states[state] ?? state,
      ),
      ...fact(
        terms.rule,
        element("code", {}, rule),
        " ",
        element("a", {
          href: linkOf(section),
          rel: "noreferrer",
          target: "_blank",
        }, section),
      ),
      ...isRefused ? [] : fact(terms.taken, words.replay.taken(taken, at)),
      ...fact(terms.known, this.#known(state)),
    );
  }

  /**
   * Scrolls to an octet of a long head, and leaves the page where it is.
   *
   * @param {number} at
   */
  #reveal(at) {
    const octet = this.#octets.children[at - 1];
    if (!(octet instanceof HTMLElement)) return;
    const { scrollTop, clientHeight } = this.#octets;
    const isOut = octet.offsetTop < scrollTop ||
      octet.offsetTop + octet.offsetHeight > scrollTop + clientHeight;
    if (isOut) this.#octets.scrollTop = octet.offsetTop - clientHeight / 2;
  }

  /** @param {string} state */
  #known(state) {
    const { line, decided } = this.#replay;
    const { nothingKnown, line: lineText, decided: decidedText } = words.replay;
    const known = [
      ...line && state !== "request line" && state !== "empty line"
        ? [lineText(line)]
        : [],
      ...decided && state === "complete" ? [decidedText(decided)] : [],
    ];
    return known.length > 0 ? known.join("; ") : nothingKnown;
  }
}

/**
 * @param {string} term
 * @param {(Node | string)[]} content
 */
function fact(term, ...content) {
  return [element("dt", {}, term), element("dd", {}, ...content)];
}
