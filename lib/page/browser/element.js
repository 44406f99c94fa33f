// Creates elements, and puts them in their place.

/**
 * Creates an element. Text is inserted as text, so no name can become markup.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean | undefined>} [attributes] `true`
 * sets an empty one, `false` none
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/**
 * Puts these elements into another one, and moves none that is in its place: it
 * would lose its focus, and what is being typed in it.
 *
 * @param {HTMLElement} parent
 * @param {HTMLElement[]} children
 */
export function arrangeIn(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) {
    if (!wanted.has(/** @type {HTMLElement} */ (child))) child.remove();
  }
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}
