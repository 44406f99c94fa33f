// Lessons beside X-ray: a goal, hints on demand, and a verdict by what crossed
// the wire. The server has the lessons and judges; the browser keeps which ones
// are solved.

import { ask, element, problemOf, say, wantsProblem } from "./dialogs.js";
import { lessonCard, verdictOf } from "./lesson_card.js";
import { forget, readProgress, writeProgress } from "./lesson_progress.js";
import { words } from "./words.js";
import { fillComposer, onTyped } from "./xray_hooks.js";

/**
 * @typedef {object} Lesson
 * @property {string} id
 * @property {string} title
 * @property {string} about
 * @property {string} goal
 * @property {string} start
 * @property {string[]} hints
 * @property {string[]} solution
 * @property {string} explanation
 * @property {string} elsewhere
 */
/** @typedef {{ isSolved: boolean, missing?: string, isHalfway?: boolean }} Verdict */

const texts = words.lessons;
const place = /** @type {HTMLElement} */ (document.querySelector("#lessons"));
const composer = /** @type {HTMLElement} */ (document.querySelector("#typed"));

/** @type {Lesson[]} */
let lessons = [];
/** The lesson that is open. @type {Lesson} */
let current;
/** The latest exchange before it was opened. */
let latest = 0;
let after = 0;

const progress = readProgress();

const index = element("ol", { class: "lesson-index" });
const count = element("span", { class: "muted" });
const card = element("div", { class: "lesson-card" });
const verdict = element("div", { id: "verdict", role: "status" });
const reset = element("button", { type: "button" }, texts.reset);
const all = element(
  "details",
  { class: "lesson-all" },
  element("summary", {}, texts.all, " ", count),
  index,
  reset,
);

await begin();

async function begin() {
  const response = await fetch("/xray/lessons", { headers: wantsProblem });
  if (!response.ok) {
    return say(problemOf(await response.text(), response.status));
  }
  ({ lessons, latest } = await response.json());
  place.append(all, card);
  composer.after(verdict);
  const last = lessons.find(({ id }) => id === progress.at);
  open(last ?? nextOf() ?? lessons[0]);
  // A page that has just been opened leaves the focus where it is.
  /** @type {HTMLElement | null} */ (document.activeElement)?.blur();
  scrollTo(0, 0);
}

/** The first lesson that is not solved, from the open one on. */
function nextOf() {
  const at = current ? lessons.indexOf(current) + 1 : 0;
  return [...lessons.slice(at), ...lessons.slice(0, at)]
    .find(({ id }) => !progress.solved.includes(id));
}

/** @param {Lesson} lesson */
function open(lesson) {
  current = lesson;
  after = latest;
  progress.at = lesson.id;
  writeProgress(progress);
  card.replaceChildren(...lessonCard(lesson, {
    number: lessons.indexOf(lesson) + 1,
    of: lessons.length,
    fill: (text) => fillComposer({ text }),
  }));
  verdict.replaceChildren();
  showIndex();
  fillComposer({ text: lesson.start });
}

/** @param {Lesson} lesson */
function openByHand(lesson) {
  open(lesson);
  all.open = false;
  const title = /** @type {HTMLElement} */ (card.querySelector("h2"));
  title.focus({ preventScroll: true });
  title.scrollIntoView({ block: "nearest" });
}

function showIndex() {
  const { solved } = progress;
  count.textContent = texts.count(solved.length, lessons.length);
  index.replaceChildren(...lessons.map((lesson) => {
    const isSolved = solved.includes(lesson.id);
    const button = element(
      "button",
      { type: "button", "aria-current": lesson === current && "step" },
      element("span", { class: "lesson-mark", "aria-hidden": "true" }),
      lesson.title,
      isSolved ? element("span", { class: "heard" }, ` ${texts.done}`) : "",
    );
    button.classList.toggle("solved", isSolved);
    button.addEventListener("click", () => openByHand(lesson));
    return element("li", {}, button);
  }));
}

reset.addEventListener("click", async () => {
  const { value } = await ask(texts.reset, texts.resetQuestion, [
    { value: "yes", label: texts.reset, isMain: true },
    { value: "", label: words.common.cancel },
  ]);
  if (!value) return;
  forget(progress);
  openByHand(lessons[0]);
});

onTyped(async ({ exchanges }) => {
  const lesson = current;
  if (exchanges.length === 0) return show({ missing: texts.nothing });
  const [{ id, connection }] = exchanges;
  // After a restart of the server they are counted anew.
  if (id <= after) after = 0;
  const query = `connection=${connection}&after=${after}`;
  const response = await fetch(
    `/xray/lessons/${lesson.id}/verdict?${query}`,
    { headers: wantsProblem },
  );
  latest = Math.max(...exchanges.map(({ id }) => id));
  if (lesson !== current) return;
  if (!response.ok) {
    const missing = problemOf(await response.text(), response.status);
    return show({ missing });
  }
  show(await response.json());
});

/** @param {Partial<Verdict>} given */
function show(given) {
  const { id } = current;
  if (given.isSolved && !progress.solved.includes(id)) {
    progress.solved.push(id);
    writeProgress(progress);
  }
  showIndex();
  const next = nextOf();
  verdict.replaceChildren(...verdictOf(given, current, {
    isLast: next === undefined,
    toNext: next && (() => openByHand(next)),
  }));
  // On a phone it would be above or below what is seen.
  verdict.scrollIntoView({ block: "nearest" });
}
