// Creates and updates DOM elements.
//
// Guarantees: children are inserted as text nodes, never as markup; no style or event handler attribute is set, which the content
// security policy would block.

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | boolean>} [attributes] true sets an empty attribute, false sets none
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/**
 * Sets the text if it differs: an unchanged node keeps the user's selection and causes no layout.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Sets `hidden` if it differs: setting it to the same value still notifies mutation observers.
 * @param {HTMLElement} element
 * @param {boolean} isHidden
 */
export function setHidden(element, isHidden) {
  if (element.hidden !== isHidden) element.hidden = isHidden;
}

/**
 * @param {string} id of an element in index.html
 * @returns {HTMLElement}
 */
export function elementById(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element;
}

/**
 * A button that does not submit a form.
 * @param {Record<string, string | boolean>} attributes
 * @param {string} text
 * @param {() => void} onClick
 */
export function button(attributes, text, onClick) {
  const element = make("button", { type: "button", ...attributes }, text);
  element.addEventListener("click", onClick);
  return element;
}

/**
 * Makes the parent's children exactly these elements, in this order, moving only those that are out of place.
 * @param {HTMLElement} parent
 * @param {HTMLElement[]} children
 */
export function reconcileChildren(parent, children) {
  const kept = new Set(children);
  for (const child of [...parent.children]) if (child instanceof HTMLElement && !kept.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const element of children) {
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  }
}

/** Whether a modal dialog is open. */
export const isDialogOpen = () => document.querySelector("dialog[open]") !== null;
