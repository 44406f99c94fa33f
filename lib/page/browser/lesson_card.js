// How a lesson and a verdict look. It does not know where they come from.

import { element } from "./dialogs.js";
import { words } from "./words.js";

/** @typedef {import("./lessons.js").Lesson} Lesson */
/** @typedef {import("./lessons.js").Verdict} Verdict */

const texts = words.lessons;

/**
 * A text as nodes: what stands between backticks is code.
 *
 * @param {string} text
 * @returns {(Node | string)[]}
 */
function withCode(text) {
  return text.split("`").map((piece, at) =>
    at % 2 === 0 ? piece : element("code", {}, piece)
  );
}

/**
 * A lesson: what to know, what to do, and hints, one at a time.
 *
 * @param {Lesson} lesson
 * @param {{ number: number, of: number, fill: (text: string) => void }} context
 * @returns {Node[]}
 */
export function lessonCard(lesson, { number, of, fill }) {
  const again = element("button", { type: "button" }, texts.again);
  again.addEventListener("click", () => fill(lesson.start));
  return [
    element("p", { class: "muted lesson-number" }, texts.number(number, of)),
    element("h2", { tabindex: "-1" }, lesson.title),
    element("p", {}, ...withCode(lesson.about)),
    element(
      "p",
      { class: "lesson-goal" },
      element("strong", {}, texts.goal),
      " ",
      ...withCode(lesson.goal),
    ),
    ...hintsOf(lesson, again, fill),
  ];
}

/**
 * @param {Lesson} lesson
 * @param {HTMLElement} again
 * @param {(text: string) => void} fill
 */
function hintsOf({ hints, solution }, again, fill) {
  const shown = element("ol", { class: "lesson-hints", "aria-live": "polite" });
  const more = element("button", { type: "button" });
  const label = () => {
    const count = shown.childElementCount;
    more.textContent = count < hints.length
      ? texts.hint(count + 1, hints.length)
      : texts.solution;
  };
  label();
  const answer = element("div", { class: "lesson-solution" });
  more.addEventListener("click", () => {
    const hint = hints[shown.childElementCount];
    if (hint !== undefined) {
      shown.append(element("li", {}, ...withCode(hint)));
      return label();
    }
    answer.append(...solutionOf(solution, fill));
    more.remove();
    answer.querySelector("button")?.focus();
  });
  return [shown, answer, element("div", { class: "row" }, more, again)];
}

/**
 * @param {string[]} solution
 * @param {(text: string) => void} fill
 */
function solutionOf(solution, fill) {
  const steps = solution.map((text) => {
    const use = element("button", { type: "button" }, texts.use);
    use.addEventListener("click", () => fill(text));
    return element("li", {}, element("pre", {}, text.trimEnd()), use);
  });
  const isOpen = solution.some((text) => /<[A-Z]+>/.test(text));
  return [
    element("p", {}, isOpen ? texts.solutionOpen : texts.solutionIs),
    element("ol", { class: solution.length > 1 ? "steps" : "step" }, ...steps),
  ];
}

/**
 * What is said of a try.
 *
 * @param {Partial<Verdict>} verdict
 * @param {Lesson} lesson
 * @param {{ isLast: boolean, toNext?: () => void }} way
 * @returns {Node[]}
 */
export function verdictOf({ isSolved, missing = "", isHalfway }, lesson, way) {
  const kind = isSolved ? "solved" : isHalfway ? "halfway" : "missing";
  const panel = element(
    "div",
    { class: `panel verdict ${kind}` },
    element(
      "p",
      { class: "verdict-said" },
      element("strong", {}, texts[kind]),
      " ",
      ...withCode(missing),
    ),
  );
  if (missing) panel.append(toAnswer());
  if (isSolved) {
    panel.append(
      element("p", {}, ...withCode(lesson.explanation)),
      element("h3", {}, texts.elsewhere),
      element("p", {}, ...withCode(lesson.elsewhere)),
      wayOn(way),
    );
  }
  return [panel];
}

/** On a phone, what crossed the wire stands below a long list. */
function toAnswer() {
  const button = element(
    "button",
    { type: "button", class: "to-answer" },
    texts.toAnswer,
  );
  button.addEventListener("click", () => {
    document.querySelector("#details")?.scrollIntoView();
  });
  return button;
}

/** @param {{ isLast: boolean, toNext?: () => void }} way */
function wayOn({ isLast, toNext }) {
  if (isLast || !toNext) return element("p", {}, texts.allSolved);
  const next = element("button", { type: "button", class: "main" }, texts.next);
  next.addEventListener("click", toNext);
  return next;
}
